"""Public pages of the job ads, and their parts on the booth page and the hall's cards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, Flask, g, render_template, url_for
from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _
from markupsafe import Markup

from miitti.accounts import queries as accounts
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import access, clock, language, pages, settings
from miitti.foundation.access import Role
from miitti.vacancies import queries
from miitti.vacancies.models import Vacancy
from miitti.vacancies.states import PayUnit

blueprint = Blueprint("vacancies", __name__)


def plug(app: Flask) -> None:
    """Put jobs on the booth page and their facts on the cards; give templates the words for pay."""
    pages.fill(app, "booth.main", _of_booth, order=20)
    pages.facts(app, "hall.card", _facts)
    pages.facts(app, "hall.sum", _places_in_all)
    pages.facts(app, "hall.words", _words)
    app.jinja_env.globals.update(pay=pay, places=places)


@blueprint.get("/jobs")
@access.allow(Role.VISITOR)
def jobs() -> str:
    """Ads of all companies in all Miittis, the newest first."""
    return render_template("vacancies/jobs.html", ads=queries.open_now())


@blueprint.get("/jobs/<int:vacancy_id>")
@access.allow(Role.VISITOR)
def page(vacancy_id: int) -> str:
    """One job ad."""
    vacancy, booth, event = queries.shown(vacancy_id)
    return render_template(
        "vacancies/page.html",
        vacancy=vacancy,
        booth=booth,
        event=event,
        linked_data=linked_data(vacancy, booth),
        canonical=address(vacancy),
    )


def address(vacancy: Vacancy) -> str:
    """The ad's full public address."""
    return settings.current().base_url + url_for("vacancies.page", vacancy_id=vacancy.id)


def euros(low: Decimal, high: Decimal, unit: PayUnit) -> str:
    """A pay range in words: "15,80–19,50 €/h", "2 600 €/kk"; one figure when both ends are the same."""
    pattern = "#,##0" if low == low.to_integral() and high == high.to_integral() else "#,##0.00"
    figures = [format_decimal(figure, format=pattern) for figure in dict.fromkeys((low, high))]
    if unit is PayUnit.MONTH:
        return str(_("%(euros)s €/month", euros="–".join(figures)))
    return str(_("%(euros)s €/h", euros="–".join(figures)))


def pay(vacancy: Vacancy) -> str:
    """The pay range of an ad in words."""
    return euros(vacancy.pay_min, vacancy.pay_max, vacancy.pay_unit)


def places(number: int) -> str:
    """How many people are wanted, in words."""
    return str(ngettext("%(num)d job", "%(num)d jobs", number))


def linked_data(vacancy: Vacancy, booth: Booth) -> dict[str, Any]:
    """The ad as schema.org JobPosting (JSON-LD) with the fields Google's job search requires."""
    organisation = accounts.organisation(booth.organisation_id)
    text = language.pick(vacancy, "text") or language.pick(booth, "sentence") or language.pick(vacancy, "title")
    return {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": language.pick(vacancy, "title"),
        "description": text,
        "identifier": {"@type": "PropertyValue", "name": booth.name, "value": str(vacancy.id)},
        "datePosted": vacancy.posted_at.astimezone(clock.HELSINKI).date().isoformat(),
        "hiringOrganization": {"@type": "Organization", "name": language.pick(organisation, "name")},
        "jobLocation": {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                "addressLocality": booth.municipality or organisation.municipality,
                "addressCountry": "FI",
            },
        },
        "totalJobOpenings": vacancy.places,
        "directApply": True,
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": "EUR",
            "value": {
                "@type": "QuantitativeValue",
                "minValue": float(vacancy.pay_min),
                "maxValue": float(vacancy.pay_max),
                "unitText": vacancy.pay_unit.value.upper(),
            },
        },
        "url": address(vacancy),
    }


def _of_booth(**ctx: Any) -> Markup | str:
    ads = queries.of_booth(ctx["booth"].id)
    if not ads:
        return ""
    return Markup(render_template("vacancies/of_booth.html", ads=ads))  # noqa: S704 - our own template


def _facts(**ctx: Any) -> list[str]:
    booth: Booth = ctx["booth"]
    # one query for the whole hall, whatever the number of cards
    sums: dict[int, dict[int, queries.Sum]] = g.setdefault("vacancy_sums", {})
    if booth.event_id not in sums:
        sums[booth.event_id] = queries.summed(booth.event_id)
    found = sums[booth.event_id].get(booth.id)
    if found is None:
        return []
    return [places(found.places), *([euros(*found.pay)] if found.pay else [])]


def _words(**ctx: Any) -> list[str]:
    """What the booth's ads say, for the hall's search."""
    booth: Booth = ctx["booth"]
    ads: dict[int, list[str]] = g.setdefault("vacancy_words", {})
    if not ads:
        for ad in queries.of_event(booth.event_id):
            ads.setdefault(ad.booth_id, []).extend(
                (ad.title_fi, ad.title_sv, ad.title_en, ad.text_fi, ad.text_sv, ad.text_en)
            )
    return ads.get(booth.id, [])


def _places_in_all(**ctx: Any) -> str | None:
    event: Event = ctx["event"]
    number = queries.places_of_event(event.id)
    return places(number) if number else None

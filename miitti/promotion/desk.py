"""The promotion pages of the desk: everything that spreads the word, for hosts and for each company."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup

from miitti.booths import queries as booths
from miitti.booths.desk import EDITORS
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, language, pages
from miitti.foundation.access import HOSTS
from miitti.promotion import kits, states
from miitti.teasers import queries as teasers
from miitti.vacancies import queries as vacancies

blueprint = Blueprint("promotion_desk", __name__, url_prefix="/desk")


def plug(app: Flask) -> None:
    """Lead to the kit from the event's and the booth's own desk page."""
    pages.facts(app, "desk.links", _of_event)
    pages.fill(app, "desk.booth", _of_booth, order=60)


@blueprint.get("/events/<slug>/promotion")
@access.allow(*HOSTS)
def kit(slug: str) -> str:
    """Links, papers, pictures and texts for hosts; `?in=` is the language of the materials."""
    event = events.hosted(slug, access.me())
    chosen = _chosen()
    with force_locale(chosen):
        texts = kits.texts(event, _partner())
    return render_template(
        "promotion/kit.html",
        event=event,
        chosen=chosen,
        texts=texts,
        shares=kits.materials("promotion.share", slug=slug, lang=chosen),
        partners=_partners(event),
        partner=_partner(),
        asked=request.args.get("partner", ""),
        link=kits.link(event, _partner()),
        names=language.NAMES,
        reminders=teasers.number_of_event(event.id),
        companies=booths.of_event(event.id),
    )


@blueprint.get("/booths/<event>/<booth>/promotion")
@access.allow(*EDITORS)
def company(event: str, booth: str) -> str:
    """A company's own pictures and link: its booth, and each of its jobs."""
    found, its_event = booths.editable(event, booth, access.me())
    chosen = _chosen()
    own = {"slug": event, "booth": booth, "lang": chosen}
    return render_template(
        "promotion/company.html",
        event=its_event,
        booth=found,
        chosen=chosen,
        names=language.NAMES,
        link=kits.link(its_event, found.slug),
        visits=dict(teasers.arrivals(its_event.id)).get(found.slug, 0),
        shares=kits.materials("promotion.share_booth", **own),
        jobs=[
            (vacancy, kits.materials("promotion.share_job", vacancy_id=vacancy.id, lang=chosen))
            for vacancy in vacancies.of_booth(found.id)
        ],
    )


def _chosen() -> str:
    """The language of the materials: the one asked for, else the reader's own."""
    asked = request.args.get("in", "")
    return asked if asked in language.LANGUAGES else language.current()


def _partner() -> str | None:
    return states.partner_word(request.args.get("partner", ""))


def _partners(event: Event) -> list[dict[str, Any]]:
    """Everybody who can have a link of their own, with how many visits it has brought."""
    counted = dict(teasers.arrivals(event.id))
    names = {host.slug: language.pick(host, "name") for host in events.cohosts(event.id)}
    names |= {booth.slug: booth.name for booth in booths.of_event(event.id)}
    names |= {
        "kirjasto": _("Library"),
        "koulu": _("School"),
        "lehti": _("Newspaper"),
        "facebook": "Facebook",
        "instagram": "Instagram",
        "whatsapp": "WhatsApp",
    }
    words = dict.fromkeys([*names, *([word] if (word := _partner()) else []), *counted])
    return [
        {"word": word[:40], "name": names.get(word, word), "visits": counted.get(word[:40], 0)}
        for word in words
        if states.partner_word(word)
    ]


def _of_event(**ctx: Any) -> dict[str, str]:
    slug = ctx["event"].slug
    return {
        "title": _("Promotion"),
        "note": _("Pictures, posters, texts and each partner's own link"),
        "url": url_for("promotion_desk.kit", slug=slug),
    }


def _of_booth(**ctx: Any) -> Markup:
    page = render_template("promotion/company_link.html", event=ctx["event"], booth=ctx["booth"])
    return Markup(page)  # noqa: S704 - our own template

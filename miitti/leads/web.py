"""The applicant's side: the form at a booth, its receipt, and taking the details back. No account, no script."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, errors, language, limits, pages
from miitti.foundation.access import Role
from miitti.leads import actions, forms, queries, states
from miitti.vacancies import queries as vacancies

blueprint = Blueprint("leads", __name__)

BURST, PER_S = 40, 0.1
"""Forty at once and six a minute after that: a whole hall has some thirty booths."""

NETWORK_BURST, NETWORK_PER_S = 300, 5
"""A school or an office sits behind one address; a thousand posts a minute is neither."""

LOOPBACK = ("127.0.0.1", "::1")


def plug(app: Flask) -> None:
    """Put the form beside every booth."""
    pages.fill(app, "booth.aside", _beside_booth, order=10)


@blueprint.get("/miitti/<slug>/booths/<booth>/leads")
@access.allow(Role.VISITOR)
def form(slug: str, booth: str) -> str:
    """The form on a page of its own: what links from job ads and the live page open."""
    event, stand = _stand(slug, booth)
    blank = _blank(stand)
    blank.source.data = request.args.get("from", states.Source.BOOTH)
    blank.vacancy.data = request.args.getlist("vacancy", type=int)
    return _page(event, stand, blank)


@blueprint.post("/miitti/<slug>/booths/<booth>/leads")
@access.allow(Role.VISITOR)
def leave(slug: str, booth: str) -> Answer:
    """Take the details; whatever goes wrong, the form comes back with all that was typed."""
    event, stand = _stand(slug, booth)
    sent = forms.LeadForm.sent()
    sent.offer(list(vacancies.of_booth(stand.id)))
    visitor = access.me().visitor or ""
    try:
        _pace(visitor)
        if sent.website.data:
            raise errors.Invalid(_("This must be empty: it is a trap for robots."), field="website")
        receipt = actions.leave(
            booth_id=stand.id,
            form_key=sent.key(),
            visitor=visitor,
            name=sent.name.data or "",
            email=sent.email.data or "",
            phone=sent.phone.data or "",
            message=sent.message.data or "",
            vacancy_ids=sent.vacancy.data or [],
            source=sent.came_from(),
            language=language.current(),
        )
    except errors.NotFound:
        raise
    except errors.Problem as problem:
        if pages.wants_json():
            raise
        return _again(event, stand, sent, problem)
    return redirect(url_for("leads.receipt", receipt=receipt), 303)


@blueprint.get("/leads/<receipt>")
@access.allow(Role.VISITOR)
def receipt(receipt: str) -> Response:
    """The applicant's copy: what was sent, to whom, whether it has arrived; and the way back."""
    whole = queries.by_receipt(receipt)
    page = render_template(
        "leads/receipt.html",
        heading=_("Withdrawn") if whole.lead.withdrawn_at else _("Thank you! Your details are safe"),
        whole=whole,
        company=queries.employer(whole.booth),
    )
    return _private(make_response(page))


@blueprint.post("/leads/<receipt>")
@access.allow(Role.VISITOR)
def withdraw(receipt: str) -> Answer:
    """Take the details back and erase them."""
    actions.withdraw(receipt=receipt)
    return redirect(url_for("leads.receipt", receipt=receipt), 303)


def _stand(slug: str, booth: str) -> tuple[Event, Booth]:
    event = events.seen(slug, access.me())
    return event, booths.by_slug(event.id, booth)


def _blank(booth: Booth) -> forms.LeadForm:
    blank = forms.LeadForm()
    blank.offer(list(vacancies.of_booth(booth.id)))
    blank.form_key.data = forms.new_key()
    blank.source.data = states.Source.BOOTH
    return blank


def _page(event: Event, booth: Booth, lead_form: forms.LeadForm, **extra: object) -> str:
    return render_template(
        "leads/leave.html",
        heading=_("I'm interested"),
        event=event,
        booth=booth,
        form=lead_form,
        company=queries.employer(booth),
        **extra,
    )


def _beside_booth(*, event: Event, booth: Booth, **_ctx: object) -> Markup:
    """The form for the booth's own page."""
    return Markup(  # noqa: S704 - a rendered template
        render_template(
            "leads/beside.html",
            event=event,
            booth=booth,
            form=_blank(booth),
            company=queries.employer(booth),
            level=2,
        )
    )


def _again(event: Event, booth: Booth, sent: forms.LeadForm, problem: errors.Problem) -> Response:
    """The form with everything typed still in it, and what was wrong."""
    sent.form_key.data = sent.key()
    if isinstance(problem, errors.Invalid):
        sent.blame(problem)
    # what concerns no field (too fast, busy) stands above the form by itself
    said = None if sent.errors else str(problem.message)
    answer = make_response(_page(event, booth, sent, said=said), problem.status)
    retry = getattr(problem, "retry_after", None)
    if retry is not None:
        answer.headers["Retry-After"] = str(max(1, int(-(-retry // 1))))
    return _private(answer)


def _pace(visitor: str) -> None:
    """Hold back a script. Raises TooMany.

    Loopback is no network of people: behind a proxy that isn't declared everybody would come from there.
    """
    limits.take(f"lead:{visitor}", burst=BURST, per_s=PER_S)
    address = limits.address()
    if address not in LOOPBACK:
        limits.take(f"lead-from:{address}", burst=NETWORK_BURST, per_s=NETWORK_PER_S)


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer

"""The applicant's side: the form, its receipt, and taking the details back. No account; works without script."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, errors, language, limits, links, pages, papers, settings
from miitti.foundation.access import Role
from miitti.intake import queries as intake
from miitti.leads import actions, forms, queries, states
from miitti.leads.details import Paper, Sent, Typed
from miitti.leads.models import LeadPaper
from miitti.vacancies import queries as vacancies

blueprint = Blueprint("leads", __name__)

BURST, PER_S = 40, 0.1
"""Forty at once and six a minute after that: a whole hall has some thirty booths."""

NETWORK_BURST, NETWORK_PER_S = 300, 5
"""A school or an office sits behind one address; a thousand posts a minute is neither."""

LOOPBACK = ("127.0.0.1", "::1")

MOST_BODY = 64 * 1024 * 1024
"""Largest body of the form in bytes. Far above the largest CV, so that a file too large still gets the form back
with what was typed; werkzeug keeps what is above half a megabyte on the disk, not in memory."""


def plug(app: Flask) -> None:
    """Put the form beside every booth, job ad and the live picture."""
    pages.fill(app, "booth.aside", _beside_booth, order=10)
    pages.fill(app, "vacancy.main", _beside_job, order=10)
    pages.fill(app, "event.now", _beside_stage, order=20)

    @app.before_request
    def _room_for_a_cv() -> None:
        if request.endpoint == "leads.leave":
            request.max_content_length = MOST_BODY

    # before the CSRF check, which reads the form
    app.before_request_funcs[None].insert(0, app.before_request_funcs[None].pop())


@blueprint.get("/miitti/<slug>/booths/<booth>/leads")
@access.allow(Role.VISITOR)
def form(slug: str, booth: str) -> str:
    """The form on a page of its own: what links from job ads and the live page open."""
    event, stand = _stand(slug, booth)
    wanted = request.args.getlist("vacancy", type=int)
    return _page(event, stand, _blank(stand, request.args.get("from", states.Source.BOOTH), wanted))


@blueprint.post("/miitti/<slug>/booths/<booth>/leads")
@access.allow(Role.VISITOR)
def leave(slug: str, booth: str) -> Answer:
    """Take the details; whatever goes wrong, the form comes back with all that was typed.

    The usual way asks for little: what a form coming back needs to be drawn is looked up only then.
    """
    stand = queries.stand_by_slugs(slug, booth)
    sent = forms.LeadForm.sent()
    visitor = access.me().visitor or ""
    paper: Paper | None = None
    try:
        _pace(visitor)
        if sent.website.data:
            raise errors.Invalid(_("This must be empty: it is a trap for robots."), field="website")
        paper = _paper()
        typed = Typed(
            name=sent.name.data or "",
            email=sent.email.data or "",
            phone=sent.phone.data or "",
            message=sent.message.data or "",
            vacancy_ids=sent.vacancy.data or [],
            choices=sent.choices(),
            answers=forms.answers(request.form),
        )
        receipt = actions.leave_with_others(
            Sent(stand.id, sent.key(), visitor, typed, paper, sent.came_from(), language.current())
        )
    except errors.Problem as problem:
        if paper is not None:
            papers.forget(paper.name)
        if isinstance(problem, errors.NotFound) or pages.wants_json():
            raise
        return _again(*_stand(slug, booth), problem)
    address = url_for("leads.receipt", receipt=receipt)
    if pages.wants_json():
        return jsonify(ok=True, receipt=address)
    return redirect(address, 303)


@blueprint.get("/leads/<receipt>")
@access.allow(Role.VISITOR)
def receipt(receipt: str) -> Response:
    """The applicant's copy: what was sent, to whom, whether it has arrived; and the way back."""
    whole = queries.by_receipt(receipt)
    page = render_template(
        "leads/receipt.html",
        heading=_("Withdrawn")
        if whole.lead.withdrawn_at
        else _("Your details were erased")
        if whole.lead.erased_at
        else _("Thank you! Your details are safe"),
        whole=whole,
        company=queries.employer(whole.booth),
        months=settings.current().employer_months,
    )
    return private(make_response(page))


@blueprint.post("/leads/<receipt>")
@access.allow(Role.VISITOR)
def withdraw(receipt: str) -> Answer:
    """Take the details back and erase them."""
    actions.withdraw(receipt=receipt)
    return redirect(url_for("leads.receipt", receipt=receipt), 303)


@blueprint.get("/leads/cv/<token>")
@access.allow(Role.VISITOR)
def cv(token: str) -> Response:
    """A CV behind the expiring link of a letter."""
    reference, name = links.opened("cv", token)
    paper = queries.by_reference(reference).paper
    if paper is None or paper.name != name:
        raise errors.NotFound
    return served(paper)


def served(paper: LeadPaper) -> Response:
    """A CV as a file to save: never shown by the browser as a page of ours. Raises NotFound while it isn't ready."""
    if not paper.ready:
        raise errors.NotFound
    try:
        content = papers.read(paper.name)
    except FileNotFoundError:
        raise errors.NotFound from None
    answer = Response(content, mimetype=papers.MEDIA_TYPES[paper.kind])
    answer.headers.set("Content-Disposition", "attachment", filename=paper.title)
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return private(answer)


def private(answer: Response) -> Response:
    """Keep an answer out of caches and search engines."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _stand(slug: str, booth: str) -> tuple[Event, Booth]:
    event = events.seen(slug, access.me())
    return event, booths.by_slug(event.id, booth)


def _paper() -> Paper | None:
    """The CV that was sent, judged and kept. Raises TooBig or UnsupportedType."""
    given = request.files.get("cv")
    if given is None or not given.filename:
        return None
    content = given.stream.read(papers.MOST_BYTES + 1)
    if not content:
        return None
    kind = papers.judged(content)
    digest = hashlib.sha256(content).hexdigest()
    return Paper(papers.keep(content), papers.safe_name(given.filename, kind), kind, len(content), digest)


def _blank(booth: Booth, source: str, wanted: list[int]) -> forms.LeadForm:
    blank = forms.with_prompts(intake.prompts(booth.id))()
    blank.offer(list(vacancies.of_booth(booth.id)))
    blank.form_key.data = forms.new_key()
    blank.source.data = source
    blank.vacancy.data = wanted
    return blank


def _page(event: Event, booth: Booth, lead_form: forms.LeadForm, **extra: object) -> str:
    return render_template("leads/leave.html", heading=_("I'm interested"), **_shown(event, booth, lead_form), **extra)


def _shown(event: Event, booth: Booth, lead_form: forms.LeadForm) -> dict[str, Any]:
    return {
        "event": event,
        "booth": booth,
        "form": lead_form,
        "company": queries.employer(booth),
        "privacy": language.pick(intake.of_booth(booth.id), "privacy"),
        "most_bytes": papers.MOST_BYTES,
    }


def _part(template: str, event: Event, booth: Booth, lead_form: forms.LeadForm) -> Markup:
    return Markup(render_template(template, level=2, **_shown(event, booth, lead_form)))  # noqa: S704 - our template


def _beside_booth(*, event: Event, booth: Booth, **_ctx: object) -> Markup:
    """The form for the booth's own page; a link from an ad has ticked its job."""
    wanted = request.args.getlist("job", type=int)
    source = states.Source.JOB if wanted else request.args.get("from", states.Source.BOOTH)
    return _part("leads/beside.html", event, booth, _blank(booth, source, wanted))


def _beside_job(*, event: Event, booth: Booth, vacancy: Any, **_ctx: object) -> Markup:
    return _part("leads/beside.html", event, booth, _blank(booth, states.Source.JOB, [vacancy.id]))


def _beside_stage(*, event: Event, doors: Doors, item: Any = None, **_ctx: object) -> Markup | str:
    """Beside the live picture: the form of the company that is on just now, folded up."""
    if doors is not Doors.LIVE or item is None or item.organisation_id is None:
        return ""
    booth = next((one for one in booths.of_event(event.id) if one.organisation_id == item.organisation_id), None)
    if booth is None:
        return ""
    return _part("leads/on_stage.html", event, booth, _blank(booth, states.Source.STAGE, []))


def _again(event: Event, booth: Booth, problem: errors.Problem) -> Response:
    """The form with everything typed still in it, and what was wrong."""
    sent = forms.with_prompts(intake.prompts(booth.id)).sent()
    sent.offer(list(vacancies.of_booth(booth.id)))
    sent.form_key.data = sent.key()
    if isinstance(problem, errors.Invalid):
        sent.blame(problem)
    elif problem.field == "cv":
        sent.blame(errors.Invalid(problem.message, field="cv"))
    # what concerns no field (too fast, busy) stands above the form by itself
    said = None if sent.errors else str(problem.message)
    given = request.files.get("cv")
    lost = bool(given and given.filename)
    answer = make_response(_page(event, booth, sent, said=said, choose_again=lost), problem.status)
    retry = getattr(problem, "retry_after", None)
    if retry is not None:
        answer.headers["Retry-After"] = str(max(1, int(-(-retry // 1))))
    return private(answer)


def _pace(visitor: str) -> None:
    """Hold back a script. Raises TooMany.

    Loopback is no network of people: behind a proxy that isn't declared everybody would come from there.
    """
    limits.take(f"lead:{visitor}", burst=BURST, per_s=PER_S)
    address = limits.address()
    if address not in LOOPBACK:
        limits.take(f"lead-from:{address}", burst=NETWORK_BURST, per_s=NETWORK_PER_S)

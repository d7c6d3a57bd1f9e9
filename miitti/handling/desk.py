"""Parts of the company's desk: notes, who takes whom, doubles, and answers to many at once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from miitti.events import queries as events
from miitti.foundation import access, errors, pages
from miitti.foundation.access import Power
from miitti.foundation.language import LANGUAGES
from miitti.handling import actions, queries, states
from miitti.leads import queries as leads
from miitti.leads import states as leads_states
from miitti.leads.desk import STATE_WORDS
from miitti.leads.queries import Whole
from miitti.leads.web import private

blueprint = Blueprint("handling_desk", __name__)

AFTER = {
    states.Template.THANKS: leads_states.LeadState.CONTACTED,
    states.Template.INTERVIEW: leads_states.LeadState.INTERVIEW,
    states.Template.NOT_NOW: leads_states.LeadState.NOT_NOW,
}
"""Where the talk stands after an answer of each kind, unless another state is chosen."""


def plug(app: Flask) -> None:
    """Put notes and people on each card, and the way to answer many at the top of the list."""
    pages.fill(app, "lead.card", _card, order=10)
    pages.fill(app, "lead.desk", _top, order=10)
    pages.fill(app, "desk.event", _advice_link, order=40)


@blueprint.post("/desk/leads/<reference>/notes")
@access.allow(*access.holders(Power.READ_LEADS))
def write_note(reference: str) -> Answer:
    """Write a note, or remove one."""
    removed = request.form.get("remove", type=int)
    if removed is not None:
        actions.remove_note(reference=reference, note_id=removed, who=access.me())
    else:
        actions.write_note(reference=reference, text=request.form.get("text", ""), who=access.me())
    return _back(reference)


@blueprint.post("/desk/leads/<reference>/assignee")
@access.allow(*access.holders(Power.READ_LEADS))
def assign(reference: str) -> Answer:
    """Say who takes a lead."""
    actions.assign(reference=reference, person_id=request.form.get("person", type=int), who=access.me())
    return _back(reference)


@blueprint.post("/desk/leads/<reference>/same")
@access.allow(*access.holders(Power.READ_LEADS))
def join(reference: str) -> Answer:
    """Join a double with the earlier one, or part them."""
    actions.join(reference=reference, same_as=request.form.get("as") or None, who=access.me())
    return _back(reference)


@blueprint.get("/desk/answers")
@access.allow(*access.holders(Power.READ_LEADS))
def answers() -> Response:
    """Who waits, and a text to begin with."""
    asked = request.args.get("template", "")
    template = states.Template(asked) if asked in set(states.Template) else states.Template.THANKS
    typed: dict[str, str] = {"state": AFTER[template]}
    for code in LANGUAGES:
        with force_locale(code):
            typed[f"subject_{code}"] = str(states.SUBJECTS[template])
            typed[f"text_{code}"] = str(states.TEXTS[template])
    return _answers(template, typed, set(), {})


@blueprint.post("/desk/answers")
@access.allow(*access.holders(Power.READ_LEADS))
def answer() -> Answer:
    """Send it; what is typed stays when something is missing."""
    typed = {name: value for name, value in request.form.items() if name.startswith(("subject_", "text_", "state"))}
    chosen = request.form.getlist("lead")
    asked = typed.get("state", "")
    try:
        number = actions.answer(
            references=chosen,
            subjects={code: typed.get(f"subject_{code}", "") for code in LANGUAGES},
            texts={code: typed.get(f"text_{code}", "") for code in LANGUAGES},
            state=leads_states.LeadState(asked) if asked in set(leads_states.LeadState) else leads_states.LeadState.NEW,
            who=access.me(),
        )
    except errors.Invalid as problem:
        return make_response(_answers(states.Template.THANKS, typed, set(chosen), problem.fields), 422)
    flash(ngettext("%(num)d letter is on its way.", "%(num)d letters are on their way.", number), "done")
    return redirect(url_for("leads_desk.leads"), 303)


@blueprint.get("/desk/events/<slug>/advice")
@access.allow(*access.holders(Power.ADVISE))
def advice(slug: str) -> Response:
    """For the employment area's adviser: those who chose to be contacted, by name and contacts only."""
    event = events.hosted(slug, access.me())
    if not queries.advises(access.me(), event.id):
        raise errors.Refused(_("Only the employment area's own advisers see this."))
    page = render_template(
        "handling/advice.html",
        heading=_("Wish to be contacted by an adviser"),
        event=event,
        people=queries.advised(event.id),
        dialled=leads_states.dialled,
    )
    return private(make_response(page))


def _answers(template: states.Template, typed: dict[str, str], chosen: set[str], fields: dict[str, Any]) -> Response:
    waiting = [
        whole
        for whole in leads.of_company(access.me())
        if whole.lead.erased_at is None and whole.lead.state is not leads_states.LeadState.WITHDRAWN
    ]
    page = render_template(
        "handling/answers.html",
        heading=_("Answer many at once"),
        template=template,
        templates=states.SUBJECTS,
        leads=waiting,
        typed=typed,
        chosen=chosen,
        fields=fields,
        settable=leads_states.SETTABLE,
        state_words=STATE_WORDS,
        lengths={"subject": states.SUBJECT_LENGTH, "text": states.TEXT_LENGTH},
    )
    return private(make_response(page))


def _back(reference: str) -> Answer:
    flash(_("Saved."), "done")
    return redirect(url_for("leads_desk.leads", _anchor=reference), 303)


def _card(*, whole: Whole, leads: list[Whole], **_ctx: object) -> Markup:
    if "handling" not in g:
        known = queries.beside([one.lead.id for one in leads])
        g.handling = (known, queries.doubles(leads, known), {one.lead.id: one for one in leads}, {})
    known, doubles, by_id, people = g.handling
    organisation_id = whole.booth.organisation_id
    if organisation_id not in people:
        people[organisation_id] = queries.colleagues(organisation_id)
    beside = known[whole.lead.id]
    page = render_template(
        "handling/card.html",
        lead=whole.lead,
        beside=beside,
        people=people[organisation_id],
        double=doubles.get(whole.lead.id),
        same=by_id.get(beside.handling.same_as_id) if beside.handling else None,
        most=states.NOTE_LENGTH,
    )
    return Markup(page)  # noqa: S704 - our own template


def _top(*, leads: list[Whole], **_ctx: object) -> Markup | str:
    if not any(whole.lead.email for whole in leads):
        return ""
    return Markup(render_template("handling/top.html"))  # noqa: S704 - our own template


def _advice_link(**ctx: Any) -> Markup | str:
    event = ctx["event"]
    if not queries.advises(access.me(), event.id):
        return ""
    page = render_template("handling/advice_link.html", event=event, number=len(queries.advised(event.id)))
    return Markup(page)  # noqa: S704 - our own template

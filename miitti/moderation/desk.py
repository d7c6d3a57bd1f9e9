"""The moderators' page: what waits, what is on the list, what is being answered. Works live and by plain forms."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import xlsxwriter
from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, clock, errors, ids, pages
from miitti.foundation.access import Power
from miitti.moderation import actions, forms
from miitti.moderation import queries as moderated
from miitti.moderation.actions import Args
from miitti.presence import queries as present
from miitti.questions import actions as questions
from miitti.questions import queries, states
from miitti.questions.models import Channel
from miitti.questions.states import ChanOp, Doc, Op, State, View

blueprint = Blueprint("questions_desk", __name__)

PAUSES = (0, 30, 60, 120, 300)
"""Seconds one may be made to wait between questions."""
STAFF = access.holders(Power.MODERATE, Power.COMPANY_WORK)


def plug(app: Flask) -> None:
    """Put the page and its link into the application."""
    app.register_blueprint(blueprint)
    pages.desk_link(app, links, order=20)


def links() -> list[tuple[str, str, str]]:
    """The desk's way to the questions: the nearest event's stage for its hosts, own booths for a company."""
    who = access.me()
    now = clock.now()
    running = [event for event in events.hosted_by(who) if events.doors(event) is not Doors.OVER]
    nearest = sorted(running, key=lambda event: abs(event.starts_at - now))[:1]
    found = [(_("Questions"), _address(event, queries.STAGE), _badge(event, queries.STAGE)) for event in nearest]
    for booth, event in booths.of_who(who):
        if who.may(*queries.MODERATORS, event_id=event.id) or events.doors(event) is Doors.DRAFT:
            continue
        ch = f"{queries.BOOTH}{booth.slug}"
        found.append((_("Questions to %(booth)s", booth=booth.name), _address(event, ch), _badge(event, ch)))
    return found[:4]


def _address(event: Event, ch: str) -> str:
    return f"/desk/events/{event.slug}/questions" + ("" if ch == queries.STAGE else f"?ch={ch}")


def _badge(event: Event, ch: str) -> str:
    channel = queries.channel(event.id, ch)
    waiting = 0 if channel is None else queries.waiting(channel.id)
    if ch.startswith(queries.BOOTH):
        waiting += moderated.given_open(event.id, ch.removeprefix(queries.BOOTH))
    return str(waiting) if waiting else ""


@blueprint.get("/desk/events/<slug>/questions")
@access.allow(*STAFF)
def queue(slug: str) -> str:
    """The queue of one channel (`?ch=`, the stage by default)."""
    event, channel, booth = _moderated(slug, request.args.get("ch", queries.STAGE))
    return _page(event, channel, booth)


@blueprint.post("/desk/events/<slug>/questions")
@access.allow(*STAFF)
def decide(slug: str) -> Answer | tuple[str, int]:
    """Carry out one press of a button sent as a form."""
    form = forms.ModerateForm.sent()
    form.check()
    event, channel, booth = _moderated(slug, form.ch.data or queries.STAGE)
    who = access.me()
    assert who.person is not None  # _moderated refuses anybody else
    try:
        if form.op.data == "mute":
            minutes = form.minutes.data or 0
            actions.mute(channel_id=channel.id, cid=ids.new(), question_id=form.id.data or "", minutes=minutes)
            flash(_("The asker can't ask for 15 minutes.") if minutes else _("The asker can ask again."), "done")
            return redirect(f"{_address(event, channel.ch)}#q-{form.id.data}", 303)
        outcome = actions.moderate(
            channel_id=channel.id,
            person_id=who.person,
            cid=form.cid.data or ids.new(),
            question_id=form.id.data or "",
            rev=form.rev.data or 0,
            op=_op(form.op.data),
            args=_args(form, event, channel, queries.speaks_as(who, channel, booth)),
        )
    except (errors.Conflict, errors.Invalid) as problem:
        return _page(event, channel, booth, str(problem.message), form.body.data or ""), problem.status
    return redirect(f"{_address(event, channel.ch)}#q-{outcome.q['id']}", 303)


def _op(word: str | None) -> Op:
    try:
        return Op(word or "")
    except ValueError:
        raise errors.Invalid from None


def _args(form: forms.ModerateForm, event: Event, channel: Channel, by: str) -> Args:
    """What goes along with a press. Raises Invalid, or NotFound for a channel that is not one's own."""
    op = _op(form.op.data)
    into = form.into.data or ""
    if op is Op.MERGE and into.strip().isdigit():
        into = moderated.numbered(channel.id, int(into)).id
    move_to = None
    if op is Op.MOVE and form.move_ch.data:
        _event, target, _booth = _moderated(event.slug, form.move_ch.data)
        move_to = target.id
    at = None
    if op is Op.TIME:
        known = queries.question(channel.id, form.id.data or "")
        began = known.answering_at or known.answered_at
        at = began and began + timedelta(seconds=form.shift.data or 0)
    return Args(
        reason=form.reason.data or None,
        body=form.body.data or "",
        by=by,
        into=into,
        to=form.to.data or None,
        labels=(form.labels.data or "").split(",") if op is Op.LABEL else [],
        reply=form.reply.data or "",
        move_to=move_to,
        at=at,
    )


@blueprint.post("/desk/events/<slug>/questions/answer")
@access.allow(*access.holders(Power.COMPANY_WORK))
def answer(slug: str) -> Answer | tuple[str, int]:
    """A company answers in writing a question of the stage that was given to it."""
    who = access.me()
    if slug not in {event.slug for _booth, event in booths.of_who(who)}:
        raise errors.NotFound  # before anything is said about the form
    form = forms.AnswerForm.sent()
    form.check()
    event, own, booth = _moderated(slug, f"{queries.BOOTH}{form.booth.data}")
    stage = queries.channel(event.id, queries.STAGE)
    if stage is None or booth is None:
        raise errors.NotFound
    aside = queries.answers_aside(who, queries.question(stage.id, form.id.data or ""), event.id)
    if aside is None or aside.id != booth.id:
        raise errors.NotFound
    assert who.person is not None  # answers_aside gives nothing to anybody else
    try:
        actions.moderate(
            channel_id=stage.id,
            person_id=who.person,
            cid=form.cid.data or ids.new(),
            question_id=form.id.data or "",
            rev=form.rev.data or 0,
            op=Op.REPLY,
            args=Args(body=form.body.data or "", by=booth.name),
        )
    except (errors.Conflict, errors.Invalid) as problem:
        return _page(event, own, booth, str(problem.message), form.body.data or ""), problem.status
    return redirect(f"{_address(event, own.ch)}#given-{form.id.data}", 303)


@blueprint.post("/desk/events/<slug>/questions/channel")
@access.allow(*access.holders(Power.MODERATE, Power.COMPANY_WORK, Power.PRESENT))
def change(slug: str) -> Answer:
    """Change the channel by a form: open, close, approve first or not, the pause, next, clear, the word list."""
    event = events.by_slug(slug)
    ch = request.form.get("ch", queries.STAGE)
    channel = queries.channel(event.id, ch)
    if channel is None:
        raise errors.NotFound
    booth = queries.booth_of(channel)
    who = access.me()
    if not moderated.may_change(who, channel, booth, ChanOp.NEXT):
        raise errors.NotFound  # before anything is said about the form
    asked = request.form.get("op", "")
    if asked == "words":
        if not moderated.may_change(who, channel, booth, ChanOp.PREMOD) or booth is not None:
            raise errors.NotFound
        actions.set_words(event_id=event.id, text=request.form.get("words", ""))
        return redirect(_address(event, ch), 303)
    try:
        op = ChanOp(asked)
    except ValueError:
        raise errors.Invalid from None
    if not moderated.may_change(who, channel, booth, op):
        raise errors.NotFound
    assert who.person is not None  # may_change refuses anybody else
    actions.change_channel(
        channel_id=channel.id,
        person_id=who.person,
        cid=request.form.get("cid") or ids.new(),
        rev=None,
        op=op,
        on=request.form.get("on") == "1",
        seconds=request.form.get("seconds", default=0, type=int),
    )
    back = request.form.get("back", "")
    return redirect(f"/desk/events/{slug}/presenter" if back == "presenter" else _address(event, ch), 303)


# -- files ---------------------------------------------------------------------------------------------------


@blueprint.get("/desk/events/<slug>/questions.<any(csv, xlsx, json):kind>")
@access.allow(*STAFF)
def export(slug: str, kind: str) -> Response:
    """The questions, answers and votes of what the asking one moderates; no identities, no live formulas."""
    event = events.by_slug(slug)
    who = access.me()
    mine = [each for each in moderated.channels(event.id) if queries.moderates(who, each, queries.booth_of(each))]
    if not mine:
        raise errors.NotFound
    rows = moderated.exported(event.id, [channel.id for channel in mine])
    if kind == "json":
        text = json.dumps({"event": slug, "questions": rows}, ensure_ascii=False, indent=1)
        return _file(text.encode(), "application/json", f"{slug}.json")
    table = [list(moderated.COLUMNS), *([_cell(row[name]) for name in moderated.COLUMNS] for row in rows)]
    if kind == "csv":
        written = io.StringIO()
        csv.writer(written, delimiter=";", lineterminator="\r\n").writerows([harmless(c) for c in row] for row in table)
        return _file(written.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", f"{slug}.csv")
    book_file = io.BytesIO()
    book = xlsxwriter.Workbook(
        book_file,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    sheet = book.add_worksheet("questions")
    for at, row in enumerate(table):
        for column, cell in enumerate(row):
            sheet.write_string(at, column, cell[:32_767])  # Excel's most in one cell
    sheet.freeze_panes(1, 0)
    book.close()
    return _file(
        book_file.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", f"{slug}.xlsx"
    )


def _cell(value: Any) -> str:
    if isinstance(value, list):
        said = [f"{each['by']}: {each['body']}".lstrip(": ") if isinstance(each, dict) else str(each) for each in value]
        return "\n".join(said)
    return "" if value is None else str(value)


def harmless(cell: str) -> str:
    """A cell no spreadsheet takes for a formula: an apostrophe before what could begin one (OWASP, CSV injection)."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _file(content: bytes, kind: str, name: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


# -- finding and drawing -------------------------------------------------------------------------------------


def _moderated(slug: str, ch: str) -> tuple[Event, Channel, Booth | None]:
    """The channel when the one asking moderates it; otherwise it isn't there."""
    event = events.by_slug(slug)
    channel = queries.channel(event.id, ch) or questions.open_channel(event_id=event.id, ch=ch)
    booth = queries.booth_of(channel)
    if not queries.moderates(access.me(), channel, booth):
        raise errors.NotFound
    if channel.open != queries.takes_questions(channel):
        channel = questions.open_channel(event_id=event.id, ch=ch)
    return event, channel, booth


def _page(event: Event, channel: Channel, booth: Booth | None, problem: str = "", typed: str = "") -> str:
    """The queue; after a press that failed with why, and with what was written, so that it can be sent anew."""
    questions_here = queries.listed(channel, View.MOD)
    who = access.me()
    hosting = who.may(*queries.MODERATORS, event_id=event.id)
    open_ = _in(questions_here, State.PENDING, State.LIVE, State.ANSWERING)
    return render_template(
        "moderation/queue.html",
        event=event,
        booth=booth,
        channel=queries.channel_doc(channel),
        pending=_in(questions_here, State.PENDING),
        live=sorted(_in(questions_here, State.LIVE), key=lambda q: (not q["pinned"], -q["up"], q["asked_at"])),
        now=next(iter(_in(questions_here, State.ANSWERING)), None),
        answered=_in(questions_here, State.ANSWERED)[::-1],
        rest=_in(questions_here, State.REJECTED, State.ARCHIVED, State.MERGED)[::-1],
        channels=[(queries.STAGE, _("Stage"))]
        + [(f"{queries.BOOTH}{each.slug}", each.name) for each in booths.of_event(event.id)]
        if hosting
        else [],
        waiting=moderated.waiting(event.id) if hosting else {},
        booth_names={each.slug: each.name for each in booths.of_event(event.id)},
        cid=ids.new,
        reasons=states.REASONS,
        reason_words=_reasons(),
        open=len(open_),
        oldest=moderated.oldest_open([channel.id]),
        opened=request.args.get("open", ""),
        present=present.count(event.id, channel.ch),
        settable=moderated.may_change(who, channel, booth, ChanOp.PREMOD),
        screens=booth is None and who.may(*moderated.PRESENTERS, event_id=event.id),
        words=queries.words(event.id) if booth is None and hosting else None,
        given=None if booth is None or hosting else _given(event, booth),
        pauses=PAUSES,
        problem=problem,
        typed=typed,
    )


def _given(event: Event, booth: Booth) -> list[Doc]:
    rows = queries.given_to(event.id, booth.slug)
    replies = queries.replies_of([row.id for row in rows])
    return [queries.question_doc(row, queries.STAGE, replies[row.id]) for row in rows]


def _reasons() -> dict[str, str]:
    return {
        "off_topic": _("it is about something else"),
        "personal": _("it tells something personal"),
        "unclear": _("it is unclear"),
        "duplicate": _("it has been asked already"),
        "improper": _("it is improper"),
    }


def _in(questions: list[Doc], *wanted: State) -> list[Doc]:
    return [question for question in questions if question["state"] in wanted]

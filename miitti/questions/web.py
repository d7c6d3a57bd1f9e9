"""Public addresses of questions: the snapshots clients start from, asking without a script, and the panels.

A channel's public state is the same bytes for everybody, packed once per version; what is one person's own comes
from `me` alone.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answer

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, db, errors, ids, journal, language, limits, pages, ready
from miitti.foundation.access import Role, Who
from miitti.questions import actions, addresses, forms, queries, states
from miitti.questions.actions import Outcome
from miitti.questions.models import Channel
from miitti.questions.states import Doc, View

blueprint = Blueprint("questions", __name__)

PACKED_AT_MOST = 256
"""Channels whose state is kept packed in memory; one of 500 questions is about 250 kB plain, 40 kB packed."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A channel's public state, ready to be sent."""

    etag: str
    plain: bytes
    zipped: bytes


_packed: dict[int, Packed] = {}

_TOO_LATE = _l("That question has moved on and can't be changed any more. You can send this as a new one.")


def plug(app: Flask) -> None:
    """Put the addresses and the panels into the application."""
    app.register_blueprint(blueprint)
    pages.fill(app, "event.aside", stage_panel, order=10)
    pages.fill(app, "booth.main", booth_panel, order=60)
    pages.facts(app, "privacy.find", _kept)
    pages.facts(app, "privacy.erase", _forget)


# -- snapshots -----------------------------------------------------------------------------------------------


@blueprint.get("/miitti/<slug>/qa/<ch>/state")
@access.allow(Role.VISITOR)
def state(slug: str, ch: str) -> Response:
    """The channel as it is: everybody's view, or with `?v=mod` its moderators'."""
    event, channel, booth = _channel(slug, ch)
    if request.args.get("v") == View.MOD.value:
        if not queries.moderates(access.me(), channel, booth):
            raise errors.NotFound
        body = json.dumps(queries.snapshot(channel.id, View.MOD), ensure_ascii=False, separators=(",", ":"))
        private = Response(body, mimetype="application/json")
        private.headers["Cache-Control"] = "private, no-store"
        return private
    if events.doors(event) is not Doors.DRAFT:  # a draft is shown to its hosts only
        ready.begin(queries.stream(channel.id, View.PUB))
    packed = _pack(db.row(Channel, channel.id))
    ready.keep(packed.etag, packed.plain, packed.zipped)
    response = Response(mimetype="application/json")
    response.headers["ETag"] = packed.etag
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Vary"] = "Accept-Encoding"
    if packed.etag in request.headers.get("If-None-Match", "").replace("W/", ""):
        response.status_code = 304
        return response
    if request.accept_encodings["gzip"] > 0:
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(packed.zipped)
    else:
        response.set_data(packed.plain)
    return response


def _pack(channel: Channel) -> Packed:
    head = journal.head(queries.stream(channel.id, View.PUB))
    known = _packed.get(channel.id)
    if known is not None and known.etag == f'"{head.epoch}:{head.seq}:{channel.vrev}"':
        return known
    snapshot = queries.snapshot(channel.id, View.PUB)
    plain = json.dumps(snapshot, ensure_ascii=False, separators=(",", ":")).encode()
    packed = Packed(
        f'"{snapshot["epoch"]}:{snapshot["seq"]}:{snapshot["vrev"]}"', plain, gzip.compress(plain, 6, mtime=0)
    )
    while len(_packed) >= PACKED_AT_MOST:
        _packed.pop(next(iter(_packed)))
    _packed[channel.id] = packed
    return packed


@blueprint.get("/miitti/<slug>/qa/<ch>/me")
@access.allow(Role.VISITOR)
def mine(slug: str, ch: str) -> Response:
    """The asker's own questions and votes. Asking for it also makes the visitor's cookie."""
    _event, channel, _booth = _channel(slug, ch)
    body = json.dumps(queries.mine(channel, access.me().visitor), ensure_ascii=False)
    response = Response(body, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    return response


# -- without a script ----------------------------------------------------------------------------------------


@blueprint.get("/miitti/<slug>/qa/<ch>")
@access.allow(Role.VISITOR)
def channel_page(slug: str, ch: str) -> str:
    """A channel's questions as a page of their own: one's own ones, the list, and the form."""
    event, channel, booth = _channel(slug, ch)
    return _page(event, channel, booth, _fresh())


@blueprint.post("/miitti/<slug>/qa/<ch>/questions")
@access.allow(Role.VISITOR)
def ask(slug: str, ch: str) -> Answer | tuple[str, int]:
    """Take a question sent as a form."""
    if (request.content_length or 0) > forms.LONGEST_BODY:
        raise errors.TooBig(_("A question may have %(longest)s characters.", longest=states.LONGEST))
    event, channel, booth = _channel(slug, ch)
    form = forms.AskForm.sent()
    try:
        outcome = actions.ask(
            channel_id=channel.id,
            visitor=access.me().visitor or "",
            cid=form.cid.data or ids.new(),
            body=form.body.data or "",
            name=form.name.data or "",
            to=(form.to.data or None) if booth is None else None,
            language=language.current(),
        )
    except errors.Problem as problem:
        if pages.wants_json() or isinstance(problem, errors.NotFound | errors.Busy):
            raise
        # the text stays; a fresh cid, as what is sent next is a new command
        again = forms.AskForm(data={**form.data, "cid": ids.new()})
        again.validate()
        again.blame(problem if isinstance(problem, errors.Invalid) else errors.Invalid(problem.message, field="body"))
        return _page(event, channel, booth, again), problem.status
    if pages.wants_json():
        return Response(json.dumps({"ok": True, "q": outcome.q, "dup": outcome.dup}), mimetype="application/json")
    return redirect(f"/miitti/{slug}/qa/{ch}#q-{outcome.q['id']}", 303)


@blueprint.post("/miitti/<slug>/qa/<ch>/own")
@access.allow(Role.VISITOR)
def change_own(slug: str, ch: str) -> Answer | tuple[str, int]:
    """Change the words of one's own question, or take it back."""
    event, channel, booth = _channel(slug, ch)
    form = forms.OwnForm.sent()
    form.check()
    act: Callable[..., Outcome] = actions.withdraw
    if form.op.data == "edit":
        act = partial(actions.edit, body=form.body.data or "")
    try:
        act(
            channel_id=channel.id,
            visitor=access.me().visitor or "",
            cid=form.cid.data or ids.new(),
            question_id=form.id.data or "",
            rev=form.rev.data or 0,
        )
    except (errors.Conflict, errors.Invalid) as problem:
        if pages.wants_json():
            raise
        # what was typed stands in the box again: as a question of its own it is not lost
        again = forms.AskForm(data={"cid": ids.new(), "body": form.body.data or ""})
        again.validate()
        again.blame(problem if isinstance(problem, errors.Invalid) else errors.Invalid(_TOO_LATE, field="body"))
        return _page(event, channel, booth, again), problem.status
    return redirect(f"/miitti/{slug}/qa/{ch}#q-{form.id.data}", 303)


@blueprint.post("/miitti/<slug>/qa/<ch>/reports")
@access.allow(Role.VISITOR)
def report(slug: str, ch: str) -> Answer:
    """Tell the moderators that a question should not be there."""
    _event, channel, _booth = _channel(slug, ch)
    form = forms.ReportForm.sent()
    form.check()
    question_id, _colon, reason = (form.report.data or "").partition(":")
    visitor = access.me().visitor or ""
    limits.take(f"report:{visitor}", burst=5, per_s=0.1)
    actions.report(channel_id=channel.id, visitor=visitor, cid=ids.new(), question_id=question_id, reason=reason)
    flash(_("Thank you. The hosts look at it."), "done")
    return redirect(f"/miitti/{slug}/qa/{ch}#q-{question_id}", 303)


@blueprint.post("/miitti/<slug>/qa/<ch>/votes")
@access.allow(Role.VISITOR)
def vote(slug: str, ch: str) -> Answer:
    """Turn one's vote for a question over."""
    _event, channel, _booth = _channel(slug, ch)
    form = forms.VoteForm.sent()
    form.check()
    visitor = access.me().visitor or ""
    limits.take(f"vote:{visitor}", burst=states.VOTE_BURST, per_s=1 / states.VOTE_EVERY.total_seconds())
    question_id = form.vote.data or ""
    on = question_id not in queries.mine(channel, visitor)["votes"]
    actions.vote(channel_id=channel.id, visitor=visitor, question_id=question_id, on=on)
    ready.shelf().drop(queries.stream(channel.id, View.PUB))
    return redirect(f"/miitti/{slug}/qa/{ch}#q-{question_id}", 303)


@blueprint.post("/miitti/<slug>/qa/<ch>/address")
@access.allow(Role.VISITOR)
def leave_address(slug: str, ch: str) -> Answer | tuple[str, int]:
    """Have the answer to one's own question sent to an address, once."""
    event, channel, booth = _channel(slug, ch)
    form = forms.AddressForm.sent()
    form.check()
    visitor = access.me().visitor or ""
    limits.take(f"address:{visitor}", burst=5, per_s=0.05)
    try:
        addresses.leave_address(
            channel_id=channel.id,
            visitor=visitor,
            question_id=form.id.data or "",
            email=form.email.data or "",
            language=language.current(),
        )
    except errors.Invalid as problem:
        if pages.wants_json():
            raise
        wrong = {"id": form.id.data, "typed": form.email.data, "said": problem.message}
        return _page(event, channel, booth, _fresh(), wrong), problem.status
    if pages.wants_json():
        return Response(json.dumps({"ok": True}), mimetype="application/json")
    return redirect(f"/miitti/{slug}/qa/{ch}#q-{form.id.data}", 303)


def _fresh() -> forms.AskForm:
    return forms.AskForm(data={"cid": ids.new()})


def _page(
    event: Event,
    channel: Channel,
    booth: Booth | None,
    form: forms.AskForm,
    wrong: dict[str, object] | None = None,
) -> str:
    """The channel's page; `wrong` is an address that is none: for which question, what was typed, what is said."""
    back = f"/miitti/{event.slug}" + (f"/booths/{booth.slug}" if booth is not None else "")
    return render_template("questions/page.html", back=back, wrong=wrong, **_shown(event, channel, booth, form))


# -- panels on other rooms' pages ----------------------------------------------------------------------------


def stage_panel(*, event: Event, **_context: object) -> str:
    """The questions beside the show, while it is on and after it."""
    if events.doors(event) not in (Doors.LIVE, Doors.OVER):
        return ""
    channel = _opened(event.id, queries.STAGE)
    if events.doors(event) is Doors.OVER and not queries.listed(channel, View.PUB):
        return ""
    return render_template("questions/panel.html", **_shown(event, channel, None, _fresh()))


def booth_panel(*, booth: Booth, event: Event, **_context: object) -> str:
    """The questions of a booth; what was answered stays as its frequently asked ones."""
    if events.doors(event) is Doors.DRAFT:
        return ""
    channel = _opened(event.id, f"{queries.BOOTH}{booth.slug}")
    return render_template("questions/panel.html", **_shown(event, channel, booth, _fresh()))


def _shown(event: Event, channel: Channel, booth: Booth | None, form: forms.AskForm) -> dict[str, object]:
    questions = queries.listed(channel, View.PUB)
    own = queries.mine(channel, access.me().visitor)
    here = booth.slug if booth is not None else "%"
    return {
        "event": event,
        "booth": booth,
        "channel": queries.channel_doc(channel),
        "questions": popular_first(questions),
        "own": [q for q in own["mine"] if q["state"] not in states.PUBLIC],
        "own_by_id": {q["id"]: q for q in own["mine"]},
        "votes": set(own["votes"]),
        "booth_names": {each.slug: each.name for each in booths.of_event(event.id)},
        "form": form,
        "longest": states.LONGEST,
        # the room above that answers there has this address by contract; a script puts the company in the place of %
        "lead": f"/miitti/{event.slug}/booths/{here}/leads?from=question",
        "faq": _told(event, booth) if booth is not None else [],
        "moments": {
            key: value for found in pages.gather("question.moments", event=event) for key, value in found.items()
        },
    }


def _told(event: Event, booth: Booth) -> list[Doc]:
    """The broadcast's questions this company answered in writing: they stay on its page."""
    rows = queries.given_to(event.id, booth.slug)
    replies = queries.replies_of([row.id for row in rows])
    return [queries.question_doc(row, queries.STAGE, replies[row.id]) for row in rows if replies[row.id]]


def popular_first(questions: list[Doc]) -> list[Doc]:
    """What is being answered first, then by votes, then in the order of asking; the browser sorts alike."""
    return sorted(
        questions, key=lambda q: (q["state"] != "answering", not q["pinned"], -q["up"], q["asked_at"], q["id"])
    )


def _opened(event_id: int, ch: str) -> Channel:
    """The channel, made at its first use and told of the doors as they are now."""
    channel = queries.channel(event_id, ch)
    if channel is None or channel.open != queries.takes_questions(channel):
        channel = actions.open_channel(event_id=event_id, ch=ch)
    return channel


def _channel(slug: str, ch: str) -> tuple[Event, Channel, Booth | None]:
    event = events.by_slug(slug)
    if events.doors(event) is Doors.DRAFT:
        event = events.seen(slug, access.me())
    channel = _opened(event.id, ch)
    return event, channel, queries.booth_of(channel)


# -- what is kept of a person --------------------------------------------------------------------------------


def _kept(*, address: str, who: Who, **_ctx: object) -> list[dict[str, object]]:
    """The answers an address waits for. Which questions else are hers nobody knows: they were asked without a name."""
    return [
        {
            "what": _("Waits for an answer by e-mail"),
            "note": question.body[:80],
            "data": {
                "question": question.body,
                "name": question.name,
                "email": left.email,
                "language": left.language,
                "at": left.at.isoformat(),
            },
        }
        for left, question, _channel in queries.waiting_for(address, who)
    ]


def _forget(*, address: str, who: Who, **_ctx: object) -> int:
    found = queries.waiting_for(address, who)
    for left, _question, _channel in found:
        addresses.forget_address(question_id=left.question_id)
    return len(found)

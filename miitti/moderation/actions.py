"""What moderators change: one action each for a question, a channel, an asker and an event's word list.

Everything is one transaction, told by the journal, and harmless when it is sent again; see `questions.actions`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from miitti.booths import queries as booths
from miitti.foundation import clock, db, errors, ids, journal
from miitti.moderation import queries
from miitti.questions import actions as questions
from miitti.questions import queries as asked
from miitti.questions import states
from miitti.questions.actions import Outcome
from miitti.questions.models import Channel, Mute, Question, Reply, Words
from miitti.questions.states import ChanOp, Doc, Op, State, View

KEPT = ("state", "no", "reason", "answering_at", "answered_at", "body", "labels", "flags", "pinned", "to_booth")
"""What of a question a press can change and taking it back restores."""
_TIMES = ("answering_at", "answered_at")


@dataclass(frozen=True, slots=True)
class Args:
    """What comes with an op; each op looks at its own."""

    reason: str | None = None
    body: str = ""
    by: str = ""
    labels: list[str] = field(default_factory=list)
    into: str = ""
    reply: str = ""
    to: str | None = None
    move_to: int | None = None
    """The channel a question is moved to, or None to leave it where it is; the edge has checked that it may."""
    at: datetime | None = None


@dataclass(slots=True)
class _Press:
    """One press being carried out."""

    channel: Channel
    question: Question
    args: Args
    person_id: int
    old: State
    wanted: State
    reply: tuple[str, Doc] | None = None


@db.writing
def moderate(
    *, channel_id: int, person_id: int, cid: str, question_id: str, rev: int, op: Op, args: Args | None = None
) -> Outcome:
    """Do `op` to a question as it stood at `rev`. Raises Conflict (with the present question) when it moved on."""
    args = args or Args()
    actor = f"person:{person_id}"
    digest = questions.digest_of(op, question_id, rev, str(args))
    first, *_others = sorted({channel_id, args.move_to or channel_id})
    questions.locked(first)  # both in one order, so that two moves never wait for each other
    channel = questions.locked(channel_id)
    before = questions.done(actor, cid, digest)
    if before is not None:
        return Outcome(questions.full(db.row(Channel, before.channel_id), before), True)
    question = asked.question(channel.id, question_id)
    wanted = states.after(op, question.state, numbered=question.no is not None)
    if question.rev != rev or wanted is None:
        raise errors.Conflict(current=questions.full(channel, question))
    press = _Press(channel, question, args, person_id, question.state, wanted)
    kept = _kept(press)
    now_was = channel.now_id
    DO[op](press)
    question.before = None if op in (Op.UNDO, Op.MERGE, Op.UNMERGE, Op.MOVE) else kept
    question.rev += 1
    if press.reply is not None:
        press.reply[1]["rev"] = question.rev
    questions.record(actor, cid, digest, question.id)
    home = db.row(Channel, question.channel_id)
    questions.changed(home, question, press.old, press.reply)
    if channel.now_id != now_was:
        questions.channel_changed(channel)
    return Outcome(questions.full(home, question), False)


# -- one op each ---------------------------------------------------------------------------------------------


def _move_on(press: _Press) -> None:
    channel, question, wanted = press.channel, press.question, press.wanted
    if press.old is State.ANSWERING and wanted is not State.ANSWERING:
        channel.now_id = None
    if wanted is State.LIVE:
        question.answering_at = question.answered_at = None  # restored: it waits for its answer again
        questions.publish(channel, question)
    elif wanted is State.ANSWERING and press.old is not State.ANSWERING:
        _end_current(channel)
        channel.now_id = question.id
        question.answering_at = clock.now()
    elif wanted is State.ANSWERED and press.old is not State.ANSWERED:
        questions.answered(channel, question)
    if wanted not in states.PUBLIC:
        question.pinned = False
    question.state = wanted


def _end_current(channel: Channel) -> None:
    """Going on to another question answers the one before it."""
    current = None if channel.now_id is None else db.session().get(Question, channel.now_id)
    if current is not None and current.state is State.ANSWERING:
        questions.answered(channel, current)
        current.state = State.ANSWERED
        current.rev += 1
        questions.changed(channel, current, State.ANSWERING)


def _reject(press: _Press) -> None:
    press.question.reason = press.args.reason if press.args.reason in states.REASONS else None
    _move_on(press)


def _reply(press: _Press) -> None:
    text = questions.text_of(press.args.body, 1, states.LONGEST_REPLY)
    reply = Reply(
        id=ids.new("r"),
        question_id=press.question.id,
        body=text,
        by=press.args.by,
        person_id=press.person_id,
        at=clock.now(),
    )
    db.session().add(reply)
    if press.wanted is press.old:
        press.reply = ("r.put", {"q": press.question.id, "r": asked.reply_doc(reply)})
    _move_on(press)


def _unreply(press: _Press) -> None:
    reply = db.session().get(Reply, press.args.reply)
    if reply is None or reply.question_id != press.question.id:
        raise errors.NotFound
    db.session().delete(reply)
    press.reply = ("r.del", {"q": press.question.id, "id": reply.id})


def _pin(press: _Press) -> None:
    press.question.pinned = True


def _unpin(press: _Press) -> None:
    press.question.pinned = False


def _label(press: _Press) -> None:
    labels = list(dict.fromkeys(states.clean(label) for label in press.args.labels))
    if len(labels) > states.MOST_LABELS or any(states.length(label) > states.LONGEST_LABEL for label in labels):
        raise errors.TooLong(_l("The labels are too many or too long."), field="labels")
    press.question.labels = [label for label in labels if label]


def _edit(press: _Press) -> None:
    questions.reword(press.channel, press.question, press.args.body)
    press.question.rev -= 1  # moderate() counts the press


def _time(press: _Press) -> None:
    at = press.args.at
    if at is None or at > clock.now() or at < press.question.asked_at - timedelta(hours=12):
        raise errors.Invalid(_l("That time can't be."), field="at")
    press.question.answering_at = at


def _relocate(press: _Press) -> None:
    """Give the question to a booth, or take it to another channel, where it gets a number of its own."""
    channel, question = press.channel, press.question
    if press.args.to is not None:
        booths.by_slug(channel.event_id, press.args.to)
    question.to_booth = press.args.to
    if press.args.move_to is None or press.args.move_to == channel.id:
        return
    if len(asked.family(question.id)) > 1:
        raise errors.Refused(_l("Others were joined with this one. Take them apart first."))
    questions.left(channel, question)
    target = questions.locked(press.args.move_to)
    question.channel_id = target.id
    question.no = None
    if question.state in states.PUBLIC:
        target.last_no += 1
        question.no = target.last_no
    target.vrev += 1
    question.vrev = target.vrev
    db.session().flush()


def _merge(press: _Press) -> None:
    """Join the question with another; whoever voted for one or both has voted for that one, once."""
    channel, question = press.channel, press.question
    into = asked.question(channel.id, press.args.into)
    if into.id == question.id or into.state not in states.MERGEABLE_INTO or into.id in asked.family(question.id):
        raise errors.Conflict(current=questions.full(channel, question))
    question.merged_into = into.id
    question.state = State.MERGED
    _recount(channel, into)


def _unmerge(press: _Press) -> None:
    into = db.row(Question, press.question.merged_into)
    press.question.merged_into = None
    press.question.state = press.wanted
    press.question.up = asked.score(press.question.id)
    _recount(press.channel, asked.root(into))


def _recount(channel: Channel, question: Question) -> None:
    db.session().flush()
    question.up = asked.score(question.id)
    channel.vrev += 1
    question.vrev = channel.vrev
    question.rev += 1
    questions.changed(channel, question, question.state)


# -- taking back ---------------------------------------------------------------------------------------------


def _kept(press: _Press) -> Doc:
    """How the question stands before the press, as JSON."""
    kept: Doc = {name: getattr(press.question, name) for name in KEPT}
    for name in _TIMES:
        kept[name] = None if kept[name] is None else clock.stamp(kept[name])
    return {
        "kept": kept,
        "by": press.person_id,
        "at": clock.stamp(clock.now()),
        "now": press.channel.now_id,
        "replies": [reply.id for reply in asked.replies_of([press.question.id])[press.question.id]],
    }


def _undo(press: _Press) -> None:
    """Put the question back to how it stood before one's own last press, for a few seconds."""
    channel, question, before = press.channel, press.question, press.question.before
    late = timedelta(seconds=states.UNDO_S + states.UNDO_GRACE_S)
    if not before or before["by"] != press.person_id or clock.now() - _moment(before["at"]) > late:
        raise errors.Conflict(_l("It is too late to take that back."), current=questions.full(channel, question))
    for name, value in before["kept"].items():
        setattr(question, name, State(value) if name == "state" else _moment(value) if name in _TIMES else value)
    for reply in asked.replies_of([question.id])[question.id]:
        if reply.id not in before["replies"]:
            db.session().delete(reply)
    if press.old is State.ANSWERING:
        channel.now_id = None
        _resume(channel, before["now"])
    if question.state is State.ANSWERING:
        if channel.now_id not in (None, question.id):
            raise errors.Conflict(current=questions.full(channel, question))
        channel.now_id = question.id


def _resume(channel: Channel, question_id: str | None) -> None:
    """Answer again what was being answered before a press that is taken back."""
    question = None if question_id is None else db.session().get(Question, question_id)
    if question is not None and question.state is State.ANSWERED:
        question.state, question.answered_at = State.ANSWERING, None
        question.rev += 1
        channel.now_id = question.id
        questions.changed(channel, question, State.ANSWERED)


def _moment(text: str | None) -> Any:
    return None if text is None else datetime.fromisoformat(text.replace("Z", "+00:00"))


DO: dict[Op, Callable[[_Press], None]] = {
    Op.APPROVE: _move_on,
    Op.REJECT: _reject,
    Op.NOW: _move_on,
    Op.ANSWERED: _move_on,
    Op.ARCHIVE: _move_on,
    Op.RESTORE: _move_on,
    Op.REMOVE: _move_on,
    Op.REPLY: _reply,
    Op.UNREPLY: _unreply,
    Op.PIN: _pin,
    Op.UNPIN: _unpin,
    Op.LABEL: _label,
    Op.MOVE: _relocate,
    Op.MERGE: _merge,
    Op.UNMERGE: _unmerge,
    Op.EDIT: _edit,
    Op.TIME: _time,
    Op.UNDO: _undo,
}


# -- the channel, an asker, the words ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changed:
    """A channel after a command; `dup` when the command had been carried out before."""

    channel: Doc
    dup: bool


@db.writing
def change_channel(
    *, channel_id: int, person_id: int, cid: str, rev: int | None, op: ChanOp, on: bool = True, seconds: int = 0
) -> Changed:
    """Do `op` to a channel as it stood at `rev` (None: however it stands). Raises Conflict, Invalid."""
    actor = f"person:{person_id}"
    digest = questions.digest_of("chan", channel_id, op, rev, on, seconds)
    channel = questions.locked(channel_id)
    if questions.done_before(actor, cid, digest) is not None:
        return Changed(asked.channel_doc(channel), True)
    if rev is not None and channel.rev != rev:
        raise errors.Conflict(current=asked.channel_doc(channel))
    if op is ChanOp.SLOW and not 0 <= seconds <= states.LONGEST_SLOW_S:
        raise errors.Invalid(_l("That pause is too long."), field="seconds")
    if op in (ChanOp.OPEN, ChanOp.CLOSE):
        channel.closed = op is ChanOp.CLOSE
        channel.open = asked.takes_questions(channel)
    elif op is ChanOp.PREMOD:
        channel.premod = on
    elif op is ChanOp.SLOW:
        channel.slow_s = seconds
    elif op is ChanOp.NEXT:
        _next(channel, person_id)
    else:
        _clear(channel)
    questions.channel_changed(channel)
    questions.record(actor, cid, digest, channel.ch[:40])
    return Changed(asked.channel_doc(channel), False)


def _next(channel: Channel, person_id: int) -> None:
    """End the present question and go on to the first one of the list, if there is one."""
    following = queries.following(channel.id)
    if following is None:
        _end_current(channel)
        channel.now_id = None
        return
    kept = _kept(_Press(channel, following, Args(), person_id, following.state, State.ANSWERING))
    _end_current(channel)
    following.state, following.answering_at, following.before = State.ANSWERING, clock.now(), kept
    following.rev += 1
    channel.now_id = following.id
    questions.changed(channel, following, State.LIVE)


def _clear(channel: Channel) -> None:
    """Put away everything that was shown; every screen starts anew."""
    for row in db.session().scalars(
        sa.select(Question).where(Question.channel_id == channel.id, Question.state.in_(states.PUBLIC))
    ):
        row.state, row.pinned = State.ARCHIVED, False
        row.rev += 1
    channel.now_id = None
    db.session().flush()
    for view in View:
        journal.new_epoch(asked.stream(channel.id, view))
    journal.append(
        f"qa:{channel.id}:all",
        "resync",
        {"ch": channel.ch, "reason": "cleared", "after_ms": 1000},
        sequenced=False,
    )


@db.writing
def mute(*, channel_id: int, cid: str, question_id: str, minutes: int) -> None:
    """Let the one who asked a question ask no more for some minutes; 0 lets them again. Raises NotFound, Invalid."""
    if not states.is_cid(cid):
        raise errors.Problem(key="qa.bad_request", field="cid")
    if not 0 <= minutes <= states.LONGEST_MUTE_MIN:
        raise errors.Invalid(_l("That time can't be."), field="minutes")
    channel = questions.locked(channel_id)
    question = asked.question(channel.id, question_id)
    key = (channel.event_id, question.author)
    known = db.session().get(Mute, key)
    if known is None:
        known = Mute(event_id=key[0], visitor=key[1], until=clock.now())
        db.session().add(known)
    known.until = clock.now() + timedelta(minutes=minutes)


@db.writing
def set_words(*, event_id: int, text: str) -> None:
    """Give an event a list of words of its own that mark a question for review."""
    known = db.session().get(Words, event_id)
    if known is None:
        known = Words(event_id=event_id, words=[])
        db.session().add(known)
    known.words = states.word_list(text)

"""The only place that changes questions, channels and votes.

Each action is one transaction: the row, its journal entries with their seq, and the record that makes a resent
command harmless. An answer therefore means that it is committed.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from miitti.booths import queries as booths
from miitti.foundation import clock, db, errors, ids, journal
from miitti.questions import news, queries, states
from miitti.questions.models import Channel, Done, Question, Reply, Vote
from miitti.questions.states import Doc, Op, State, View


class CidReused(errors.Conflict):
    """A client used the same name for two different commands."""

    code = "cid_reused"
    default = _l("This was sent before with other words. Write it again.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question after a command; `dup` when the command had been carried out before."""

    q: Doc
    dup: bool


# -- channels ------------------------------------------------------------------------------------------------


@db.writing
def open_channel(*, event_id: int, ch: str) -> Channel:
    """The channel of that name; made at its first use. Raises NotFound for a name that can't be one."""
    found = queries.channel(event_id, ch)
    if found is None:
        booth_id = None
        if ch.startswith(queries.BOOTH):
            booth_id = booths.by_slug(event_id, ch.removeprefix(queries.BOOTH)).id
        elif ch != queries.STAGE:
            raise errors.NotFound
        db.insert_or_skip(
            Channel.__table__,  # type: ignore[arg-type]
            {
                "event_id": event_id,
                "booth_id": booth_id,
                "ch": ch,
                "rev": 1,
                "open": False,
                "closed": False,
                "premod": True,
                "slow_s": 0,
                "last_no": 0,
                "vrev": 0,
            },
        )
        found = queries.channel(event_id, ch)
        assert found is not None
        for view in View:
            journal.opened(queries.stream(found.id, view))
    _follow_doors(found)
    return found


@db.writing
def follow_doors(*, channel_id: int) -> None:
    """Tell clients when the doors opened or closed the channel; nothing when it stands as told."""
    _follow_doors(_locked(channel_id))


def _follow_doors(channel: Channel) -> None:
    wanted = queries.takes_questions(channel)
    if channel.open != wanted:
        channel.open = wanted
        _channel_changed(channel)


def _locked(channel_id: int) -> Channel:
    """The channel, held until the transaction ends, so that seq, numbers and scores go one by one."""
    found = db.session().get(Channel, channel_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise errors.NotFound
    return found


def _channel_changed(channel: Channel) -> None:
    channel.rev += 1
    doc = {"channel": queries.channel_doc(channel)}
    for view in View:
        journal.append(queries.stream(channel.id, view), "ch.put", doc)


# -- asking --------------------------------------------------------------------------------------------------


@db.writing
def ask(
    *,
    channel_id: int,
    visitor: str,
    cid: str,
    body: str,
    name: str = "",
    to: str | None = None,
    language: str | None = None,
) -> Outcome:
    """Ask a question. Raises Closed, Invalid, TooLong, TooMany or CidReused; resent with its cid it changes nothing."""
    digest = _digest("ask", channel_id, body, name, to)
    channel = _locked(channel_id)
    before = _done(visitor, cid, digest)
    if before is not None:
        return Outcome(_own(channel, before), True)
    _follow_doors(channel)
    if not channel.open:
        raise errors.Closed(_l("Questions are not taken at the moment."))
    text = _text(body, states.SHORTEST, states.LONGEST)
    called = states.clean(name)
    if states.length(called) > states.LONGEST_NAME:
        raise errors.TooLong(_l("The name is too long."), field="name")
    if to is not None:
        booths.by_slug(channel.event_id, to)
    _pace(channel, visitor)
    question = Question(
        id=ids.new("q"),
        channel_id=channel.id,
        author=visitor,
        cid=cid,
        body=text,
        name=called,
        to_booth=to,
        labels=[],
        flags=states.flags(text),
        state=State.PENDING,
        language=language if language in ("fi", "sv", "en") else None,
        asked_at=clock.now(),
        rev=1,
        up=0,
        vrev=0,
        reports=0,
    )
    db.session().add(question)
    if not channel.premod:
        _publish(channel, question)
    _record(visitor, cid, digest, question)
    _changed(channel, question, None)
    asked = news.QuestionAsked(question.id, channel.id)
    db.after_commit(lambda: _tell(asked))
    return Outcome(_own(channel, question), False)


def _pace(channel: Channel, visitor: str) -> None:
    every = max(states.ASK_EVERY, timedelta(seconds=channel.slow_s))
    since = clock.now() - every * (states.ASK_BURST + 2)
    past = db.session().scalars(
        sa.select(Question.asked_at)
        .where(Question.author == visitor, Question.asked_at > since)
        .order_by(Question.asked_at)
    )
    pause = states.wait(past, clock.now(), states.ASK_BURST, every)
    if pause > 0:
        raise errors.TooMany(_l("You asked several questions just now. Wait a moment."), retry_after=pause)


@db.writing
def withdraw(*, channel_id: int, visitor: str, cid: str, question_id: str, rev: int) -> Outcome:
    """Take one's own question back before it is answered. Raises NotFound for another's, Conflict when too late."""
    digest = _digest("withdraw", question_id, rev)
    channel = _locked(channel_id)
    before = _done(visitor, cid, digest)
    if before is not None:
        return Outcome(_own(channel, before), True)
    question = queries.question(channel.id, question_id)
    if question.author != visitor:
        raise errors.NotFound
    if question.rev != rev or question.state not in states.WITHDRAWABLE:
        raise errors.Conflict(current=_own(channel, question))
    old = question.state
    question.state = State.WITHDRAWN
    question.rev += 1
    _record(visitor, cid, digest, question)
    _changed(channel, question, old)
    return Outcome(_own(channel, question), False)


@db.writing
def vote(*, channel_id: int, visitor: str, question_id: str, on: bool) -> Doc:
    """Set or take back one's vote; absolute, so sent twice it is one. Raises NotFound where nothing is public."""
    channel = _locked(channel_id)
    question = queries.question(channel.id, question_id)
    if question.state not in states.PUBLIC:
        raise errors.NotFound
    known = db.session().get(Vote, (question_id, visitor))
    if on != (known is not None):
        if known is None:
            db.session().add(Vote(question_id=question_id, visitor=visitor, at=clock.now()))
        else:
            db.session().delete(known)
        question.up += 1 if on else -1
        channel.vrev += 1
        question.vrev = channel.vrev
    return {"on": on, "up": question.up, "vrev": question.vrev}


# -- moderating ----------------------------------------------------------------------------------------------


@db.writing
def moderate(
    *,
    channel_id: int,
    person_id: int,
    cid: str,
    question_id: str,
    rev: int,
    op: Op,
    reason: str | None = None,
    body: str = "",
    by: str = "",
) -> Outcome:
    """Do `op` to a question as it stood at `rev`. Raises Conflict (with the present question) when it moved on."""
    actor = f"person:{person_id}"
    digest = _digest(op, question_id, rev, reason, body)
    channel = _locked(channel_id)
    before = _done(actor, cid, digest)
    if before is not None:
        return Outcome(_full(channel, before), True)
    question = queries.question(channel.id, question_id)
    wanted = states.after(op, question.state, numbered=question.no is not None)
    if question.rev != rev or wanted is None:
        raise errors.Conflict(current=_full(channel, question))
    old = question.state
    if op is Op.REPLY:
        _reply(question, body, by, person_id)
    if op is Op.REJECT:
        question.reason = reason if reason in states.REASONS else None
    if old is State.ANSWERING and wanted is not State.ANSWERING:
        channel.now_id = None
    _move(channel, question, wanted)
    question.rev += 1
    _record(actor, cid, digest, question)
    _changed(channel, question, old)
    if (channel.now_id == question.id) != (old is State.ANSWERING):
        _channel_changed(channel)
    return Outcome(_full(channel, question), False)


def _move(channel: Channel, question: Question, wanted: State) -> None:
    if wanted is State.LIVE:
        question.answering_at = question.answered_at = None  # restored: it waits for its answer again
        if question.no is None:
            _publish(channel, question)
    elif wanted is State.ANSWERING and question.state is not State.ANSWERING:
        _end_current(channel)
        channel.now_id = question.id
        question.answering_at = clock.now()
    elif wanted is State.ANSWERED and question.state is not State.ANSWERED:
        question.answered_at = clock.now()
        answered = news.QuestionAnswered(question.id, channel.id, question.answered_at)
        db.after_commit(lambda: _tell(answered))
    question.state = wanted


def _publish(channel: Channel, question: Question) -> None:
    channel.last_no += 1
    question.no = channel.last_no
    question.approved_at = clock.now()
    question.state = State.LIVE


def _end_current(channel: Channel) -> None:
    """Going on to another question answers the one before it."""
    current = None if channel.now_id is None else db.session().get(Question, channel.now_id)
    if current is not None and current.state is State.ANSWERING:
        _move(channel, current, State.ANSWERED)
        current.rev += 1
        _changed(channel, current, State.ANSWERING)


def _reply(question: Question, body: str, by: str, person_id: int) -> None:
    text = _text(body, 1, states.LONGEST_REPLY)
    db.session().add(
        Reply(id=ids.new("r"), question_id=question.id, body=text, by=by, person_id=person_id, at=clock.now())
    )


# -- shared by them ------------------------------------------------------------------------------------------


def _text(body: str, shortest: int, longest: int) -> str:
    text = states.clean(body)
    # beyond what is looked at at all it is too long, whatever was cleaned away
    size = len(body) if len(body) > states.MOST_CHARACTERS else states.length(text)
    if size > longest:
        raise errors.TooLong(_l("The text is too long: %(longest)s characters at most.", longest=longest), field="body")
    if size < shortest:
        raise errors.Invalid(_l("Write your text first: a few words at least."), field="body")
    return text


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _done(actor: str, cid: str, digest: str) -> Question | None:
    if not states.is_cid(cid):
        raise errors.Problem(key="qa.bad_request", field="cid")
    known = db.session().get(Done, (actor, cid))
    if known is None:
        return None
    if known.digest != digest:
        raise CidReused
    return db.row(Question, known.question_id)


def _record(actor: str, cid: str, digest: str, question: Question) -> None:
    db.session().add(Done(actor=actor, cid=cid, digest=digest, question_id=question.id, at=clock.now()))


def _changed(channel: Channel, question: Question, old: State | None) -> None:
    """Write what each audience may know of a question that was in state `old` (None: it is new)."""
    db.session().flush()
    replies = queries.replies_of([question.id])[question.id]
    full = queries.question_doc(question, channel.ch, replies, View.MOD)
    journal.append(queries.stream(channel.id, View.MOD), "q.put", {"q": full})
    public = queries.question_doc(question, channel.ch, replies)
    if question.state in states.PUBLIC:
        journal.append(queries.stream(channel.id, View.PUB), "q.put", {"q": public})
    elif old in states.PUBLIC:
        journal.append(queries.stream(channel.id, View.PUB), "q.del", {"id": question.id})
    journal.append(
        f"qa:{channel.id}:you",
        "q.state",
        {"ch": channel.ch, "t": "q.state", "q": public, "cid": question.cid, "reason": question.reason},
        sequenced=False,
        audience=f"p:{question.author}",
    )


def _own(channel: Channel, question: Question) -> Doc:
    return queries.question_doc(question, channel.ch, queries.replies_of([question.id])[question.id])


def _full(channel: Channel, question: Question) -> Doc:
    db.session().flush()
    return queries.question_doc(question, channel.ch, queries.replies_of([question.id])[question.id], View.MOD)


def _tell(what: Any) -> None:
    news.told.send(None, news=what)

"""The only place that changes questions, channels and votes.

Each action is one transaction: the row, its journal entries with their seq, and the record that makes a resent
command harmless. An answer therefore means that it is committed.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from miitti.booths import queries as booths
from miitti.foundation import clock, db, errors, ids, journal
from miitti.questions import addresses, news, queries, states
from miitti.questions.models import Channel, Done, Question, Report, Vote
from miitti.questions.states import Doc, State, View, Wish


class CidReused(errors.Conflict):
    """A client used the same name for two different commands."""

    code = "cid_reused"
    default = _l("This was sent before with other words. Write it again.")


class Muted(errors.Refused):
    """A moderator let this browser ask no more for a while."""

    code = "muted"
    default = _l("You can't ask just now. You can still read and vote.")


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
    _follow_doors(locked(channel_id))


def _follow_doors(channel: Channel) -> None:
    wanted = queries.takes_questions(channel)
    if channel.open != wanted:
        channel.open = wanted
        channel_changed(channel)


def locked(channel_id: int) -> Channel:
    """The channel, held until the transaction ends, so that seq, numbers and scores go one by one."""
    found = db.session().get(Channel, channel_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise errors.NotFound
    return found


def channel_changed(channel: Channel) -> None:
    """Inside an action: tell everybody how the channel is now."""
    channel.rev += 1
    doc = {"channel": queries.channel_doc(channel)}
    for view in View:
        journal.append(queries.stream(channel.id, view), "ch.put", doc)


@db.writing
def silence(*, event_id: int) -> None:
    """Before an event is deleted: forget what its channels' journals tell; the rows go with the event."""
    for channel_id in db.session().scalars(sa.select(Channel.id).where(Channel.event_id == event_id)).all():
        for view in View:
            journal.new_epoch(queries.stream(channel_id, view))


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
    digest = digest_of("ask", channel_id, body, name, to)
    channel = locked(channel_id)
    before = done(visitor, cid, digest)
    if before is not None:
        return Outcome(_own(channel, before), True)
    _follow_doors(channel)
    if not channel.open:
        raise errors.Closed(_l("Questions are not taken at the moment."))
    until = queries.muted_until(channel.event_id, visitor)
    if until is not None:
        raise Muted(retry_after_ms=int((until - clock.now()).total_seconds() * 1000))
    text = text_of(body, states.SHORTEST, states.LONGEST)
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
        flags=states.flags(text, queries.words(channel.event_id)),
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
        publish(channel, question)
    record(visitor, cid, digest, question.id)
    changed(channel, question, None)
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
    digest = digest_of("withdraw", question_id, rev)
    channel = locked(channel_id)
    before = done(visitor, cid, digest)
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
    record(visitor, cid, digest, question.id)
    changed(channel, question, old)
    return Outcome(_own(channel, question), False)


@db.writing
def edit(*, channel_id: int, visitor: str, cid: str, question_id: str, rev: int, body: str) -> Outcome:
    """Change the words of one's own question before it is approved.

    Where nothing is approved beforehand, also on the list. Raises NotFound for another's, Conflict when too late.
    """
    digest = digest_of("edit", question_id, rev, body)
    channel = locked(channel_id)
    before = done(visitor, cid, digest)
    if before is not None:
        return Outcome(_own(channel, before), True)
    question = queries.question(channel.id, question_id)
    if question.author != visitor:
        raise errors.NotFound
    late = question.state is not State.PENDING and (channel.premod or question.state is not State.LIVE)
    if question.rev != rev or late:
        raise errors.Conflict(current=_own(channel, question))
    reword(channel, question, body)
    record(visitor, cid, digest, question.id)
    changed(channel, question, question.state)
    return Outcome(_own(channel, question), False)


def reword(channel: Channel, question: Question, body: str) -> None:
    """Inside an action: give the question other words, and look at them anew."""
    question.body = text_of(body, states.SHORTEST, states.LONGEST)
    question.flags = states.flags(question.body, queries.words(channel.event_id))
    question.rev += 1


@db.writing
def report(*, channel_id: int, visitor: str, cid: str, question_id: str, reason: str) -> None:
    """Tell the moderators that a question should not be there; once a person counts. Raises NotFound, Invalid."""
    if not states.is_cid(cid):
        raise errors.Problem(key="qa.bad_request", field="cid")
    if reason not in states.REPORTS:
        raise errors.Problem(key="qa.bad_request", field="reason")
    channel = locked(channel_id)
    question = queries.question(channel.id, question_id)
    if question.state not in states.PUBLIC:
        raise errors.NotFound
    if db.session().get(Report, (question_id, visitor)) is not None:
        return
    db.session().add(Report(question_id=question_id, visitor=visitor, reason=reason, at=clock.now()))
    question.reports += 1
    question.rev += 1
    changed(channel, question, question.state)


def vote(*, channel_id: int, visitor: str, question_id: str, on: bool) -> Doc:
    """Set or take back one's vote; absolute, so sent twice it is one. Raises NotFound where nothing is public."""
    (told,) = vote_all([Wish(channel_id, visitor, question_id, on)])
    if isinstance(told, Exception):
        raise told
    return told


@db.writing
def vote_all(wishes: Sequence[Wish]) -> list[Doc | Exception]:
    """Several people's votes in one transaction; each gets the vote as it stands, or its own NotFound."""
    # in one order everywhere, so that two processes never wait for each other
    channels = {number: locked(number) for number in sorted({wish.channel_id for wish in wishes})}
    told: list[Doc | Exception] = []
    for wish in wishes:
        try:
            told.append(_vote(channels[wish.channel_id], wish))
        except errors.NotFound as problem:
            told.append(problem)
    return told


def _vote(channel: Channel, wish: Wish) -> Doc:
    question = queries.question(channel.id, wish.question_id)
    if question.state not in states.PUBLIC:
        raise errors.NotFound
    family = queries.family(question.id)
    theirs = sa.select(Vote).where(Vote.question_id.in_(family), Vote.visitor == wish.visitor)
    known = list(db.session().scalars(theirs))
    if wish.on != bool(known):
        if not known:
            db.session().add(Vote(question_id=question.id, visitor=wish.visitor, at=clock.now()))
        for each in known:
            db.session().delete(each)
        question.up += 1 if wish.on else -1
        channel.vrev += 1
        question.vrev = channel.vrev
    return {"on": wish.on, "up": question.up, "vrev": question.vrev}


# -- shared by them ------------------------------------------------------------------------------------------


def answered(channel: Channel, question: Question) -> None:
    """Inside an action: the question is answered. Its asker's letter waits a little, so that a slip can be undone."""
    question.answered_at = clock.now()
    addresses.promise(question)
    told = news.QuestionAnswered(question.id, channel.id, question.answered_at)
    db.after_commit(lambda: _tell(told))


def publish(channel: Channel, question: Question) -> None:
    """Inside an action: give the question its number and show it to everybody."""
    if question.no is None:
        channel.last_no += 1
        question.no = channel.last_no
    question.approved_at = clock.now()
    question.state = State.LIVE


def text_of(body: str, shortest: int, longest: int) -> str:
    """The text as it is stored. Raises TooLong or Invalid; lengths in letters as people count them."""
    text = states.clean(body)
    # beyond what is looked at at all it is too long, whatever was cleaned away
    size = len(body) if len(body) > states.MOST_CHARACTERS else states.length(text)
    if size > longest:
        raise errors.TooLong(_l("The text is too long: %(longest)s characters at most.", longest=longest), field="body")
    if size < shortest:
        raise errors.Invalid(_l("Write your text first: a few words at least."), field="body")
    return text


def digest_of(*parts: Any) -> str:
    """What was commanded, as a fingerprint."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def done_before(actor: str, cid: str, digest: str) -> str | None:
    """What the command was done to when it was carried out before. Raises CidReused for another with its name."""
    if not states.is_cid(cid):
        raise errors.Problem(key="qa.bad_request", field="cid")
    known = db.session().get(Done, (actor, cid))
    if known is None:
        return None
    if known.digest != digest:
        raise CidReused
    return known.question_id


def done(actor: str, cid: str, digest: str) -> Question | None:
    """The question a command was carried out on before, or None."""
    known = done_before(actor, cid, digest)
    return None if known is None else db.row(Question, known)


def record(actor: str, cid: str, digest: str, about: str) -> None:
    """Remember a command as carried out."""
    db.session().add(Done(actor=actor, cid=cid, digest=digest, question_id=about, at=clock.now()))


def changed(channel: Channel, question: Question, old: State | None, reply: tuple[str, Doc] | None = None) -> None:
    """Write what each audience may know of a question that was in state `old` (None: it is new here).

    `reply` is an event of its own (`r.put` or `r.del` with its data) where nothing else of the question changed.
    """
    db.session().flush()
    replies = queries.replies_of([question.id])[question.id]
    whole = queries.question_doc(question, channel.ch, replies, View.MOD)
    public = queries.question_doc(question, channel.ch, replies)
    kind, data = reply or ("q.put", {"q": whole})
    journal.append(queries.stream(channel.id, View.MOD), kind, data)
    if question.state in states.PUBLIC:
        kind, data = reply or ("q.put", {"q": public})
        journal.append(queries.stream(channel.id, View.PUB), kind, data)
    elif old in states.PUBLIC:
        journal.append(queries.stream(channel.id, View.PUB), "q.del", {"id": question.id})
    journal.append(
        f"qa:{channel.id}:you",
        "q.state",
        {"ch": channel.ch, "t": "q.state", "q": public, "cid": question.cid, "reason": question.reason},
        sequenced=False,
        audience=f"p:{question.author}",
    )


def left(channel: Channel, question: Question) -> None:
    """Inside an action: the question has gone from this channel to another one."""
    journal.append(queries.stream(channel.id, View.MOD), "q.del", {"id": question.id})
    if question.state in states.PUBLIC:
        journal.append(queries.stream(channel.id, View.PUB), "q.del", {"id": question.id})


def _own(channel: Channel, question: Question) -> Doc:
    return queries.question_doc(question, channel.ch, queries.replies_of([question.id])[question.id])


def full(channel: Channel, question: Question) -> Doc:
    """A question as moderators get it, inside an action."""
    db.session().flush()
    return queries.question_doc(question, channel.ch, queries.replies_of([question.id])[question.id], View.MOD)


def _tell(what: Any) -> None:
    news.told.send(None, news=what)

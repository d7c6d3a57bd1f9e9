"""What the questions room can be asked. Reads only."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, clock, db, errors, journal, settings
from miitti.foundation.access import Power, Role, Who
from miitti.questions import states
from miitti.questions.models import Address, Channel, Mute, Question, Reply, Vote, Words
from miitti.questions.states import Doc, State, View

STAGE = "stage"
BOOTH = "booth:"
FURTHEST = 500
"""Events a client may be behind and still get them one by one; beyond, the snapshot is cheaper."""
HEAVIEST = 512 * 1024
"""Bytes of events one answer may hold; a client for whom a megabyte waits is cut off, and would never come back."""
NEWEST = 500
"""Questions a snapshot holds at most per view, the newest ones."""

MODERATORS = access.holders(Power.MODERATE)


def stream(channel_id: int, view: View) -> str:
    """The journal's stream of one view of a channel."""
    return f"qa:{channel_id}:{view.value}"


def channel(event_id: int, ch: str) -> Channel | None:
    """The channel of that name, or None when nobody has opened it yet."""
    return db.session().scalar(sa.select(Channel).where(Channel.event_id == event_id, Channel.ch == ch))


def moderates(who: Who, channel: Channel, booth: Booth | None) -> bool:
    """Whether `who` sees and moves the questions of the channel: hosts and moderators, a company in its booth."""
    if who.person is None:
        return False
    if who.may(*MODERATORS, event_id=channel.event_id):
        return True
    return booth is not None and who.may(Role.COMPANY, event_id=channel.event_id, organisation_id=booth.organisation_id)


def booth_of(channel: Channel) -> Booth | None:
    """The booth of a booth's channel, None for the stage."""
    return None if channel.booth_id is None else db.row(Booth, channel.booth_id)


def speaks_as(who: Who, channel: Channel, booth: Booth | None) -> str:
    """In whose name a written answer stands: the booth's company, or empty for the hosts."""
    if booth is not None and not who.may(*MODERATORS, event_id=channel.event_id):
        return booth.name
    return ""


def answers_aside(who: Who, question: Question, event_id: int) -> Booth | None:
    """The booth in whose name `who` may answer a question of the stage in writing: the one it was given to."""
    if question.to_booth is None or who.person is None:
        return None
    booth = booths.by_slug(event_id, question.to_booth)
    mine = who.may(Role.COMPANY, event_id=event_id, organisation_id=booth.organisation_id)
    return booth if mine else None


def given_to(event_id: int, slug: str) -> list[Question]:
    """The stage's public questions that were given to a booth and wait for, or have, its answer; oldest first."""
    return list(
        db.session().scalars(
            sa.select(Question)
            .join(Channel, Channel.id == Question.channel_id)
            .where(
                Channel.event_id == event_id,
                Channel.ch == STAGE,
                Question.to_booth == slug,
                Question.state.in_(states.PUBLIC),
            )
            .order_by(Question.asked_at, Question.id)
        )
    )


def public_questions(channel_id: int) -> list[Question]:
    """What everybody sees of a channel, oldest first."""
    return list(
        db.session().scalars(
            sa.select(Question)
            .where(Question.channel_id == channel_id, Question.state.in_(states.PUBLIC))
            .order_by(Question.asked_at, Question.id)
        )
    )


def takes_questions(channel: Channel) -> bool:
    """Whether the doors and the hosts let people ask now: the stage while live, a booth from open to over."""
    doors = events.doors(db.row(Event, channel.event_id))
    if channel.closed:
        return False
    return doors is Doors.LIVE if channel.booth_id is None else doors is not Doors.DRAFT


def question(channel_id: int, question_id: str) -> Question:
    """One question of that channel. Raises NotFound."""
    found = db.session().get(Question, question_id)
    if found is None or found.channel_id != channel_id:
        raise errors.NotFound
    return found


def family(question_id: str) -> list[str]:
    """The question and all that were merged into it, directly or by way of another."""
    found = [question_id]
    for each in found:
        found += db.session().scalars(sa.select(Question.id).where(Question.merged_into == each))
    return found


def root(question: Question) -> Question:
    """The question that stands for this one: where it was merged into, in the end, or itself."""
    while question.merged_into is not None:
        question = db.row(Question, question.merged_into)
    return question


def score(question_id: str) -> int:
    """How many people voted for the question or for one merged into it; each counts once."""
    return (
        db.session().scalar(
            sa.select(sa.func.count(sa.distinct(Vote.visitor))).where(Vote.question_id.in_(family(question_id)))
        )
        or 0
    )


def muted_until(event_id: int, visitor: str) -> datetime | None:
    """Until when the visitor may not ask in the event; None when they may."""
    found = db.session().get(Mute, (event_id, visitor))
    return found.until if found is not None and found.until > clock.now() else None


def words(event_id: int) -> list[str]:
    """The words that mark a question of this event for review: its own list, or the general one."""
    own = db.session().get(Words, event_id)
    return list(states.WORDS) if own is None else own.words


def addressed(question_ids: Iterable[str]) -> set[str]:
    """Those of the questions whose answer is to be sent to somebody."""
    return set(db.session().scalars(sa.select(Address.question_id).where(Address.question_id.in_(list(question_ids)))))


def named(slug: str, ch: str) -> tuple[Event, Channel] | None:
    """An event's channel by both their names, in one look; None when nobody has opened it yet."""
    found = db.session().execute(
        sa.select(Event, Channel)
        .join(Channel, Channel.event_id == Event.id)
        .where(Event.slug == slug, Channel.ch == ch)
    )
    return next(((row[0], row[1]) for row in found), None)


def channel_of(slug: str, question_id: str) -> tuple[Event, Channel]:
    """The channel of a question that belongs to the event of that name. Raises NotFound."""
    found = db.session().execute(
        sa.select(Event, Channel)
        .join(Channel, Channel.event_id == Event.id)
        .join(Question, Question.channel_id == Channel.id)
        .where(Question.id == question_id, Event.slug == slug)
    )
    for row in found:
        return row[0], row[1]
    raise errors.NotFound


def moments(event_id: int) -> list[tuple[datetime, Question]]:
    """When each of the stage's questions began to be answered aloud, in that order; corrections counted."""
    rows = db.session().scalars(
        sa.select(Question)
        .join(Channel, Channel.id == Question.channel_id)
        .where(
            Channel.event_id == event_id,
            Channel.ch == STAGE,
            Question.state.in_((State.ANSWERING, State.ANSWERED, State.ARCHIVED)),
            Question.answering_at.is_not(None),
        )
        .order_by(Question.answering_at, Question.id)
    )
    return [(row.answering_at, row) for row in rows if row.answering_at is not None]


# -- what clients get ----------------------------------------------------------------------------------------


def channel_doc(channel: Channel) -> Doc:
    """A channel as everybody gets it."""
    return {
        "ch": channel.ch,
        "rev": channel.rev,
        "open": channel.open,
        "premod": channel.premod,
        "slow_s": channel.slow_s,
        "now": channel.now_id,
    }


def reply_doc(reply: Reply) -> Doc:
    """A written answer as everybody gets it."""
    return {"id": reply.id, "body": reply.body, "by": reply.by, "at": clock.stamp(reply.at)}


def question_doc(question: Question, ch: str, replies: Iterable[Reply], view: View = View.PUB) -> Doc:
    """A question as everybody gets it; moderators' documents hold more, and never who asked."""
    doc: Doc = {
        "id": question.id,
        "no": question.no,
        "ch": ch,
        "body": question.body,
        "name": question.name,
        "to": question.to_booth,
        "labels": question.labels,
        "state": question.state.value,
        "rev": question.rev,
        "up": question.up,
        "vrev": question.vrev,
        "asked_at": clock.stamp(question.asked_at),
        "answering_at": None if question.answering_at is None else clock.stamp(question.answering_at),
        "answered_at": None if question.answered_at is None else clock.stamp(question.answered_at),
        "merged_into": question.merged_into,
        "pinned": question.pinned,
        "replies": [reply_doc(reply) for reply in replies],
    }
    if view is View.MOD:
        doc |= {
            "flags": question.flags,
            "reports": question.reports,
            "author_tag": author_tag(question.channel_id, question.author),
            "masked": states.masked(question.body) if states.PERSONAL.intersection(question.flags) else None,
        }
    return doc


def author_tag(channel_id: int, author: str) -> str:
    """A pseudonym of the asker inside one channel: lets moderators see "the same person", nothing else."""
    key = settings.current().secret_key.encode()
    return hmac.new(key, f"asker:{channel_id}:{author}".encode(), hashlib.sha256).hexdigest()[:6].upper()


def replies_of(question_ids: Sequence[str]) -> dict[str, list[Reply]]:
    """The written answers of several questions, oldest first."""
    found: dict[str, list[Reply]] = {question_id: [] for question_id in question_ids}
    for reply in db.session().scalars(
        sa.select(Reply).where(Reply.question_id.in_(question_ids)).order_by(Reply.at, Reply.id)
    ):
        found[reply.question_id].append(reply)
    return found


def listed(channel: Channel, view: View) -> list[Doc]:
    """The questions of one view, oldest first; the public one knows only public questions."""
    wanted = sa.select(Question).where(Question.channel_id == channel.id)
    if view is View.PUB:
        wanted = wanted.where(Question.state.in_(states.PUBLIC))
    rows = list(db.session().scalars(wanted.order_by(Question.asked_at.desc(), Question.id.desc()).limit(NEWEST)))
    replies = replies_of([row.id for row in rows])
    docs = [question_doc(row, channel.ch, replies[row.id], view) for row in rows]
    return sorted(docs, key=lambda doc: (doc["asked_at"], doc["id"]))


def snapshot(channel_id: int, view: View) -> Doc:
    """Everything a client of one view needs, true at exactly its `seq`."""
    name = stream(channel_id, view)
    while True:
        head = journal.head(name)
        row = db.session().get(Channel, channel_id, populate_existing=True)
        if row is None:
            raise errors.NotFound
        questions = listed(row, view)
        # PostgreSQL's read committed shows later statements later states; SQLite's transaction does not
        if journal.head(name) == head:
            break
        db.session().expire_all()
    return {
        "epoch": head.epoch,
        "seq": head.seq,
        "vrev": row.vrev,
        "channel": channel_doc(row),
        "questions": questions,
        "counts": states.counts(questions),
    }


def mine(channel: Channel, visitor: str | None) -> Doc:
    """What is about one visitor: own questions with their outcome, and votes. Private."""
    own: list[Doc] = []
    votes: list[str] = []
    until = muted_until(channel.event_id, visitor) if visitor else None
    if visitor:
        rows = list(
            db.session().scalars(
                sa.select(Question)
                .where(Question.channel_id == channel.id, Question.author == visitor)
                .order_by(Question.asked_at, Question.id)
            )
        )
        replies = replies_of([row.id for row in rows])
        wanted = addressed(row.id for row in rows)
        own = [
            question_doc(row, channel.ch, replies[row.id])
            | {"cid": row.cid, "reason": row.reason, "by_mail": row.id in wanted}
            for row in rows
        ]
        voted = db.session().scalars(
            sa.select(Question)
            .join(Vote, Question.id == Vote.question_id)
            .where(Question.channel_id == channel.id, Vote.visitor == visitor)
        )
        # a vote for a question that was joined with another is a vote for that one
        votes = sorted({root(question).id for question in voted})
    return {
        "mine": own,
        "votes": votes,
        "muted_until": clock.stamp(until) if until else None,
        "limits": {
            "shortest": states.SHORTEST,
            "longest": states.LONGEST,
            "ask_burst": states.ASK_BURST,
            "ask_every_ms": int(states.ASK_EVERY.total_seconds() * 1000),
        },
    }


# -- catching up ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What a returning client missed; `events` is None when it has to read the snapshot."""

    epoch: str
    seq: int
    events: list[Doc] | None


def catch_up(channel_id: int, ch: str, view: View, cursor: tuple[str, int] | None) -> CatchUp:
    """The events of channel `ch` after `cursor` (epoch, seq), or a hint to read the snapshot."""
    name = stream(channel_id, view)
    head = journal.head(name)
    if cursor is None or cursor[0] != head.epoch or not max(0, head.seq - FURTHEST) <= cursor[1] <= head.seq:
        return CatchUp(head.epoch, head.seq, None)
    entries = journal.since(name, cursor[1], FURTHEST + 1)
    seq = entries[-1].seq if entries else head.seq
    events = [event_doc(entry, ch, view) for entry in entries]
    if len(json.dumps(events)) > HEAVIEST:
        return CatchUp(head.epoch, head.seq, None)
    return CatchUp(head.epoch, seq or head.seq, events)


def event_doc(entry: journal.Entry, ch: str, view: View) -> Doc:
    """A journal entry as the `ev` message clients get."""
    return {
        "ch": ch,
        "v": view.value,
        "seq": entry.seq,
        "ts": clock.stamp(entry.at),
        "t": entry.kind,
        "d": entry.data,
    }


def tallies(channel_id: int, after: int) -> tuple[int, list[tuple[str, int, int]]]:
    """The scores that changed after vrev `after`, as (id, up, vrev), and the channel's vrev they are true at."""
    rows = db.session().execute(
        sa.select(Question.id, Question.up, Question.vrev)
        .where(Question.channel_id == channel_id, Question.vrev > after, Question.state.in_(states.PUBLIC))
        .order_by(Question.vrev)
    )
    changed = [(row[0], row[1], row[2]) for row in rows]
    return max([after, *(vrev for _, _, vrev in changed)]), changed


def vrev(channel_id: int) -> int:
    """How often anybody voted in the channel."""
    return db.session().scalar(sa.select(Channel.vrev).where(Channel.id == channel_id)) or 0


def waiting(channel_id: int) -> int:
    """How many questions wait for a moderator."""
    return (
        db.session().scalar(
            sa.select(sa.func.count())
            .select_from(Question)
            .where(Question.channel_id == channel_id, Question.state == State.PENDING)
        )
        or 0
    )


def waiting_for(email: str, who: Who) -> list[tuple[Address, Question, Channel]]:
    """The answers an address waits for, in the events `who` answers to people for."""
    rows = db.session().execute(
        sa.select(Address, Question, Channel)
        .join(Question, Question.id == Address.question_id)
        .join(Channel, Channel.id == Question.channel_id)
        .where(sa.func.lower(Address.email) == email.lower())
    )
    mine = [(row[0], row[1], row[2]) for row in rows]
    return [found for found in mine if who.can(Power.ANSWER_PRIVACY, event_id=found[2].event_id)]

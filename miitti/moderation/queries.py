"""What moderators and their screens can ask about questions. Reads only."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from miitti.booths.models import Booth
from miitti.foundation import access, clock, db, errors
from miitti.foundation.access import Power, Role, Who
from miitti.questions import queries as asked
from miitti.questions import states
from miitti.questions.models import Channel, Question, Vote
from miitti.questions.states import ChanOp, Doc, State

PRESENTERS = access.holders(Power.PRESENT)


def following(channel_id: int) -> Question | None:
    """The question that comes next: a pinned one first, then by votes, then in the order of asking."""
    return db.session().scalar(
        sa.select(Question)
        .where(Question.channel_id == channel_id, Question.state == State.LIVE)
        .order_by(Question.pinned.desc(), Question.up.desc(), Question.asked_at, Question.id)
        .limit(1)
    )


def may_change(who: Who, channel: Channel, booth: Booth | None, op: ChanOp) -> bool:
    """Whether `who` may do that to the channel: its settings are the hosts' and a company's in its own booth."""
    if who.person is None:
        return False
    if op is ChanOp.NEXT and who.may(*PRESENTERS, event_id=channel.event_id):
        return True
    if who.can(Power.RUN_EVENT, event_id=channel.event_id):
        return True
    return booth is not None and who.may(Role.COMPANY, event_id=channel.event_id, organisation_id=booth.organisation_id)


def oldest_open(channel_ids: Iterable[int]) -> datetime | None:
    """Since when the longest waiting question of the channels has neither been answered nor put aside."""
    return db.session().scalar(
        sa.select(sa.func.min(Question.asked_at)).where(
            Question.channel_id.in_(list(channel_ids)), Question.state.in_((State.PENDING, State.LIVE))
        )
    )


def waiting(event_id: int) -> dict[str, int]:
    """How many questions wait for approval in each channel of the event; channels where none does are left out."""
    rows = db.session().execute(
        sa.select(Channel.ch, sa.func.count())
        .join(Question, Question.channel_id == Channel.id)
        .where(Channel.event_id == event_id, Question.state == State.PENDING)
        .group_by(Channel.ch)
    )
    return {row[0]: row[1] for row in rows}


def given_open(event_id: int, slug: str) -> int:
    """How many of the stage's questions that were given to a booth have no written answer yet and are not answered."""
    rows = [row for row in asked.given_to(event_id, slug) if row.state is not State.ANSWERED]
    replies = asked.replies_of([row.id for row in rows])
    return sum(not replies[row.id] for row in rows)


def numbered(channel_id: int, no: int) -> Question:
    """The open question of that number. Raises Invalid when there is none."""
    found = db.session().scalar(
        sa.select(Question).where(
            Question.channel_id == channel_id, Question.no == no, Question.state.in_(states.MERGEABLE_INTO)
        )
    )
    if found is None:
        raise errors.Invalid(_l("There is no open question with that number."), field="into")
    return found


COLUMNS = (
    "channel", "no", "state", "body", "name", "to", "labels", "votes",
    "asked_at", "answering_at", "answered_at", "answers",
)  # fmt: skip
"""The columns of an export. Who asked or voted is in none."""


def exported(event_id: int, channel_ids: Iterable[int]) -> list[Doc]:
    """The questions of some channels of an event for a file: texts, answers and how many voted; no identities."""
    found: list[Doc] = []
    for channel in db.session().scalars(
        sa.select(Channel)
        .where(Channel.event_id == event_id, Channel.id.in_(list(channel_ids)))
        .order_by(Channel.ch.desc(), Channel.id)
    ):
        rows = list(
            db.session().scalars(
                sa.select(Question)
                .where(Question.channel_id == channel.id, Question.state.not_in((State.WITHDRAWN, State.REMOVED)))
                .order_by(Question.asked_at, Question.id)
            )
        )
        replies = asked.replies_of([row.id for row in rows])
        found += [
            {
                "channel": channel.ch,
                "no": row.no,
                "state": row.state.value,
                "body": row.body,
                "name": row.name,
                "to": row.to_booth,
                "labels": list(row.labels),
                "votes": row.up,
                "asked_at": clock.stamp(row.asked_at),
                "answering_at": None if row.answering_at is None else clock.stamp(row.answering_at),
                "answered_at": None if row.answered_at is None else clock.stamp(row.answered_at),
                "answers": [{"by": reply.by, "body": reply.body} for reply in replies[row.id]],
            }
            for row in rows
        ]
    return found


def channels(event_id: int) -> list[Channel]:
    """The event's channels that somebody has opened, the stage first."""
    return list(
        db.session().scalars(sa.select(Channel).where(Channel.event_id == event_id).order_by(Channel.ch.desc()))
    )


def voters(event_id: int) -> int:
    """How many different browsers voted in the event."""
    return (
        db.session().scalar(
            sa.select(sa.func.count(sa.distinct(Vote.visitor)))
            .join(Question, Question.id == Vote.question_id)
            .join(Channel, Channel.id == Question.channel_id)
            .where(Channel.event_id == event_id)
        )
        or 0
    )

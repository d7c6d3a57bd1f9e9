"""Finding reminders and counts. Only reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select

from miitti.foundation import db, errors
from miitti.foundation.access import Power, Who
from miitti.teasers.models import Arrival, Reminder


def by_token(token: str) -> Reminder:
    """Return the reminder a removal link belongs to. Raises NotFound."""
    reminder = db.session().scalar(select(Reminder).where(Reminder.token == token))
    if reminder is None:
        raise errors.NotFound
    return reminder


def of_address(event_id: int, email: str) -> Reminder | None:
    """The reminder of this address (lower case) for this event."""
    return db.session().scalar(select(Reminder).where(Reminder.event_id == event_id, Reminder.email == email))


def of_event(event_id: int) -> Sequence[Reminder]:
    """All reminders of an event."""
    return db.session().scalars(select(Reminder).where(Reminder.event_id == event_id).order_by(Reminder.id)).all()


def number_of_event(event_id: int) -> int:
    """How many people asked to be reminded."""
    return db.session().scalar(select(func.count(Reminder.id)).where(Reminder.event_id == event_id)) or 0


def asked_since(asked_by: str, since: datetime) -> int:
    """How many addresses one browser has left since then."""
    return (
        db.session().scalar(
            select(func.count(Reminder.id)).where(Reminder.asked_by == asked_by, Reminder.asked_at >= since)
        )
        or 0
    )


def arrival(event_id: int, partner: str, day: date) -> Arrival | None:
    """The counter of one partner on one day."""
    return db.session().scalar(
        select(Arrival).where(Arrival.event_id == event_id, Arrival.partner == partner, Arrival.day == day)
    )


def partners_of_day(event_id: int, day: date) -> int:
    """How many different partner words were counted on one day."""
    return (
        db.session().scalar(select(func.count(Arrival.id)).where(Arrival.event_id == event_id, Arrival.day == day)) or 0
    )


def arrivals(event_id: int) -> list[tuple[str, int]]:
    """What each partner's links have brought in all, most first."""
    rows = db.session().execute(
        select(Arrival.partner, func.sum(Arrival.count))
        .where(Arrival.event_id == event_id)
        .group_by(Arrival.partner)
        .order_by(func.sum(Arrival.count).desc(), Arrival.partner)
    )
    return [(partner, int(count)) for partner, count in rows]


def asked_by_address(email: str, who: Who) -> list[Reminder]:
    """The reminders of an address in the events `who` answers to people for."""
    rows = db.session().scalars(select(Reminder).where(Reminder.email == email.lower()))
    return [row for row in rows if who.can(Power.ANSWER_PRIVACY, event_id=row.event_id)]

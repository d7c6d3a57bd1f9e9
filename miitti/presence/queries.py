"""Who is there. Reads only; numbers and yes or no, never names."""

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa

from miitti.foundation import clock, db
from miitti.presence import states
from miitti.presence.models import Group, Heartbeat

BEAT_S = 5
"""How often a web process says who it serves."""
FRESH = timedelta(seconds=3 * BEAT_S)
"""A heartbeat older than three beats is somebody who left."""


def count(event_id: int, place: str) -> int:
    """How many different people are at the place; at the stage, groups with all their heads."""
    now = clock.now()
    here = sa.select(Heartbeat.who).where(
        Heartbeat.event_id == event_id, Heartbeat.place == place, Heartbeat.last_at > now - FRESH
    )
    alone = here
    if place == states.PLACE:
        alone = here.where(Heartbeat.who.not_in(sa.select(Group.who).where(*_together(event_id, now))))
    n = db.session().scalar(sa.select(sa.func.count()).select_from(alone.subquery())) or 0
    return n + groups(event_id)[1] if place == states.PLACE else n


def groups(event_id: int) -> tuple[int, int]:
    """How many groups watch together just now, and how many people they are in all."""
    told = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Group.heads), 0))
    number, heads = db.session().execute(told.where(*_together(event_id, clock.now()))).one()
    return int(number), int(heads)


def heads(event_id: int, visitor: str) -> int:
    """How many people watch before this browser: 1 unless it said otherwise on this visit."""
    group = db.session().get(Group, (event_id, mark(event_id, visitor)))
    return group.heads if group is not None and group.until > clock.now() - states.KEPT else 1


def mark(event_id: int, visitor: str) -> str:
    """A browser's hash in this event; it means nothing elsewhere."""
    return hashlib.sha256(f"present:{event_id}:{visitor}".encode()).hexdigest()[:24]


def _together(event_id: int, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return Group.event_id == event_id, Group.until > now


def hosted(event_id: int) -> set[str]:
    """The places of the event at which somebody of their own company is just now."""
    return set(
        db.session().scalars(
            sa.select(Heartbeat.place)
            .where(Heartbeat.event_id == event_id, Heartbeat.hosting.is_(True), Heartbeat.last_at > clock.now() - FRESH)
            .distinct()
        )
    )

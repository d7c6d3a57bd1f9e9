"""Who is there. Reads only; numbers and yes or no, never names."""

from datetime import timedelta

import sqlalchemy as sa

from miitti.foundation import clock, db
from miitti.presence.models import Heartbeat

BEAT_S = 5
"""How often a web process says who it serves."""
FRESH = timedelta(seconds=3 * BEAT_S)
"""A heartbeat older than three beats is somebody who left."""


def count(event_id: int, place: str) -> int:
    """How many different people are at the place."""
    return (
        db.session().scalar(
            sa.select(sa.func.count())
            .select_from(Heartbeat)
            .where(Heartbeat.event_id == event_id, Heartbeat.place == place, Heartbeat.last_at > clock.now() - FRESH)
        )
        or 0
    )


def hosted(event_id: int) -> set[str]:
    """The places of the event at which somebody of their own company is just now."""
    return set(
        db.session().scalars(
            sa.select(Heartbeat.place)
            .where(Heartbeat.event_id == event_id, Heartbeat.hosting.is_(True), Heartbeat.last_at > clock.now() - FRESH)
            .distinct()
        )
    )

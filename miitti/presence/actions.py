"""The only place that changes heartbeats."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from miitti.foundation import clock, db
from miitti.presence.models import Heartbeat

KEPT = timedelta(minutes=5)


@db.writing
def beat(*, event_id: int, place: str, visitors: Iterable[str], hosts: Iterable[str] = ()) -> None:
    """These browsers are at the place now; `hosts` are people of its own company. All in one transaction."""
    now = clock.now()
    hosting = {_who(event_id, visitor) for visitor in hosts}
    everybody = sorted({_who(event_id, visitor) for visitor in visitors} | hosting)
    if not everybody:
        return
    insert = postgresql.insert if db.session().get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Heartbeat.__table__)  # type: ignore[arg-type]
    statement = statement.on_conflict_do_update(
        index_elements=["event_id", "place", "who"],
        set_={"last_at": statement.excluded.last_at, "hosting": statement.excluded.hosting},
    )
    db.session().execute(
        statement,
        [
            {"event_id": event_id, "place": place, "who": who, "hosting": who in hosting, "last_at": now}
            for who in everybody
        ],
    )


@db.writing
def forget() -> None:
    """Erase heartbeats nobody counts any more."""
    db.session().execute(sa.delete(Heartbeat).where(Heartbeat.last_at < clock.now() - KEPT))


def _who(event_id: int, visitor: str) -> str:
    return hashlib.sha256(f"present:{event_id}:{visitor}".encode()).hexdigest()[:24]

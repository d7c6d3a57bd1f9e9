"""The only place that changes heartbeats and groups."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects import postgresql, sqlite

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import clock, db, errors
from miitti.presence import queries, states
from miitti.presence.models import Group, Heartbeat


@db.writing
def beat(*, event_id: int, place: str, visitors: Iterable[str], hosts: Iterable[str] = ()) -> None:
    """These browsers are at the place now; `hosts` are people of its own company. All in one transaction."""
    now = clock.now()
    hosting = {queries.mark(event_id, visitor) for visitor in hosts}
    everybody = sorted({queries.mark(event_id, visitor) for visitor in visitors} | hosting)
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
    if place == states.PLACE:
        _keep_groups(event_id, now)


@db.writing
def gather(*, event_id: int, visitor: str, heads: int) -> None:
    """This browser shows the broadcast to `heads` people; one or fewer is no group, and ends one.

    Raises Invalid (more than MOST_HEADS), Refused (the event is not live).
    """
    if events.doors(db.row(Event, event_id)) is not Doors.LIVE:
        raise errors.Refused(_l("Watching together is told while the broadcast is on."))
    if heads > states.MOST_HEADS:
        problem = _l("A group is at most %(most)d people.", most=states.MOST_HEADS)
        raise errors.Invalid(problem, field="heads")
    session, now, who = db.session(), clock.now(), queries.mark(event_id, visitor)
    group = session.get(Group, (event_id, who))
    if heads <= 1:
        if group is not None:
            session.delete(group)
        return
    if group is None:
        group = Group(event_id=event_id, who=who)
        session.add(group)
    # a page with a script is heard within seconds, and from then on its heartbeats say when it has left
    group.heads, group.until = heads, now + states.UNHEARD


def _keep_groups(event_id: int, now: datetime) -> None:
    """Let groups count on while their browser is heard, and not a moment longer than it is."""
    heard = sa.exists().where(
        Heartbeat.event_id == Group.event_id,
        Heartbeat.place == states.PLACE,
        Heartbeat.who == Group.who,
        Heartbeat.last_at > now - queries.FRESH,
    )
    db.session().execute(
        sa.update(Group)
        .where(Group.event_id == event_id, Group.until > now - states.KEPT, heard)
        .values(until=now + queries.FRESH)
    )


@db.writing
def forget() -> None:
    """Erase heartbeats and groups nobody counts any more."""
    ended = clock.now() - states.KEPT
    db.session().execute(sa.delete(Heartbeat).where(Heartbeat.last_at < ended))
    db.session().execute(sa.delete(Group).where(Group.until < ended))

"""Finding events, their hosts and their programme. Only reads."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from miitti.accounts.models import Organisation
from miitti.events import states
from miitti.events.models import CoHost, Event, ProgrammeItem
from miitti.foundation import clock, db, errors
from miitti.foundation.access import Power, Who


def by_slug(slug: str) -> Event:
    """Return the event with this slug, drafts included. Raises NotFound."""
    event = db.session().scalar(select(Event).where(Event.slug == slug))
    if event is None:
        raise errors.NotFound
    return event


def by_id(event_id: int) -> Event:
    """Return one event, drafts included. Raises NotFound."""
    return db.row(Event, event_id)


def seen(slug: str, who: Who) -> Event:
    """Return the event when `who` may see it: a draft only by its hosts. Raises NotFound."""
    return shown(by_slug(slug), who)


def shown(event: Event, who: Who) -> Event:
    """Return the event itself when `who` may see it, as `seen` does. Raises NotFound."""
    if states.doors(event, clock.now()) is states.Doors.DRAFT and not who.can(Power.RUN_EVENT, event_id=event.id):
        raise errors.NotFound
    return event


def previewed(slug: str, word: str) -> Event:
    """Return a draft to whoever was given its preview's random word. Raises NotFound."""
    event = by_slug(slug)
    if not event.preview or not secrets.compare_digest(event.preview.encode(), word.encode()):
        raise errors.NotFound
    return event


def hosted(slug: str, who: Who) -> Event:
    """Return the event when `who` is one of its hosts. Raises NotFound."""
    event = by_slug(slug)
    if not who.can(Power.RUN_EVENT, event_id=event.id):
        raise errors.NotFound
    return event


def hosted_by(who: Who) -> list[Event]:
    """All events `who` is a host of, the latest first."""
    events = db.session().scalars(select(Event).order_by(Event.starts_at.desc(), Event.id.desc()))
    return [event for event in events if who.can(Power.RUN_EVENT, event_id=event.id)]


def doors(event: Event) -> states.Doors:
    """Say where the doors of `event` stand now."""
    return states.doors(event, clock.now())


def upcoming() -> Sequence[Event]:
    """Published events whose doors are open, the nearest first."""
    now = clock.now()
    held = Event.forced_doors
    waits = or_(held == states.Doors.OPEN, and_(held.is_(None), Event.starts_at > now))
    return _published(waits, Event.starts_at.asc())


def live() -> Sequence[Event]:
    """Published events that are live now, the earliest started first."""
    now = clock.now()
    held = Event.forced_doors
    on = or_(held == states.Doors.LIVE, and_(held.is_(None), Event.starts_at <= now, Event.ends_at > now))
    return _published(on, Event.starts_at.asc())


def past() -> Sequence[Event]:
    """Published events that are over, the latest first."""
    now = clock.now()
    held = Event.forced_doors
    done = or_(held == states.Doors.OVER, and_(held.is_(None), Event.ends_at <= now))
    return _published(done, Event.ends_at.desc())


def is_published() -> ColumnElement[bool]:
    """The condition on Event rows that visitors may know; for the queries of higher rooms."""
    return and_(Event.published_at.is_not(None), Event.published_at <= clock.now())


def programme(event_id: int) -> Sequence[ProgrammeItem]:
    """The programme in the order of time."""
    return (
        db.session()
        .scalars(
            select(ProgrammeItem)
            .where(ProgrammeItem.event_id == event_id)
            .order_by(ProgrammeItem.starts_at, ProgrammeItem.id)
        )
        .all()
    )


def running(items: Sequence[ProgrammeItem]) -> tuple[ProgrammeItem | None, ProgrammeItem | None]:
    """Pick what is on now and what comes next out of a programme in order; None where there is nothing."""
    now = clock.now()
    on = next((item for item in reversed(items) if item.starts_at <= now < item.ends_at), None)
    coming = next((item for item in items if item.starts_at > now), None)
    return on, coming


def cohosts(event_id: int) -> Sequence[Organisation]:
    """The organisations that hold the event together, in the order they were set."""
    return (
        db.session()
        .scalars(
            select(Organisation)
            .join(CoHost, CoHost.organisation_id == Organisation.id)
            .where(CoHost.event_id == event_id)
            .order_by(CoHost.position, CoHost.id)
        )
        .all()
    )


def _published(condition: ColumnElement[bool], order: ColumnElement[datetime]) -> Sequence[Event]:
    return db.session().scalars(select(Event).where(is_published(), condition).order_by(order, Event.id)).all()

"""Finding booths. Only reads."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import or_, select

from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import db, errors
from miitti.foundation.access import Power, Role, Who


def by_slug(event_id: int, slug: str) -> Booth:
    """Return the booth with this slug in this event. Raises NotFound."""
    booth = db.session().scalar(select(Booth).where(Booth.event_id == event_id, Booth.slug == slug))
    if booth is None:
        raise errors.NotFound
    return booth


def of_event(event_id: int) -> Sequence[Booth]:
    """The booths of an event in the order of the hall."""
    return (
        db.session().scalars(select(Booth).where(Booth.event_id == event_id).order_by(Booth.position, Booth.id)).all()
    )


def with_event(booth_id: int) -> tuple[Booth, Event]:
    """Return a booth and its event. Raises NotFound."""
    row = (
        db.session()
        .execute(select(Booth, Event).join(Event, Event.id == Booth.event_id).where(Booth.id == booth_id))
        .one_or_none()
    )
    if row is None:
        raise errors.NotFound
    return row[0], row[1]


def of_who(who: Who) -> list[tuple[Booth, Event]]:
    """The booths `who` may work on: those of the own companies, and all booths of hosted events.

    The latest event first, inside it in the order of the hall.
    """
    hosted = [event.id for event in events.hosted_by(who)]
    rows = db.session().execute(
        select(Booth, Event)
        .join(Event, Event.id == Booth.event_id)
        .where(or_(Booth.organisation_id.in_(who.organisations(Role.COMPANY)), Booth.event_id.in_(hosted)))
        .order_by(Event.starts_at.desc(), Event.id, Booth.position, Booth.id)
    )
    # a company's grant may name one event only
    return [(booth, event) for booth, event in rows if may_edit(booth, who)]


def may_edit(booth: Booth, who: Who) -> bool:
    """Whether `who` may work on the booth: its company, or a host of its event on the company's behalf."""
    own = who.can(Power.COMPANY_WORK, event_id=booth.event_id, organisation_id=booth.organisation_id)
    return own or who.can(Power.ACT_FOR_COMPANY, event_id=booth.event_id)


def editable(event_slug: str, slug: str, who: Who) -> tuple[Booth, Event]:
    """Return the booth and its event when `who` may work on it. Raises NotFound."""
    event = events.by_slug(event_slug)
    booth = by_slug(event.id, slug)
    if not may_edit(booth, who):
        raise errors.NotFound
    return booth, event


def any_of_event(event_id: int, *, but: str = "") -> Booth | None:
    """Pick a booth by chance, not `but` (a slug) when there is another; None in an empty hall."""
    booths = of_event(event_id)
    others = [booth for booth in booths if booth.slug != but]
    return secrets.choice(others or booths) if booths else None


def contacted_by(email: str, who: Who) -> list[Booth]:
    """The booths whose contacts go to an address, in the events `who` answers to people for."""
    rows = db.session().scalars(select(Booth).where(Booth.contact_email == email.lower()))
    return [booth for booth in rows if who.can(Power.ANSWER_PRIVACY, event_id=booth.event_id)]

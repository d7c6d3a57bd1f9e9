"""Everything that changes an event. Each action is one transaction; times are aware."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from miitti.accounts import actions as accounts
from miitti.accounts import states as accounts_states
from miitti.accounts.models import Organisation
from miitti.events import news, states
from miitti.events.models import CoHost, Event, ProgrammeItem, overlong
from miitti.foundation import clock, db, errors, ids, journal

LANGUAGES = ("fi", "sv", "en")

TEXTS = frozenset([*(f"{part}_{code}" for part in ("title", "lead", "place") for code in LANGUAGES), "address"])
"""The columns of an event that hosts write."""

LONGEST = timedelta(days=3)
"""A Miitti takes an afternoon; three days leaves room for a fair and catches a wrong year."""


def stream(event_id: int) -> str:
    """The journal stream of an event's own news (its doors)."""
    return f"event:{event_id}"


@db.writing
def create(
    *,
    slug: str,
    title_fi: str,
    starts_at: datetime,
    ends_at: datetime,
    title_sv: str = "",
    title_en: str = "",
    lead_fi: str = "",
    lead_sv: str = "",
    lead_en: str = "",
    place_fi: str = "",
    place_sv: str = "",
    place_en: str = "",
) -> Event:
    """Make a draft event. Raises Invalid (slug, title, times) or Conflict (slug taken)."""
    starts_at, ends_at = _times(starts_at, ends_at)
    if not accounts_states.is_slug(slug):
        raise errors.Invalid(_l("Use small letters a to z, digits and hyphens."), field="slug")
    if not title_fi.strip():
        raise errors.Invalid(_l("Give the event a name in Finnish."), field="title_fi")
    if db.session().scalar(select(Event.id).where(Event.slug == slug)) is not None:
        raise errors.Conflict(_l("Another event has this address already."), field="slug")
    now = clock.now()
    event = Event(
        slug=slug,
        title_fi=title_fi,
        title_sv=title_sv,
        title_en=title_en,
        lead_fi=lead_fi,
        lead_sv=lead_sv,
        lead_en=lead_en,
        place_fi=place_fi,
        place_sv=place_sv,
        place_en=place_en,
        starts_at=starts_at,
        ends_at=ends_at,
        published_at=None,
        attendance=states.Attendance.ONLINE,
        address="",
        languages="fi",
        moved_from=None,
        cancelled_at=None,
        preview=None,
        forced_doors=None,
        ics_sequence=0,
        created_at=now,
        changed_at=now,
    )
    _fits(event)
    db.session().add(event)
    db.session().flush()
    return event


@db.writing
def publish(*, event_id: int) -> None:
    """Open the teaser to everybody. Publishing twice changes nothing."""
    event = db.row(Event, event_id)
    if event.published_at is None:
        event.published_at = clock.now()
        accounts.note(verb="publish", object_kind="event", object_id=event.id, event_id=event.id)
        _tell(event)


@db.writing
def add_cohost(*, event_id: int, organisation_id: int) -> None:
    """Set an organisation beside the other hosts, last in line. Adding it twice changes nothing."""
    db.row(Event, event_id)
    db.row(Organisation, organisation_id)
    hosts = db.session().scalars(select(CoHost).where(CoHost.event_id == event_id)).all()
    if all(host.organisation_id != organisation_id for host in hosts):
        place = max((host.position for host in hosts), default=0) + 1
        db.session().add(CoHost(event_id=event_id, organisation_id=organisation_id, position=place))


@db.writing
def add_item(
    *,
    event_id: int,
    starts_at: datetime,
    ends_at: datetime,
    title_fi: str,
    title_sv: str = "",
    title_en: str = "",
    organisation_id: int | None = None,
    speakers: str = "",
) -> ProgrammeItem:
    """Add a line to the programme. It must lie inside the event. Raises Invalid."""
    event = db.row(Event, event_id)
    starts_at, ends_at = _times(starts_at, ends_at)
    if starts_at < event.starts_at or ends_at > event.ends_at:
        raise errors.Invalid(_l("The item lies outside the event's own times."), field="starts_at")
    if not title_fi.strip():
        raise errors.Invalid(_l("Give the item a name in Finnish."), field="title_fi")
    item = ProgrammeItem(
        event_id=event_id,
        starts_at=starts_at,
        ends_at=ends_at,
        title_fi=title_fi,
        title_sv=title_sv,
        title_en=title_en,
        organisation_id=organisation_id,
        speakers=speakers,
    )
    _fits(item)
    db.session().add(item)
    db.session().flush()
    return item


@db.writing
def move(*, event_id: int, starts_at: datetime, ends_at: datetime) -> None:
    """Give the event new times; the programme moves with its start. Raises Invalid.

    Calendars learn of it by a higher SEQUENCE (RFC 5545 3.8.7.4). Items that a shorter event would leave
    outside are cut at its end; an item that would lie wholly outside refuses the move. Raises Refused when
    the event is called off.
    """
    event = db.row(Event, event_id)
    _stands(event)
    starts_at, ends_at = _times(starts_at, ends_at)
    if (starts_at, ends_at) == (event.starts_at, event.ends_at):
        return
    by = starts_at - event.starts_at
    items = db.session().scalars(select(ProgrammeItem).where(ProgrammeItem.event_id == event_id))
    for item in items:
        if item.starts_at + by >= ends_at:
            raise errors.Invalid(_l("The programme would not fit into these times."), field="ends_at")
        item.starts_at, item.ends_at = item.starts_at + by, min(item.ends_at + by, ends_at)
    if event.published_at is not None and event.moved_from is None:
        event.moved_from = event.starts_at
    event.starts_at, event.ends_at = starts_at, ends_at
    accounts.note_change(event, verb="move", object_kind="event", organisation_id=None, event_id=event.id)
    _changed(event)


@db.writing
def describe(*, event_id: int, attendance: states.Attendance, languages: Sequence[str], **texts: str) -> None:
    """Write an event's words (columns of `Text`; the others stay), how one takes part, and what is spoken there.

    Raises Invalid. A published event that is held elsewhere than before is told to everybody who asked.
    """
    strange = texts.keys() - TEXTS
    if strange:
        raise TypeError(f"an event has no text called {', '.join(sorted(strange))}")
    event = db.row(Event, event_id)
    _stands(event)
    before = (event.attendance, event.address)
    for column, value in texts.items():
        setattr(event, column, value)
    if not event.title_fi.strip():
        raise errors.Invalid(_l("Give the event a name in Finnish."), field="title_fi")
    event.attendance = attendance
    if attendance is not states.Attendance.ONLINE and not event.address.strip():
        raise errors.Invalid(_l("Where is it held? Give the street address and the town."), field="address")
    spoken = [code for code in LANGUAGES if code in languages]
    if not spoken:
        raise errors.Invalid(_l("Choose at least one language."), field="languages")
    event.languages = " ".join(spoken)
    _fits(event)
    accounts.note_change(event, verb="describe", object_kind="event", organisation_id=None, event_id=event.id)
    if (event.attendance, event.address) != before:
        _changed(event)


@db.writing
def cancel(*, event_id: int, **reasons: str) -> None:
    """Call a published event off for good, with `reason_fi` and, if given, `reason_sv`, `reason_en`.

    Its page stays and says so; calendars and everybody who asked to be reminded are told. A draft is no promise
    to anybody, so it is Refused. Calling off twice changes nothing. Raises Invalid without a reason in Finnish.
    """
    event = db.row(Event, event_id)
    if event.published_at is None:
        raise errors.Refused(_l("Nobody has been told of it yet, so there is nothing to call off."))
    if event.cancelled_at is not None:
        return
    if not reasons.get("reason_fi", "").strip():
        raise errors.Invalid(_l("Say why, in a sentence: it is what people read."), field="reason_fi")
    for code in LANGUAGES:
        setattr(event, f"reason_{code}", reasons.get(f"reason_{code}", "").strip())
    event.cancelled_at = clock.now()
    event.forced_doors = states.Doors.OVER
    _fits(event)
    accounts.note(
        verb="cancel", object_kind="event", object_id=event.id, event_id=event.id, after={"reason": event.reason_fi}
    )
    event.ics_sequence += 1
    event.changed_at = clock.now()
    news.tell(news.Cancelled(event_id=event.id))
    _tell(event)


@db.writing
def make_preview(*, event_id: int) -> str:
    """Give the draft an address for those who have no role; a new one ends the old. Returns its random word."""
    event = db.row(Event, event_id)
    event.preview = ids.secret()
    return event.preview


@db.writing
def force_doors(*, event_id: int, doors: states.Doors | None) -> None:
    """Hold the doors by hand, or give them back to the clock with None. Raises Refused for a draft."""
    event = db.row(Event, event_id)
    if event.published_at is None:
        raise errors.Refused(_l("Publish the event first; nobody can see it yet."))
    _stands(event)
    if doors is not None and doors not in states.FORCEABLE:
        raise errors.Invalid(_l("A published event can't become a draft again."), field="doors")
    if event.forced_doors != doors:
        event.forced_doors = doors
        accounts.note_change(event, verb="force_doors", object_kind="event", organisation_id=None, event_id=event.id)
        _tell(event)


def _stands(event: Event) -> None:
    if event.cancelled_at is not None:
        raise errors.Refused(_l("This event is called off. Make a new one from it instead."))


def _changed(event: Event) -> None:
    """Make calendars and, once it is published, everybody who asked notice the change."""
    event.ics_sequence += 1
    event.changed_at = clock.now()
    if event.published_at is not None:
        news.tell(news.Moved(event_id=event.id))
    _tell(event)


@db.writing
def remove(*, event_id: int) -> None:
    """Delete an event with every row that hangs on it, for good. What lies elsewhere the caller has cleared.

    Raises Refused while its doors are open or live and it is not called off: nobody's page vanishes under her.
    """
    row = db.row(Event, event_id)
    if row.cancelled_at is None and states.doors(row, clock.now()) in (states.Doors.OPEN, states.Doors.LIVE):
        raise errors.Refused(_l("The doors are open. End the event or call it off first, then it can be deleted."))
    accounts.note(
        verb="delete_event",
        object_kind="event",
        object_id=event_id,
        event_id=event_id,
        before={"slug": row.slug, "title_fi": row.title_fi},
    )
    journal.append(stream(event_id), "gone", {"slug": row.slug}, sequenced=False)
    db.session().flush()
    db.session().delete(row)


def _fits(row: db.Base) -> None:
    long = overlong(row)
    if long:
        raise errors.TooLong(fields={name: [errors.TooLong.default] for name in long})


def _tell(event: Event) -> None:
    """Put the doors into the journal, so that open pages can offer the new view."""
    data = {"slug": event.slug, "doors": states.doors(event, clock.now())}
    journal.append(stream(event.id), "doors", data, sequenced=False)


def _times(starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """Check a pair of aware times and give them in UTC."""
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise ValueError("event times must be aware")
    # Compared in UTC: two local times of one zone would compare by the wall, wrong on daylight-saving nights.
    starts_at, ends_at = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    if ends_at <= starts_at:
        raise errors.Invalid(_l("The end must come after the start."), field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise errors.Invalid(_l("That is longer than three days. Check the dates."), field="ends_at")
    return starts_at, ends_at

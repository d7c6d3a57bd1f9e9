"""Everything by which hosts make an event: begun, copied, its programme. Each action is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from miitti.accounts import actions as accounts
from miitti.booths import actions as booths
from miitti.booths import queries as booths_queries
from miitti.events import actions as events
from miitti.events import queries as events_queries
from miitti.events.models import Event, ProgrammeItem
from miitti.foundation import clock, db, errors
from miitti.foundation.access import HOSTS, Role, Who
from miitti.planning import states

COPIED = tuple(f"{part}_{code}" for part in ("lead", "place") for code in events.LANGUAGES)


@db.writing
def begin(*, title: str, starts_at: datetime, ends_at: datetime, template: str, who: Who) -> Event:
    """Make a draft out of a title, two aware times and a template ("" for nothing); `who` becomes its host.

    What of the template's programme does not fit into the times is left out. Raises Invalid.
    """
    _coming(starts_at)
    event = events.create(slug=_free_slug(title), title_fi=title, starts_at=starts_at, ends_at=ends_at)
    plan = states.TEMPLATES.get(template)
    if plan is not None:
        event.lead_fi, event.lead_sv, event.lead_en = plan.lead
        for line in plan.lines:
            begins = event.starts_at + timedelta(minutes=line.at)
            ends = min(begins + timedelta(minutes=line.minutes), event.ends_at)
            if begins < ends:
                events.add_item(
                    event_id=event.id,
                    starts_at=begins,
                    ends_at=ends,
                    title_fi=line.fi,
                    title_sv=line.sv,
                    title_en=line.en,
                )
    _begun(event, who)
    return event


@db.writing
def duplicate(
    *, event_id: int, title: str, starts_at: datetime, ends_at: datetime, with_booths: bool, who: Who
) -> Event:
    """Make a draft like an earlier event: words, hosts, programme, and its companies' booths if wished.

    The title is the new one in Finnish; the others are left to be written, for they often name the year. Ads,
    videos, questions, contacts and where contacts go stay with the old event: each company decides them anew.
    Raises NotFound when `who` does not host the old one, Invalid as `begin`.
    """
    _coming(starts_at)
    old = events_queries.hosted(db.row(Event, event_id).slug, who)
    words = {name: getattr(old, name) for name in COPIED}
    event = events.create(slug=_free_slug(title), title_fi=title, starts_at=starts_at, ends_at=ends_at, **words)
    event.attendance, event.address, event.languages = old.attendance, old.address, old.languages
    for host in events_queries.cohosts(old.id):
        events.add_cohost(event_id=event.id, organisation_id=host.id)
    for item in events_queries.programme(old.id):
        begins = event.starts_at + (item.starts_at - old.starts_at)
        ends = min(event.starts_at + (item.ends_at - old.starts_at), event.ends_at)
        if begins < ends:
            events.add_item(
                event_id=event.id,
                starts_at=begins,
                ends_at=ends,
                title_fi=item.title_fi,
                title_sv=item.title_sv,
                title_en=item.title_en,
                organisation_id=item.organisation_id if with_booths else None,
                speakers=item.speakers if with_booths else "",
            )
    for booth in booths_queries.of_event(old.id) if with_booths else ():
        texts = {name: getattr(booth, name) for name in booths.TEXTS - {"name", "contact_email", "people"}}
        booths.open_booth(
            event_id=event.id, organisation_id=booth.organisation_id, slug=booth.slug, name=booth.name, **texts
        )
    _begun(event, who)
    return event


def _begun(event: Event, who: Who) -> None:
    """Note who made the event, and give them the role they have elsewhere when it does not reach here."""
    accounts.note(
        verb="begin", object_kind="event", object_id=event.id, event_id=event.id, after={"title_fi": event.title_fi}
    )
    if who.may(*HOSTS, event_id=event.id) or who.person is None:
        return
    organiser = any(grant.role is Role.ORGANISER for grant in who.grants)
    own = next((grant.organisation_id for grant in who.grants if grant.role is Role.COHOST), None)
    if organiser or own is None:
        accounts.grant(person_id=who.person, role=Role.ORGANISER if organiser else Role.COHOST, event_id=event.id)
    else:
        events.add_cohost(event_id=event.id, organisation_id=own)
        accounts.grant(person_id=who.person, role=Role.COHOST, event_id=event.id, organisation_id=own)


def _coming(starts_at: datetime) -> None:
    if starts_at <= clock.now():
        raise errors.Invalid(_l("That time has passed already. Check the date."), field="starts_on")


def _free_slug(title: str) -> str:
    wanted = word = states.slug(title)
    number = 1
    while word == "new" or db.session().scalar(select(Event.id).where(Event.slug == word)) is not None:
        number += 1
        word = f"{wanted}-{number}"
    return word


# -- the programme -------------------------------------------------------------------------------------------


@db.writing
def add_item(
    *, event_id: int, starts_at: datetime, minutes: int, organisation_id: int | None, speakers: str, **titles: str
) -> None:
    """Add a line of that many minutes to the programme. Raises Invalid: outside the event, over another line."""
    ends_at = starts_at + timedelta(minutes=minutes)
    _alone(event_id, starts_at, ends_at)
    item = events.add_item(
        event_id=event_id,
        starts_at=starts_at,
        ends_at=ends_at,
        organisation_id=organisation_id,
        speakers=speakers,
        title_fi=titles.get("title_fi", ""),
        title_sv=titles.get("title_sv", ""),
        title_en=titles.get("title_en", ""),
    )
    _note(item, "add_item")


@db.writing
def change_item(
    *, item_id: int, starts_at: datetime, minutes: int, organisation_id: int | None, speakers: str, **titles: str
) -> None:
    """Write a line of the programme anew. Raises Invalid as `add_item` does."""
    item = db.row(ProgrammeItem, item_id)
    event = db.row(Event, item.event_id)
    ends_at = starts_at + timedelta(minutes=minutes)
    if starts_at < event.starts_at or ends_at > event.ends_at:
        raise errors.Invalid(_l("The item lies outside the event's own times."), field="starts")
    _alone(item.event_id, starts_at, ends_at, but=item.id)
    item.starts_at, item.ends_at = starts_at, ends_at
    item.organisation_id, item.speakers = organisation_id, speakers
    for name, text in titles.items():
        setattr(item, name, text)
    with db.session().no_autoflush:
        accounts.note_change(
            item, verb="change_item", object_kind="event", organisation_id=None, event_id=item.event_id
        )


@db.writing
def remove_item(*, item_id: int) -> None:
    """Take a line out of the programme."""
    item = db.row(ProgrammeItem, item_id)
    _note(item, "remove_item")
    db.session().delete(item)


@db.writing
def order_items(*, event_id: int, item_ids: Sequence[int]) -> None:
    """Put the programme into another order; lengths and pauses stay. Raises Conflict when it has changed meanwhile."""
    items = list(events_queries.programme(event_id))
    ids = [item.id for item in items]
    if sorted(item_ids) != sorted(ids):
        raise errors.Conflict
    times = states.reflow(items, [ids.index(item_id) for item_id in item_ids])
    for item, (starts_at, ends_at) in zip(items, times, strict=True):
        item.starts_at, item.ends_at = starts_at, ends_at
    accounts.note(verb="order_items", object_kind="event", object_id=event_id, event_id=event_id)


@db.writing
def begin_item(*, item_id: int) -> None:
    """Let a line begin this moment, in a show that goes its own way: what is on ends, and the rest follows."""
    item = db.row(ProgrammeItem, item_id)
    items = list(events_queries.programme(item.event_id))
    times = states.begun(items, items.index(item), clock.now().replace(microsecond=0))
    for line, (starts_at, ends_at) in zip(items, times, strict=True):
        line.starts_at, line.ends_at = starts_at, ends_at
    _note(item, "retime_items")


@db.writing
def lengthen_item(*, item_id: int, minutes: int) -> None:
    """Give a line so many minutes more; all that comes after it moves along, past the event's end if need be."""
    item = db.row(ProgrammeItem, item_id)
    more = timedelta(minutes=minutes)
    for line in events_queries.programme(item.event_id):
        if line.starts_at >= item.ends_at and line.id != item.id:
            line.starts_at, line.ends_at = line.starts_at + more, line.ends_at + more
    item.ends_at += more
    _note(item, "retime_items")


@db.writing
def skip_item(*, item_id: int) -> None:
    """Leave a line out that has not begun: what comes after it moves into its place. Raises Refused when it is on."""
    item = db.row(ProgrammeItem, item_id)
    if item.starts_at <= clock.now():
        raise errors.Refused(_l("It has begun already. Let the next one begin instead."))
    later = [line for line in events_queries.programme(item.event_id) if line.starts_at >= item.ends_at]
    gained = later[0].starts_at - item.starts_at if later else timedelta(0)
    for line in later:
        line.starts_at, line.ends_at = line.starts_at - gained, line.ends_at - gained
    _note(item, "remove_item")
    db.session().delete(item)


def _alone(event_id: int, starts_at: datetime, ends_at: datetime, *, but: int | None = None) -> None:
    """Refuse a line that would be on at the same time as another."""
    for other in events_queries.programme(event_id):
        if other.id != but and starts_at < other.ends_at and other.starts_at < ends_at:
            said = _l("At that time there is already: %(title)s", title=other.title_fi)
            raise errors.Invalid(said, field="starts")


def _note(item: ProgrammeItem, verb: str) -> None:
    accounts.note(
        verb=verb,
        object_kind="event",
        object_id=item.event_id,
        event_id=item.event_id,
        after={"title_fi": item.title_fi},
    )

"""Everything that changes reminders and counts. Each action is one transaction."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete

from miitti.accounts import states as accounts_states
from miitti.events import news
from miitti.events import states as events_states
from miitti.events.models import Event
from miitti.foundation import clock, db, errors, ids, jobs, settings
from miitti.teasers import queries, states
from miitti.teasers.models import Arrival, Reminder


@db.writing
def remind(*, event_id: int, email: str, language: str, visitor: str | None = None) -> None:
    """Note an address for the letters before an event and confirm it by a letter.

    Does the same to the eye whether the address is known or not. `visitor` is the browser's id; it slows a
    form used to mail strangers. Raises Invalid (address), Refused (the event is over), TooMany.
    """
    event = db.row(Event, event_id)
    now = clock.now()
    doors = events_states.doors(event, now)
    if doors is events_states.Doors.DRAFT:
        raise errors.Refused(_l("The page is not published yet."))
    if doors is events_states.Doors.OVER:
        raise errors.Refused(_l("This Miitti is over, so there is nothing to remind of."))
    address = accounts_states.clean_email(email)
    if address is None:
        raise errors.Invalid(_l("This is not a whole e-mail address. It looks like name@example.fi."), field="email")
    asked_by = ids.digest(f"reminder:{visitor}") if visitor else ""
    reminder = queries.of_address(event_id, address)
    if reminder is None:
        hour_ago = now - timedelta(hours=1)
        if asked_by and queries.asked_since(asked_by, hour_ago) >= states.ASKS_PER_VISITOR:
            raise errors.TooMany(retry_after=3600)
        reminder = Reminder(
            event_id=event_id,
            email=address,
            language=language,
            token=ids.secret(),
            asked_by=asked_by,
            asked_at=now,
            letters=0,
            lettered_at=None,
        )
        db.session().add(reminder)
        db.session().flush()
    if reminder.lettered_at is not None and (
        now - reminder.lettered_at < states.CONFIRM_EVERY or reminder.letters >= states.MOST_CONFIRMATIONS
    ):
        return
    reminder.letters += 1
    reminder.lettered_at = now
    reminder.language = language
    jobs.enqueue(
        "confirm_reminder",
        key=f"reminder-confirm:{reminder.id}:{reminder.letters}",
        args={"reminder": reminder.id, "number": reminder.letters},
    )
    schedule(event)


def schedule(event: Event) -> None:
    """Put the letters before `event`, and the forgetting after it, into the queue; for use inside actions.

    One job per event, moment and start sends to everybody: a moved event gets new jobs, and the old ones see that
    their start is no longer true. A letter whose moment has passed is not sent.
    """
    now = clock.now()
    start = clock.stamp(event.starts_at)
    for notice in states.Notice:
        at = states.leaves_at(notice, event.starts_at)
        if at > now:
            jobs.enqueue(
                "remind",
                key=f"remind:{event.id}:{notice}:{start}",
                args={"event": event.id, "notice": notice.value, "start": start},
                run_after=at,
            )
    end = clock.stamp(event.ends_at)
    jobs.enqueue(
        "forget_reminders",
        key=f"forget-reminders:{event.id}:{end}",
        args={"event": event.id},
        run_after=event.ends_at + timedelta(days=settings.current().reminders_days),
    )


@db.writing
def send_out(*, event_id: int, notice: states.Notice) -> int:
    """Make one letter job for each address of an event; gives how many addresses there are."""
    event = db.row(Event, event_id)
    start = clock.stamp(event.starts_at)
    reminders = queries.of_event(event_id)
    for reminder in reminders:
        jobs.enqueue(
            "send_reminder",
            key=f"reminder:{reminder.id}:{notice}:{start}",
            args={"reminder": reminder.id, "notice": notice.value, "start": start},
        )
    return len(reminders)


def tell_change(what: news.Moved | news.Cancelled) -> None:
    """Put the letters about a moved or cancelled event into the queue, in the transaction of the change."""
    if not queries.number_of_event(what.event_id):
        return
    event = db.row(Event, what.event_id)
    moved = isinstance(what, news.Moved)
    jobs.enqueue(
        "tell_change",
        key=f"tell-change:{event.id}:{event.ics_sequence}",
        args={
            "event": event.id,
            "change": states.Change.MOVED if moved else states.Change.CANCELLED,
            "sequence": event.ics_sequence,
        },
        run_after=clock.now() + states.SETTLED if moved else None,
    )


@db.writing
def send_change(*, event_id: int, change: states.Change, sequence: int) -> int:
    """Make one letter job about a change for each address; none when another change came after it. Gives how many."""
    event = db.row(Event, event_id)
    if event.ics_sequence != sequence:
        return 0
    reminders = queries.of_event(event_id)
    for reminder in reminders:
        jobs.enqueue(
            "send_change",
            key=f"change:{reminder.id}:{sequence}",
            args={"reminder": reminder.id, "change": change.value, "sequence": sequence},
        )
    return len(reminders)


@db.writing
def reschedule(*, event_id: int) -> None:
    """Put the letters of an event into the queue anew, after its times have moved."""
    if queries.number_of_event(event_id):
        schedule(db.row(Event, event_id))


@db.writing
def forget(*, token: str) -> None:
    """Remove one reminder by the word of its link; one that is gone already stays gone."""
    db.session().execute(delete(Reminder).where(Reminder.token == token))


@db.writing
def forget_all(*, event_id: int) -> None:
    """Delete every reminder address of an event, the day after it."""
    db.session().execute(delete(Reminder).where(Reminder.event_id == event_id))


@db.writing
def count(*, event_id: int, partner: str) -> None:
    """Count one page view for a partner's link. No row says who it was."""
    day = clock.now().astimezone(clock.HELSINKI).date()
    db.row(Event, event_id)
    if queries.arrival(event_id, partner, day) is None:
        if queries.partners_of_day(event_id, day) >= states.MOST_PARTNERS:
            partner = states.OTHER
        db.insert_or_skip(
            Arrival.__table__,  # type: ignore[arg-type]
            {"event_id": event_id, "partner": partner, "day": day, "count": 0},
        )
    arrival = queries.arrival(event_id, partner, day)
    assert arrival is not None
    arrival.count = Arrival.count + 1

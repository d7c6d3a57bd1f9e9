"""What the letters about reminders say."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import force_locale

from miitti.events.models import Event
from miitti.foundation import language, links, mail, settings
from miitti.teasers import calendars, states
from miitti.teasers.models import Reminder
from miitti.teasers.states import Change, Notice


def confirmation(reminder: Reminder, event: Event, number: int) -> mail.Letter:
    """The letter that confirms a reminder; `number` tells the first from a later one."""
    return _letter("reminder_confirmed", reminder, event, f"{reminder.id}.{number}")


def notice(reminder: Reminder, event: Event, which: Notice, start: str) -> mail.Letter:
    """The letter the day before, or half an hour before, the start (`start` as in the job)."""
    template = {Notice.DAY_BEFORE: "reminder_day_before", Notice.SOON: "reminder_soon"}[which]
    return _letter(template, reminder, event, f"{reminder.id}.{which}.{start}")


def change(reminder: Reminder, event: Event, what: Change) -> mail.Letter:
    """The letter about a moved or cancelled event, with the calendar entry that moves or strikes out the old one."""
    key = f"{reminder.id}.{what}.{event.ics_sequence}"
    url = f"{settings.current().base_url}/miitti/{event.slug}"
    with force_locale(reminder.language):
        entry = mail.Attachment(f"{event.slug}.ics", "text/calendar", calendars.written(event, url))
    letter = _letter(f"event_{what}", reminder, event, key)
    return replace(letter, attachments=(entry,))


def _letter(template: str, reminder: Reminder, event: Event, key: str) -> mail.Letter:
    base = settings.current().base_url
    removal = f"{base}/reminders/{reminder.token}"
    with force_locale(reminder.language):
        subject, text, html = mail.render(
            template,
            language=reminder.language,
            title=language.pick(event, "title"),
            lead=language.pick(event, "lead"),
            reason=language.pick(event, "reason"),
            address=event.address,
            day=language.day(event.starts_at),
            hours=language.hours(event.starts_at, event.ends_at),
            join=f"{base}/join/{links.made(states.JOIN, [event.id, reminder.language], days=states.JOIN_DAYS)}",
            calendar=f"{base}/miitti/{event.slug}/calendar.ics",
            removal=removal,
        )
    return mail.Letter(
        to=reminder.email,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("reminder", key),
        unsubscribe=removal,
        language=reminder.language,
    )

"""The calendar file of an event (RFC 5545, RFC 7986). Pure: an event and its address in, bytes out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Final
from urllib.parse import urlencode

from flask_babel import gettext as _
from icalendar import Alarm, Calendar, Event, Timezone, vDuration, vText, vUri

from miitti.events.models import Event as Miitti
from miitti.foundation import language
from miitti.foundation.clock import HELSINKI
from miitti.teasers.states import SOON

ZONE = "Europe/Helsinki"

EVERY: Final = timedelta(hours=6)
"""How often a calendar program is asked to look again: a moved event is known the same day."""

_VTIMEZONE = """BEGIN:VTIMEZONE
TZID:Europe/Helsinki
BEGIN:STANDARD
DTSTART:19961027T040000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:EET
TZOFFSETFROM:+0300
TZOFFSETTO:+0200
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19970330T030000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:EEST
TZOFFSETFROM:+0200
TZOFFSETTO:+0300
END:DAYLIGHT
END:VTIMEZONE
"""
"""The rule of the European Union since 1996 (directive 2000/84/EC): last Sundays of March and October, 1 UTC."""


def written(event: Miitti, url: str) -> bytes:
    """Write the file. The UID stays, SEQUENCE and DTSTAMP tell a newer version (RFC 5545 3.8.7)."""
    return subscribed([(event, url)], name=language.pick(event, "title"))


def subscribed(events: Sequence[tuple[Miitti, str]], *, name: str) -> bytes:
    """Write one calendar of events, each with its address: what calendar programs ask for again and again.

    They are told to do so every six hours (RFC 7986 5.7). An event that is called off stays in, struck out.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Miitti//Miitti 1//FI")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", vDuration(EVERY), parameters={"VALUE": "DURATION"})
    calendar.add_component(Timezone.from_ical(_VTIMEZONE.replace("\n", "\r\n")))
    for event, url in events:
        calendar.add_component(_entry(event, url))
    return bytes(calendar.to_ical())


def _entry(event: Miitti, url: str) -> Event:
    title = language.pick(event, "title")
    lead = language.pick(event, "lead")
    entry = Event()
    entry.add("uid", uid(event, url))
    entry.add("sequence", event.ics_sequence)
    entry.add("dtstamp", event.changed_at.astimezone(UTC))
    entry.add("created", event.created_at.astimezone(UTC))
    entry.add("last-modified", event.changed_at.astimezone(UTC))
    entry.add("dtstart", event.starts_at.astimezone(HELSINKI))
    entry.add("dtend", event.ends_at.astimezone(HELSINKI))
    entry.add("summary", title)
    reason = language.pick(event, "reason")
    entry.add("description", "\n\n".join(part for part in (reason, lead, _("Join here: %(url)s", url=url)) if part))
    entry.add("location", event.address or language.pick(event, "place") or url)
    entry.add("url", url)
    called_off = event.cancelled_at is not None
    entry.add("status", "CANCELLED" if called_off else "CONFIRMED")
    entry.add("transp", "TRANSPARENT" if called_off else "OPAQUE")
    if called_off:
        return entry
    conference = vUri(url)
    conference.params["VALUE"] = vText("URI")
    conference.params["FEATURE"] = vText("VIDEO")
    conference.params["LABEL"] = vText(_("Watch and ask"))
    entry.add("conference", conference)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -SOON)
    alarm.add("description", title)
    entry.add_component(alarm)
    return entry


def elsewhere(event: Miitti, url: str) -> list[tuple[str, str]]:
    """Plain links that open the usual calendars on the web with the event filled in: (name, address).

    Nothing is asked of them before the reader follows one. Times go in UTC, so each shows its reader's own.
    """
    title, where = language.pick(event, "title"), event.address or url
    words = "\n\n".join(part for part in (language.pick(event, "lead"), url) if part)
    starts, ends = (f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" for at in (event.starts_at, event.ends_at))
    google = {"action": "TEMPLATE", "text": title, "dates": f"{starts}/{ends}", "details": words, "location": where}
    outlook = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": title,
        "startdt": event.starts_at.astimezone(UTC).isoformat(),
        "enddt": event.ends_at.astimezone(UTC).isoformat(),
        "body": words,
        "location": where,
    }
    yahoo = {"v": "60", "title": title, "st": starts, "et": ends, "desc": words, "in_loc": where}
    return [
        ("Google", f"https://calendar.google.com/calendar/render?{urlencode(google)}"),
        ("Outlook", f"https://outlook.live.com/calendar/0/deeplink/compose?{urlencode(outlook)}"),
        ("Yahoo", f"https://calendar.yahoo.com/?{urlencode(yahoo)}"),
    ]


def uid(event: Miitti, url: str) -> str:
    """The name of the entry that never changes, whatever happens to the event (RFC 7986 5.3)."""
    host = url.split("/")[2].split(":")[0]
    return f"miitti-{event.id}-{event.created_at:%Y%m%d%H%M%S}@{host}"

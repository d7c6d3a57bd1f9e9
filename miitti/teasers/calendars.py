"""The calendar file of an event (RFC 5545, RFC 7986). Pure: an event and its address in, bytes out."""

from __future__ import annotations

from datetime import UTC

from flask_babel import gettext as _
from icalendar import Alarm, Calendar, Event, Timezone, vText, vUri

from miitti.events.models import Event as Miitti
from miitti.foundation import language
from miitti.foundation.clock import HELSINKI
from miitti.teasers.states import SOON

ZONE = "Europe/Helsinki"

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
    title = language.pick(event, "title")
    lead = language.pick(event, "lead")
    calendar = Calendar()
    calendar.add("prodid", "-//Miitti//Miitti 1//FI")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add_component(Timezone.from_ical(_VTIMEZONE.replace("\n", "\r\n")))
    entry = Event()
    entry.add("uid", uid(event, url))
    entry.add("sequence", event.ics_sequence)
    entry.add("dtstamp", event.changed_at.astimezone(UTC))
    entry.add("created", event.created_at.astimezone(UTC))
    entry.add("last-modified", event.changed_at.astimezone(UTC))
    entry.add("dtstart", event.starts_at.astimezone(HELSINKI))
    entry.add("dtend", event.ends_at.astimezone(HELSINKI))
    entry.add("summary", title)
    entry.add("description", "\n\n".join(part for part in (lead, _("Join here: %(url)s", url=url)) if part))
    entry.add("location", language.pick(event, "place") or url)
    entry.add("url", url)
    entry.add("status", "CONFIRMED")
    entry.add("transp", "OPAQUE")
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
    calendar.add_component(entry)
    return bytes(calendar.to_ical())


def uid(event: Miitti, url: str) -> str:
    """The name of the entry that never changes, whatever happens to the event (RFC 7986 5.3)."""
    host = url.split("/")[2].split(":")[0]
    return f"miitti-{event.id}-{event.created_at:%Y%m%d%H%M%S}@{host}"

"""Pure rules of promotion: when letters leave, which partner words are counted, how often a form may be used."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from miitti.foundation.clock import HELSINKI


class Notice(StrEnum):
    """The letters that come before an event."""

    DAY_BEFORE = "day-before"
    SOON = "soon"


class Change(StrEnum):
    """The letters about an event that is not as it was told."""

    MOVED = "moved"
    CANCELLED = "cancelled"


SETTLED = timedelta(minutes=5)
"""A change is told this long after it, so that a slip of the hand mended at once makes one letter, not two."""

SOON = timedelta(minutes=30)
"""The last letter leaves this long before the start."""

JOIN = "join"
"""The kind of the links in letters that lead to an event's page; such a link opens nothing else."""

JOIN_DAYS = 400
"""How long they lead there: recordings and booths stay behind the same address after the event."""

CONFIRM_EVERY = timedelta(hours=1)
"""A form used again for the same address sends no second confirmation inside this time."""

MOST_CONFIRMATIONS = 5
"""Confirmation letters one address gets for one event at most, whoever fills the form."""

ASKS_PER_VISITOR = 10
"""New addresses one browser may leave in an hour: a family or a small office, not a list of strangers."""

MOST_PARTNERS = 50
"""Different partner words counted for one event on one day; more is somebody playing with the address."""

OTHER = "other"
"""Where the rest is counted."""

_FETCHERS = re.compile(
    r"bot\b|crawl|spider|facebookexternalhit|facebookcatalog|whatsapp|telegram|slack|discord|skypeuripreview|"
    r"linkedin|pinterest|embedly|preview|unfurl",
    re.IGNORECASE,
)
"""What programs call themselves that fetch a page to draw its picture in a chat, or to list it: no visit of anybody."""

_PARTNER = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def partner(word: str | None) -> str | None:
    """Give the partner word of `?via=` as it is counted, or None when it can't be one."""
    word = (word or "").strip().lower()
    return word if _PARTNER.fullmatch(word) else None


def is_person(agent: str, purpose: str) -> bool:
    """Whether a page view is a person's: not a chat's preview, a robot's, nor fetched ahead of a click.

    `agent` is the User-Agent, `purpose` what Sec-Purpose says. No cookie is needed to know it.
    """
    return "prefetch" not in purpose and _FETCHERS.search(agent) is None


def leaves_at(notice: Notice, starts_at: datetime) -> datetime:
    """Say when a letter before an event leaves (aware UTC).

    The one the day before leaves at the hour of the start on the wall clock of Helsinki, so a daylight-saving
    night between does not shift it, but not before 9 nor after 18, when people read.
    """
    if notice is Notice.SOON:
        return starts_at.astimezone(UTC) - SOON
    there = starts_at.astimezone(HELSINKI)
    hour = min(max(there.timetz().replace(tzinfo=None), time(9)), time(18))
    eve = (there - timedelta(days=1)).date()
    return datetime.combine(eve, hour, HELSINKI).astimezone(UTC)


def is_tomorrow(starts_at: datetime, now: datetime) -> bool:
    """Whether the start is on the day after today, by the calendar in Helsinki."""
    return (starts_at.astimezone(HELSINKI).date() - now.astimezone(HELSINKI).date()).days == 1

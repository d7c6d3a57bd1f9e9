"""The doors of a Miitti: draft, open, live, over. Pure rules; the clock comes in as an argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from miitti.foundation.clock import HELSINKI


class Doors(StrEnum):
    """What a visitor meets at the event's address."""

    DRAFT = "draft"
    """Only its hosts see it."""
    OPEN = "open"
    """The teaser: who comes, when, how to join. Booths and leads work already."""
    LIVE = "live"
    """The show is on and questions are taken."""
    OVER = "over"
    """Thanks, recordings, answers; booths and leads still work."""


class Attendance(StrEnum):
    """Where one takes part."""

    ONLINE = "online"
    ONSITE = "onsite"
    BOTH = "both"


FORCEABLE = (Doors.OPEN, Doors.LIVE, Doors.OVER)
"""Doors a host may hold by hand. Draft is not one of them: a published address never vanishes again."""


class Dated(Protocol):
    """Anything with an event's times; all of them aware UTC."""

    @property
    def starts_at(self) -> datetime:
        """The first moment of the show."""
        ...

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        ...

    @property
    def published_at(self) -> datetime | None:
        """Since when visitors may see it, or None."""
        ...

    @property
    def forced_doors(self) -> str | None:
        """Doors held by hand, or None."""
        ...


def doors(event: Dated, now: datetime) -> Doors:
    """Say where the doors of `event` stand at `now` (aware).

    An unpublished event is a draft whatever else is set. Otherwise a hand on the doors (`forced_doors`)
    wins over the clock; else they follow the times, the start included and the end excluded.
    """
    if event.published_at is None or event.published_at > now:
        return Doors.DRAFT
    if event.forced_doors is not None:
        return Doors(event.forced_doors)
    if now < event.starts_at:
        return Doors.OPEN
    if now < event.ends_at:
        return Doors.LIVE
    return Doors.OVER


class Wait(StrEnum):
    """How the time until the start is said."""

    DAYS = "days"
    TOMORROW = "tomorrow"
    HOURS = "hours"
    MINUTES = "minutes"
    NOW = "now"


def until(starts_at: datetime, now: datetime) -> tuple[Wait, int]:
    """Say how long it is from `now` until `starts_at` (both aware), as a unit and a whole number of it.

    Days are counted by the calendar in Helsinki, as people count them; hours and minutes by the time that
    really passes, so a daylight-saving night is an hour shorter or longer. Minutes are rounded up (a waiting
    page must not say "0 minutes"), hours down.
    """
    left = starts_at.astimezone(UTC) - now.astimezone(UTC)
    if left <= timedelta(0):
        return Wait.NOW, 0
    days = (starts_at.astimezone(HELSINKI).date() - now.astimezone(HELSINKI).date()).days
    if days >= 2:
        return Wait.DAYS, days
    if days == 1 and left >= timedelta(hours=12):
        return Wait.TOMORROW, 1
    if left >= timedelta(hours=1):
        return Wait.HOURS, left // timedelta(hours=1)
    return Wait.MINUTES, -(-left // timedelta(minutes=1))

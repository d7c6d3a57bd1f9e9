"""The doors of a Miitti: draft, open, live, over. Pure rules; the clock comes in as an argument."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol


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

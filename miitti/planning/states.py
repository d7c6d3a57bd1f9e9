"""Pure rules of planning: what a clock on the wall means, templates, and how a programme flows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, Protocol

from miitti.foundation.clock import HELSINKI


class NoSuchTime(Exception):
    """The clocks jump over this time that night."""


class WhichOne(Exception):
    """The clocks strike this time twice that night, and it was not said which is meant."""


def moment(day: date, at: time, *, second: bool | None = None) -> datetime:
    """Say which moment (aware UTC) a clock on a Finnish wall shows then.

    On the night the summer time ends, 3.00-3.59 comes twice: `second` says whether the later is meant. Raises
    WhichOne when it is not said, NoSuchTime for 3.00-3.59 of the night the summer time begins.
    """
    first, later = (datetime.combine(day, at, HELSINKI).replace(fold=fold) for fold in (0, 1))
    if first.utcoffset() != later.utcoffset():
        # a skipped time does not survive the way to UTC and back (PEP 495)
        if first.astimezone(UTC).astimezone(HELSINKI).time() != at:
            raise NoSuchTime
        if second is None:
            raise WhichOne
    return (later if second else first).astimezone(UTC)


def wall(at: datetime) -> tuple[date, time, bool | None]:
    """Take a moment apart as `moment` puts it together; the last is None on all nights but one."""
    there = at.astimezone(HELSINKI)
    twice = there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()
    return there.date(), there.time().replace(fold=0), bool(there.fold) if twice else None


def slug(title: str) -> str:
    """A word for the address out of a title: small letters a-z, digits and hyphens; never empty."""
    plain = title.lower().translate(str.maketrans("äöåéüš", "aoaeus"))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "miitti"


class Timed(Protocol):
    """Anything with two aware times."""

    starts_at: datetime
    ends_at: datetime


def reflow(items: Sequence[Timed], order: Sequence[int]) -> list[tuple[datetime, datetime]]:
    """Give each item (in time order) its new times when they come in another `order` (indices into `items`).

    Every item keeps its length; the pauses stay where they were: the third pause is still the third. The
    answer is in the order of `items`.
    """
    pauses = [later.starts_at - item.ends_at for item, later in pairwise(items)]
    times: dict[int, tuple[datetime, datetime]] = {}
    if not items:
        return []
    at = items[0].starts_at
    for place, index in enumerate(order):
        length = items[index].ends_at - items[index].starts_at
        times[index] = (at, at + length)
        at += length + (pauses[place] if place < len(pauses) else timedelta(0))
    return [times[index] for index in range(len(items))]


def begun(items: Sequence[Timed], number: int, now: datetime) -> list[tuple[datetime, datetime]]:
    """Give each item (in time order) its new times when item `number` begins `now`, whatever the clock had said.

    What is on ends, what was to come before it follows it, and lengths and pauses stay. What is over stays as it was.
    """
    over = [index for index, item in enumerate(items) if index != number and item.starts_at < now]
    coming = [number, *(index for index in range(len(items)) if index != number and index not in over)]
    pauses = [items[later].starts_at - items[index].ends_at for index, later in pairwise(sorted(coming))]
    times = {
        index: (items[index].starts_at, max(min(items[index].ends_at, now), _after(items[index]))) for index in over
    }
    at = now
    for place, index in enumerate(coming):
        length = items[index].ends_at - items[index].starts_at
        times[index] = (at, at + length)
        at += length + (max(pauses[place], timedelta(0)) if place < len(pauses) else timedelta(0))
    return [times[index] for index in range(len(items))]


def _after(item: Timed) -> datetime:
    """The earliest end an item may have: a line of the programme is never empty."""
    return item.starts_at + timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a template's programme: minutes after the start, its length in minutes, its words."""

    at: int
    minutes: int
    fi: str
    sv: str
    en: str


@dataclass(frozen=True, slots=True)
class Template:
    """An event to begin from: one or two sentences why to come, and a programme."""

    lead: tuple[str, str, str]
    """In Finnish, Swedish and English."""
    lines: tuple[Line, ...]


_WELCOME = Line(0, 10, "Tervetuloa", "Välkommen", "Welcome")
_THANKS = ("Kiitos ja miten tästä eteenpäin", "Tack, och vad som händer nu", "Thanks, and what comes next")

TEMPLATES: Final[dict[str, Template]] = {
    "companies": Template(
        (
            "Lähialueen yritykset kertovat, millaista työ on ja mitä siitä maksetaan. Kysy mitä vain nimettömänä.",
            "Företag i närheten berättar hur arbetet är och vad det lönar. Fråga vad som helst, namn behövs inte.",
            "Companies near you tell what the work is like and what it pays. Ask anything, no name needed.",
        ),
        (
            _WELCOME,
            Line(10, 70, "Yritykset esittäytyvät", "Företagen presenterar sig", "The companies introduce themselves"),
            Line(80, 30, "Kysymyksiä yrityksille", "Frågor till företagen", "Questions to the companies"),
            Line(110, 10, *_THANKS),
        ),
    ),
    "school": Template(
        (
            "Millainen koulutus, mihin töihin ja kuka maksaa? Oppilaitos ja työnantajat vastaavat.",
            "Vilken utbildning, till vilka jobb och vem betalar? Skolan och arbetsgivarna svarar.",
            "Which training, to what work, and who pays? The school and employers answer.",
        ),
        (
            _WELCOME,
            Line(10, 25, "Koulutus ja hakeminen", "Utbildningen och ansökan", "The training and how to apply"),
            Line(35, 25, "Työnantajat kertovat", "Arbetsgivarna berättar", "Employers tell"),
            Line(60, 25, "Kysymyksiä ja vastauksia", "Frågor och svar", "Questions and answers"),
            Line(85, 5, *_THANKS),
        ),
    ),
}
"""What an event can begin from, by the word the form sends."""

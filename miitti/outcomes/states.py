"""Words and pure rules of the outcomes room."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar

ASK_AFTER: Final = timedelta(days=14)
LINK_DAYS: Final = 60
ASK_HOUR: Final = 9
"""On Finland's clock."""

MOST_IN_A_LETTER: Final = 40
"""Applicants asked about in one letter; the rest are asked the next day."""

LEAST_SHOWN: Final = 5
"""A count of people below this is not shown to anybody but the company itself (rules of the ESF for small cells)."""


class Result(StrEnum):
    """What came of one lead. The first three are a company's, the others a school's."""

    HIRED = "hired"
    NOT = "not"
    OPEN = "open"
    APPLIED = "applied"
    STARTED = "started"
    MOVED = "moved"
    """To another path: another line of study, or work."""
    INTERRUPTED = "interrupted"
    FINISHED = "finished"


OF_COMPANY: Final = (Result.HIRED, Result.NOT, Result.OPEN)
OF_SCHOOL: Final = (Result.APPLIED, Result.STARTED, Result.MOVED, Result.INTERRUPTED, Result.FINISHED, Result.NOT)


class JobResult(StrEnum):
    """What came of one job ad."""

    MIITTI = "miitti"
    OTHERWISE = "otherwise"
    WITHDRAWN = "withdrawn"
    OPEN = "open"


K = TypeVar("K")


def shown(number: int, of: int | None = None) -> int | None:
    """A count as others than the company may see it: None when it is so small that it may point at somebody.

    With `of`, the number it is a part of and that is told too, also when what is left of that would be so small.
    """
    small = range(1, LEAST_SHOWN)
    return None if number in small or (of is not None and of - number in small) else number


def cells(parts: Mapping[K, int]) -> dict[K, int | None]:
    """Counts that together make a number that is told, as others may see them.

    One hidden cell could be reckoned from the rest, so the smallest of the others are hidden with it until what is
    hidden is no small number any more.
    """
    told = {part: shown(number) for part, number in parts.items()}
    hidden = sum(parts[part] for part, number in told.items() if number is None)
    for part in sorted(parts, key=lambda part: parts[part]):
        if 0 < hidden < LEAST_SHOWN and told[part]:
            told[part] = None
            hidden += parts[part]
    return told


def told_funnel(counts: dict[Result, int], everybody: int) -> dict[Result, int | None]:
    """`funnel` as others may see it; each step is a part of the one before."""
    steps = funnel(counts)
    whole = {Result.APPLIED: everybody, Result.STARTED: steps[Result.APPLIED], Result.MOVED: steps[Result.APPLIED]}
    return {step: shown(number, of=whole.get(step, steps[Result.STARTED])) for step, number in steps.items()}


def funnel(counts: dict[Result, int]) -> dict[Result, int]:
    """How many reached each step of a school's way: who finished has started and applied, too."""
    started = sum(counts.get(one, 0) for one in (Result.STARTED, Result.INTERRUPTED, Result.FINISHED))
    applied = started + counts.get(Result.APPLIED, 0) + counts.get(Result.MOVED, 0)
    return {
        Result.APPLIED: applied,
        Result.STARTED: started,
        Result.MOVED: counts.get(Result.MOVED, 0),
        Result.INTERRUPTED: counts.get(Result.INTERRUPTED, 0),
        Result.FINISHED: counts.get(Result.FINISHED, 0),
    }

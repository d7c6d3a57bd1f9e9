"""Words and pure rules of the outcomes room."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

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


def shown(number: int) -> int | None:
    """A count as others than the company may see it: None when it is so small that it may point at somebody."""
    return number if number == 0 or number >= LEAST_SHOWN else None


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

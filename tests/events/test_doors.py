"""The doors follow the clock and a hand, and time is said as people say it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miitti.events.states import FORCEABLE, Doors, Wait, doors, until
from miitti.foundation.clock import HELSINKI

START = datetime(2027, 4, 8, 10, tzinfo=UTC)
END = START + timedelta(hours=2)


@dataclass
class Dates:
    starts_at: datetime = START
    ends_at: datetime = END
    published_at: datetime | None = START - timedelta(days=30)
    forced_doors: str | None = None


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (START - timedelta(days=31), Doors.DRAFT),
        (START - timedelta(microseconds=1), Doors.OPEN),
        (START, Doors.LIVE),
        (END - timedelta(microseconds=1), Doors.LIVE),
        (END, Doors.OVER),
    ],
)
def test_doors_follow_the_clock(at: datetime, expected: Doors) -> None:
    assert doors(Dates(), at) is expected


@pytest.mark.parametrize("held", FORCEABLE)
@pytest.mark.parametrize("at", [START - timedelta(days=1), START, END + timedelta(days=400)])
def test_a_hand_on_the_doors_wins(held: Doors, at: datetime) -> None:
    assert doors(Dates(forced_doors=held), at) is held


def test_an_unpublished_event_stays_a_draft_whatever_is_forced() -> None:
    assert doors(Dates(published_at=None, forced_doors=Doors.LIVE), START) is Doors.DRAFT


def helsinki(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=HELSINKI, fold=fold)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("start", "now", "expected"),
    [
        (START, START - timedelta(days=3), (Wait.DAYS, 3)),
        (helsinki(2027, 4, 8, 13), helsinki(2027, 4, 6, 23, 59), (Wait.DAYS, 2)),
        (helsinki(2027, 4, 8, 13), helsinki(2027, 4, 7, 8), (Wait.TOMORROW, 1)),
        (helsinki(2027, 4, 8, 1), helsinki(2027, 4, 7, 22), (Wait.HOURS, 3)),
        (START, START - timedelta(minutes=59, seconds=1), (Wait.MINUTES, 60)),
        (START, START - timedelta(seconds=1), (Wait.MINUTES, 1)),
        (START, START, (Wait.NOW, 0)),
        (START, END, (Wait.NOW, 0)),
        # the night of 25.10.2026 has the hour from 3 to 4 twice: three hours pass between 2 and 4 on the wall
        (helsinki(2026, 10, 25, 4), helsinki(2026, 10, 25, 2), (Wait.HOURS, 3)),
        (helsinki(2026, 10, 25, 3, 30, fold=1), helsinki(2026, 10, 25, 3, 30, fold=0), (Wait.HOURS, 1)),
        # and on 28.3.2027 it is missing
        (helsinki(2027, 3, 28, 5), helsinki(2027, 3, 28, 2), (Wait.HOURS, 2)),
    ],
)
def test_how_long_it_is(start: datetime, now: datetime, expected: tuple[Wait, int]) -> None:
    assert until(start, now) == expected


@given(st.integers(0, 6 * 10**7), st.integers(1, 10**7))
def test_waiting_is_never_said_as_nothing(later: int, seconds: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=later)
    wait, number = until(at + timedelta(seconds=seconds), at)
    assert wait is not Wait.NOW
    assert number >= 1

"""What a clock on a Finnish wall means, and how a programme flows."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miitti.planning import states

AUTUMN, SPRING = date(2026, 10, 25), date(2026, 3, 29)
"""The nights the clocks are turned in 2026."""


def test_half_past_three_comes_twice_in_autumn() -> None:
    with pytest.raises(states.WhichOne):
        states.moment(AUTUMN, time(3, 30))
    first = states.moment(AUTUMN, time(3, 30), second=False)
    later = states.moment(AUTUMN, time(3, 30), second=True)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert later - first == timedelta(hours=1)


def test_half_past_three_never_comes_in_spring() -> None:
    for second in (None, False, True):
        with pytest.raises(states.NoSuchTime):
            states.moment(SPRING, time(3, 30), second=second)
    assert states.moment(SPRING, time(4, 0)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@given(st.integers(0, 20 * 365 * 24 * 60))
def test_every_moment_survives_the_wall_and_back(minutes: int) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    day, clock, second = states.wall(at)
    assert states.moment(day, clock, second=second) == at


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("Metallialan Miitti 2027", "metallialan-miitti-2027"),
        ("Työtä Sysmässä & Åbossa!", "tyota-sysmassa-abossa"),
        ("🎉🎉", "miitti"),
        ("שלום", "miitti"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_title_becomes_a_word_for_the_address(title: str, word: str) -> None:
    assert states.slug(title) == word


@dataclass
class Span:
    """A line of a programme."""

    starts_at: datetime
    ends_at: datetime


START = datetime(2027, 4, 8, 10, tzinfo=UTC)


def spans(*minutes: tuple[int, int]) -> list[Span]:
    return [Span(START + timedelta(minutes=a), START + timedelta(minutes=b)) for a, b in minutes]


def test_a_moved_line_keeps_its_length_and_pauses_keep_their_places() -> None:
    # 10 minutes, a pause of 5, 30 minutes, 20 minutes; the last comes first
    times = states.reflow(spans((0, 10), (15, 45), (45, 65)), [2, 0, 1])
    told = [tuple(int((at - START).total_seconds() // 60) for at in pair) for pair in times]
    assert told == [(25, 35), (35, 65), (0, 20)]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), min_size=1, max_size=8), st.randoms())
def test_any_order_ends_when_the_old_one_did(lengths: list[tuple[int, int]], random: object) -> None:
    at = 0
    items: list[Span] = []
    for pause, length in lengths:
        at += pause if items else 0
        items += spans((at, at + length))
        at += length
    order = list(range(len(items)))
    random.shuffle(order)  # type: ignore[attr-defined]
    times = states.reflow(items, order)
    assert max(end for _start, end in times) == items[-1].ends_at
    assert min(start for start, _end in times) == items[0].starts_at
    assert [end - start for start, end in times] == [item.ends_at - item.starts_at for item in items]
    in_order = sorted(times)
    assert all(before[1] <= after[0] for before, after in pairwise(in_order))


def test_an_empty_programme_has_no_order() -> None:
    assert states.reflow([], []) == []


def test_what_begins_now_ends_what_is_on_and_the_rest_follows() -> None:
    items = spans((0, 10), (10, 20), (20, 40), (45, 60))
    now = items[0].starts_at + timedelta(minutes=15)
    told = [((a - now).total_seconds() / 60, (b - now).total_seconds() / 60) for a, b in states.begun(items, 3, now)]
    # over stays, what was on ends, the fourth is on, the third follows it after the pause there was
    assert told == [(-15, -5), (-5, 0), (20, 40), (0, 15)]
    late = items[0].starts_at + timedelta(minutes=25)
    told = [((a - late).total_seconds() / 60, (b - late).total_seconds() / 60) for a, b in states.begun(items, 3, late)]
    assert told == [(-25, -15), (-15, -5), (-5, 0), (0, 15)]

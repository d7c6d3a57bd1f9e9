"""Pure rules: numbers people type, times to wait, texts made harmless."""

from datetime import timedelta

import pytest

from miitti.leads import states


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("040 123 4567", "040 123 4567"),
        ("  +358 (40) 123-4567 ", "+358 (40) 123-4567"),
        ("０４０１２３４５６７", "0401234567"),
        ("12345", "12345"),
        ("1234", None),
        ("1" * 16, None),
        ("soita iltapäivällä", None),
        ("040 123 4567;rm", None),
        ("+", None),
        ("040\r\nBcc: a@b.example", None),
    ],
)
def test_phone(typed: str, kept: str | None) -> None:
    assert states.clean_phone(typed) == kept


def test_dialled_keeps_digits_and_the_plus() -> None:
    assert states.dialled("+358 (40) 123-4567") == "+358401234567"
    assert states.dialled("040 123 4567") == "0401234567"


def test_waits_grow_and_end_after_three_days() -> None:
    young = timedelta(minutes=1)
    assert [states.wait_before_retry(n, young) for n in range(1, 7)] == [5, 30, 120, 600, 1800, 1800]
    assert states.wait_before_retry(140, timedelta(hours=71)) == 1800
    assert states.wait_before_retry(150, timedelta(hours=71, minutes=31)) is None


def test_message_keeps_lines_and_loses_controls() -> None:
    assert states.clean_message(" a\r\nb\rc\x00\x1b[31m\u202etxt\n\n\n\nd ") == "a\nb\nc  [31mtxt\n\nd"

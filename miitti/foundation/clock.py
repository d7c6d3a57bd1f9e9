"""The one clock: aware UTC in the program, Europe/Helsinki for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")

_frozen: datetime | None = None


def now() -> datetime:
    """The present moment as an aware UTC time."""
    return _frozen if _frozen is not None else datetime.now(UTC)


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, the form every client is given."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware); for tests of rules that depend on time, and for the demo's past."""
    global _frozen
    if at.tzinfo is None:
        raise ValueError("a frozen clock needs an aware time")
    before, _frozen = _frozen, at.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before

"""Words and limits of the hall."""

from typing import Final

MOST_COMPARED: Final = 4
"""Booths side by side; more columns can't be read even on a wide screen."""

SEARCHED: Final = (
    "name",
    "municipality",
    *(f"{part}_{code}" for part in ("sentence", "text", "shift", "start") for code in ("fi", "sv", "en")),
)
"""Columns of a booth that the hall's search looks into."""

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


def people(text: str) -> list[tuple[str, str]]:
    """The people a company names, one a line: name and, behind the first comma, what they do (or nothing)."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    named = (line.partition(",") for line in lines if line.strip(" ,"))
    return [(name.strip(), does.strip()) for name, _comma, does in named if name.strip()]

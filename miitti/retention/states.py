"""Words and figures of the retention room."""

from collections.abc import Iterable
from typing import Final

REASON_LENGTH: Final = 300
PURGE_HOUR: Final = 3
"""On Finland's clock, when nobody is there."""

LOG_NAME: Final = "erasures.log"
"""File in the data folder that outlives the database: after a backup is restored it says what to erase again."""


def is_named(typed: str, names: Iterable[str]) -> bool:
    """Whether somebody wrote one of these names, in whatever letter case and with whatever blanks."""
    wanted = " ".join(typed.split()).casefold()
    return wanted != "" and wanted in {" ".join(name.split()).casefold() for name in names}

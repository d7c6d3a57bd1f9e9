"""Words and figures of the retention room."""

from typing import Final

REASON_LENGTH: Final = 300
PURGE_HOUR: Final = 3
"""On Finland's clock, when nobody is there."""

LOG_NAME: Final = "erasures.log"
"""File in the data folder that outlives the database: after a backup is restored it says what to erase again."""

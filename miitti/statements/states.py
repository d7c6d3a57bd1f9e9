"""Words and figures of the statements room."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

FEEDBACK_DAYS: Final = 14
"""In how many days feedback on accessibility is answered (act 306/2019, section 8)."""

TEXT_LENGTH: Final = 4000

BURST: Final = 5
"""Feedback one network may send at once; then one every `EVERY_S` seconds: a library shares one address."""

EVERY_S: Final = 60


class About(StrEnum):
    """The two statements."""

    ACCESSIBILITY = "accessibility"
    PRIVACY = "privacy"

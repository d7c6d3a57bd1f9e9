"""Words and pure rules of the webhooks room."""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What is told; the words stand in the message as `type`."""

    CREATED = "lead.created"
    CORRECTED = "lead.corrected"
    WITHDRAWN = "lead.withdrawn"
    TEST = "test"


class Sent(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


RETRY_S: Final = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds between tries, as Standard Webhooks 1.0 suggests: over three days in all."""

OLD_SECRET_FOR: Final = timedelta(hours=24)
"""After a change of the secret both sign for so long, so that the receiver has time to follow."""

KEEP_LOG: Final = timedelta(days=30)
SHOWN: Final = 50


def wait_before_retry(attempt: int) -> float | None:
    """Seconds to wait after failure number `attempt` (from 1); None to give up."""
    return RETRY_S[attempt - 1] if attempt <= len(RETRY_S) else None

"""Words and limits of a job ad."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum


class PayUnit(StrEnum):
    """What the pay range is paid for."""

    HOUR = "hour"
    MONTH = "month"


PAY_LIMITS = {
    PayUnit.HOUR: (Decimal("1.00"), Decimal("200.00")),
    PayUnit.MONTH: (Decimal("100.00"), Decimal("30000.00")),
}
"""Euros, both ends included: wide enough for any real job, narrow enough to catch a monthly pay typed as an
hourly one."""

MOST_PLACES = 500
"""More people than any employer of these municipalities has hired at once; above it is a typing slip."""

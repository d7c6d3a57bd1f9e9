"""The only thing dictation changes: a booth's words and a job of it, together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from miitti.booths import actions as booths
from miitti.foundation import db, errors
from miitti.vacancies import actions as vacancies


@db.writing
def take_down(
    *, booth_id: int, texts: dict[str, str], title: str, pay_min: Decimal | None, pay_max: Decimal | None, unit: str
) -> None:
    """Write a booth's texts, and post a job when a title was told; all or nothing. Raises Invalid.

    One figure of pay is both ends of the range.
    """
    booths.describe(booth_id=booth_id, **texts)
    low, high = pay_min if pay_min is not None else pay_max, pay_max if pay_max is not None else pay_min
    if title and (low is None or high is None):
        raise errors.Invalid(_l("Ask for the pay: every job shows it."), field="pay_min")
    if not title and low is not None:
        raise errors.Invalid(_l("Ask whom they are looking for; the pay belongs to a job."), field="title_fi")
    if title and low is not None and high is not None:
        values: dict[str, Any] = {"title_fi": title, "pay_min": low, "pay_max": high, "pay_unit": unit}
        vacancies.post(booth_id=booth_id, start_fi=texts.get("start_fi", ""), **values)

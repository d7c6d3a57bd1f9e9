"""Rows of the outcomes room. They stay when a lead is erased: nothing in them names anybody."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db
from miitti.outcomes import states


class Outcome(db.Base):
    """What came of one lead; without `result` while it was only asked."""

    __tablename__ = "outcome"

    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True)
    asked_at: Mapped[db.UtcTime | None]
    result: Mapped[states.Result | None] = mapped_column(db.words(states.Result))
    answered_at: Mapped[db.UtcTime | None]


class JobOutcome(db.Base):
    """What came of one job ad."""

    __tablename__ = "job_outcome"

    vacancy_id: Mapped[int] = mapped_column(ForeignKey("vacancy.id", ondelete="CASCADE"), primary_key=True)
    asked_at: Mapped[db.UtcTime | None]
    result: Mapped[states.JobResult | None] = mapped_column(db.words(states.JobResult))
    answered_at: Mapped[db.UtcTime | None]

"""Rows of the statements room."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db


class Feedback(db.Base):
    """What a visitor wrote below a statement, until a letter has taken it to whoever answers; then it is deleted."""

    __tablename__ = "feedback"

    id: Mapped[db.Id]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="SET NULL"), index=True)
    """Whose hosts answer; None for the installation."""
    about: Mapped[str] = mapped_column(String(20))
    """Which statement, a word of `states.About`."""
    text: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(String(254), default="")
    """Where the answer goes; empty when no answer is asked for."""
    language: Mapped[str] = mapped_column(String(2))
    at: Mapped[db.UtcTime]

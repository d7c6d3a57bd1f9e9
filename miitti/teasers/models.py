"""Rows of promotion: reminders that were asked for, and where visitors came from."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db


class Reminder(db.Base):
    """An address that wants to hear before a Miitti starts. Deleted the day after the event."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("event_id", "email"),)

    id: Mapped[db.Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    token: Mapped[str] = mapped_column(String(64), unique=True)
    """Random word of the removal link; it can only remove this one row."""
    asked_by: Mapped[str] = mapped_column(String(64), default="", index=True)
    """One-way mark of the asking browser, kept only to slow down a form used to mail strangers."""
    asked_at: Mapped[db.UtcTime]
    letters: Mapped[int] = mapped_column(default=0)
    """Confirmation letters so far; part of each one's Message-ID."""
    lettered_at: Mapped[db.UtcTime | None]
    """When the last confirmation was put into the queue."""


class Arrival(db.Base):
    """How many page views a partner's link brought on one day (Helsinki). A count, nothing about anybody."""

    __tablename__ = "arrival"
    __table_args__ = (UniqueConstraint("event_id", "partner", "day"),)

    id: Mapped[db.Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    partner: Mapped[str] = mapped_column(String(40))
    day: Mapped[date]
    count: Mapped[int] = mapped_column(default=0)

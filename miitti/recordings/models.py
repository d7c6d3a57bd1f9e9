"""Rows of recordings: what a host did with what the stage recorded."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db


class Recording(db.Base):
    """What a host decided about an event's recording. It holds for one take: a show that went on is another."""

    __tablename__ = "recording"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    take: Mapped[str] = mapped_column(String(60))
    """The stage's recording this is about, with its length (see `queries.take`)."""
    hidden: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[db.UtcTime | None]
    starts_s: Mapped[float] = mapped_column(default=0.0)
    """Seconds of the whole at which it begins for visitors."""
    ends_s: Mapped[float | None]
    timeline: Mapped[db.Json]
    """Length and marks of what the cut left; empty while nothing is cut."""
    edition: Mapped[str] = mapped_column(String(32), default="")
    """The folder the worker fills for what is published; a new cut makes a new one."""
    progress: Mapped[float] = mapped_column(default=0.0)
    """How far the worker is, 0 to 1; 1 when all is made."""
    fault: Mapped[str] = mapped_column(String(20), default="")
    """Why the worker gave up, or empty."""


class RecordingCaption(db.Base):
    """The captions of an event's recording in one language."""

    __tablename__ = "recording_caption"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    vtt: Mapped[str] = mapped_column(Text)

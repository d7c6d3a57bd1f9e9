"""Rows of the presence room."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db


class Heartbeat(db.Base):
    """A browser that is at a place of an event; only a hash that means nothing elsewhere is kept, for minutes."""

    __tablename__ = "presence_heartbeat"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[str] = mapped_column(String(90), primary_key=True)
    """`stage` or `booth:<slug>`."""
    who: Mapped[str] = mapped_column(String(24), primary_key=True)
    hosting: Mapped[bool] = mapped_column(default=False)
    """Whether it is somebody of the booth's own company."""
    last_at: Mapped[db.UtcTime] = mapped_column(index=True)


class Group(db.Base):
    """People who watch together before one browser: how many, and the same hash as its heartbeat; never who."""

    __tablename__ = "presence_group"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    who: Mapped[str] = mapped_column(String(24), primary_key=True)
    heads: Mapped[int]
    until: Mapped[db.UtcTime] = mapped_column(index=True)
    """It counts up to here; each heartbeat of its browser moves this on."""

"""Rows of the stage: what a host wants, what the process says of it, and who watches."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db
from miitti.stage import states


class Stage(db.Base):
    """The stage of one event. The host's wish and the process's report meet here, so either may restart."""

    __tablename__ = "stage"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(states.KEY_LENGTH), unique=True)
    """What a publisher has to show; kept in the clear, for the host has to read it."""
    turn: Mapped[states.Turn | None] = mapped_column(db.words(states.Turn))
    """The host's last word, or None while there was none."""
    turned_at: Mapped[db.UtcTime | None]
    playing_from: Mapped[db.UtcTime | None]
    """When the playlist's first video began; everything else of it follows from the clock."""
    air: Mapped[states.Air] = mapped_column(db.words(states.Air), default=states.Air.NOTHING)
    """What the process has on the air."""
    item: Mapped[str] = mapped_column(String(200), default="")
    """The company whose video is on."""
    source: Mapped[db.Json]
    """How the source fares, in figures; empty while nobody sends."""
    tested_at: Mapped[db.UtcTime | None]
    """When somebody last sent pictures here before the show, from a program or a browser; None until then."""
    recording: Mapped[str | None] = mapped_column(String(32))
    """Server-made name of the recording's folder."""
    recording_note: Mapped[str] = mapped_column(String(20), default="")
    """Why it stopped early ("full", "error"), or empty."""
    recorded: Mapped[db.Json]
    """The finished recording's length and marks (see `foundation/recorder.py`); empty until it is finished."""
    watched: Mapped[int] = mapped_column(default=0)
    """Distinct people who watched, counted when the show ended."""
    watched_most: Mapped[int] = mapped_column(default=0)
    """Most people at one time."""
    notice: Mapped[str] = mapped_column(String(states.NOTICE_LENGTH), default="")
    """What the host has to say to everybody just now, or empty."""
    notice_at: Mapped[db.UtcTime | None]
    """When that was said or taken away, or None while nothing was ever said."""


class Watcher(db.Base):
    """A browser that watches: no name, only a hash that means nothing outside its event."""

    __tablename__ = "watcher"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    visitor: Mapped[str] = mapped_column(String(32), primary_key=True)
    first_at: Mapped[db.UtcTime]
    last_at: Mapped[db.UtcTime] = mapped_column(index=True)

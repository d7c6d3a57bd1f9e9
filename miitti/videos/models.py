"""Rows of the videos room."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db
from miitti.videos.states import State


class Video(db.Base):
    """A video of a booth, from the moment its file is here whole."""

    __tablename__ = "video"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    """Who sent it."""
    source: Mapped[str] = mapped_column(String(32))
    """Server-made name of the folder its file lies in."""
    filename: Mapped[str] = mapped_column(String(255), default="")
    """The sender's own name for the file; only ever shown."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes of the file."""
    state: Mapped[str] = mapped_column(String(20), default=State.RECEIVED, index=True)
    reason: Mapped[str | None] = mapped_column(String(40))
    progress: Mapped[float] = mapped_column(default=0.0)
    """0 to 1."""
    eta_s: Mapped[int | None]
    """Seconds until everything is made, as guessed at the last report."""
    edition: Mapped[str | None] = mapped_column(String(32))
    """Server-made name of the folder of renditions that is served; None while there is nothing to see."""
    duration_s: Mapped[float | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    sound: Mapped[bool] = mapped_column(default=False)
    speechless: Mapped[bool] = mapped_column(default=False)
    """Its company declared that nobody speaks in it, so it needs no captions."""
    position: Mapped[int] = mapped_column(default=0)
    replaces: Mapped[str | None] = mapped_column(ForeignKey("video.id", ondelete="CASCADE"), index=True)
    """The video whose place this one takes once all of it is made; until then only its people see it at work."""
    poster: Mapped[str] = mapped_column(String(32), default="poster")
    """Name of its poster's files in the edition, without the ending."""
    board: Mapped[db.Json | None]
    """The sheet of small pictures for seeking: seconds between them, their size, how many, how many in a row."""
    chapters: Mapped[db.Json | None]
    """`{"list": [{"at": seconds, "title": text}]}`."""
    recorded_at: Mapped[db.UtcTime | None]
    """When a broadcast was recorded; its captions have a date then. None for what a company filmed."""
    created_at: Mapped[db.UtcTime]


class Upload(db.Base):
    """A file on its way in. Its bytes lie in a file; `offset` is how many of them are known to be on the disk."""

    __tablename__ = "upload"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str] = mapped_column(String(255), default="")
    length: Mapped[int] = mapped_column(BigInteger)
    offset: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[db.UtcTime]
    expires_at: Mapped[db.UtcTime]
    video_id: Mapped[str | None] = mapped_column(ForeignKey("video.id", ondelete="SET NULL"))
    """The video it became."""
    replaces: Mapped[str | None] = mapped_column(ForeignKey("video.id", ondelete="SET NULL"))
    """The video whose place it shall take."""


class Caption(db.Base):
    """The words of a video in one language, as WebVTT."""

    __tablename__ = "caption"
    __table_args__ = (UniqueConstraint("video_id", "language"),)

    id: Mapped[db.Id]
    video_id: Mapped[str] = mapped_column(ForeignKey("video.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(2))
    vtt: Mapped[str] = mapped_column(Text)
    draft: Mapped[bool] = mapped_column(default=False)
    """Written by a program and read by nobody yet: only its own people see it."""
    written_at: Mapped[db.UtcTime]

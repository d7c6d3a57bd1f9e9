"""Rows of a Miitti: the event, its co-hosts and its programme."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, inspect
from sqlalchemy.orm import Mapped, mapped_column

from miitti.events.states import Attendance, Doors
from miitti.foundation import db


class Event(db.Base):
    """One Miitti. Texts stand in three languages; Finnish is always there, the others may be empty."""

    __tablename__ = "event"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="ends_after_start"),)

    id: Mapped[db.Id]
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    """The word in the address; never changed after publishing."""
    title_fi: Mapped[str] = mapped_column(String(200))
    title_sv: Mapped[str] = mapped_column(String(200), default="")
    title_en: Mapped[str] = mapped_column(String(200), default="")
    lead_fi: Mapped[str] = mapped_column(String(600), default="")
    """One or two sentences: why to come."""
    lead_sv: Mapped[str] = mapped_column(String(600), default="")
    lead_en: Mapped[str] = mapped_column(String(600), default="")
    place_fi: Mapped[str] = mapped_column(String(200), default="")
    """Where, in words ("Verkossa, omalta puhelimelta")."""
    place_sv: Mapped[str] = mapped_column(String(200), default="")
    place_en: Mapped[str] = mapped_column(String(200), default="")
    attendance: Mapped[Attendance] = mapped_column(db.words(Attendance), default=Attendance.ONLINE)
    address: Mapped[str] = mapped_column(String(200), default="")
    """Street address of an event that is held on site too, as it stands on a map."""
    languages: Mapped[str] = mapped_column(String(20), default="fi")
    """Codes of the languages spoken there, parted by spaces."""
    starts_at: Mapped[db.UtcTime]
    ends_at: Mapped[db.UtcTime]
    moved_from: Mapped[db.UtcTime | None]
    """The start that was told first, when a published event has moved since."""
    cancelled_at: Mapped[db.UtcTime | None]
    """Since when it is called off; its page stays and says so."""
    reason_fi: Mapped[str] = mapped_column(String(600), default="")
    """Why it is called off, and what comes instead."""
    reason_sv: Mapped[str] = mapped_column(String(600), default="")
    reason_en: Mapped[str] = mapped_column(String(600), default="")
    preview: Mapped[str | None] = mapped_column(String(64))
    """Random word that shows the draft to whoever was given its address; None before one was asked for."""
    published_at: Mapped[db.UtcTime | None]
    forced_doors: Mapped[Doors | None] = mapped_column(db.words(Doors))
    """Doors held by hand, or None to follow the clock."""
    ics_sequence: Mapped[int] = mapped_column(default=0)
    """SEQUENCE of the calendar file (RFC 5545 3.8.7.4): one up at each change a calendar must notice."""
    created_at: Mapped[db.UtcTime]
    changed_at: Mapped[db.UtcTime]
    """Last change a calendar must notice; DTSTAMP and LAST-MODIFIED of the calendar file."""


class CoHost(db.Base):
    """An organisation that holds the event together with the others; several is the normal case."""

    __tablename__ = "co_host"
    __table_args__ = (UniqueConstraint("event_id", "organisation_id"),)

    id: Mapped[db.Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)


class ProgrammeItem(db.Base):
    """One line of the programme: when, what, and whose turn it is."""

    __tablename__ = "programme_item"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="ends_after_start"),)

    id: Mapped[db.Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[db.UtcTime]
    ends_at: Mapped[db.UtcTime]
    title_fi: Mapped[str] = mapped_column(String(200))
    title_sv: Mapped[str] = mapped_column(String(200), default="")
    title_en: Mapped[str] = mapped_column(String(200), default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    """The organisation on stage, or None for a common item such as the welcome."""
    speakers: Mapped[str] = mapped_column(String(200), default="")
    """Who speaks, as they want to be named ("Anna Harju ja Olli Virta")."""


def overlong(row: db.Base) -> list[str]:
    """Name the text columns of a row that hold more than they may; PostgreSQL would refuse it, SQLite not."""
    lengths = {column.key: getattr(column.type, "length", None) for column in inspect(type(row)).columns}
    return [name for name, most in lengths.items() if most and len(getattr(row, name, None) or "") > most]

"""Rows of the hall: one booth per company and event."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db


class Booth(db.Base):
    """A company's stand in one Miitti. Texts in three languages; empty ones fall back to Finnish."""

    __tablename__ = "booth"
    __table_args__ = (UniqueConstraint("event_id", "slug"),)

    id: Mapped[db.Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    """The word in the address; unique inside the event only."""
    name: Mapped[str] = mapped_column(String(200))
    sentence_fi: Mapped[str] = mapped_column(String(200), default="")
    """What the work is like, in one sentence; the card in the hall shows it."""
    sentence_sv: Mapped[str] = mapped_column(String(200), default="")
    sentence_en: Mapped[str] = mapped_column(String(200), default="")
    text_fi: Mapped[str] = mapped_column(Text, default="")
    """A few plain paragraphs, parted by empty lines; no markup."""
    text_sv: Mapped[str] = mapped_column(Text, default="")
    text_en: Mapped[str] = mapped_column(Text, default="")
    municipality: Mapped[str] = mapped_column(String(100), default="")
    shift_fi: Mapped[str] = mapped_column(String(100), default="")
    """When one works there ("Päivävuoro 7–15.30")."""
    shift_sv: Mapped[str] = mapped_column(String(100), default="")
    shift_en: Mapped[str] = mapped_column(String(100), default="")
    start_fi: Mapped[str] = mapped_column(String(100), default="")
    """When one could begin ("heti", "toukokuusta")."""
    start_sv: Mapped[str] = mapped_column(String(100), default="")
    start_en: Mapped[str] = mapped_column(String(100), default="")
    people: Mapped[str] = mapped_column(String(1000), default="")
    """Who of the company is there, one a line as it writes them: "Name, what she does". Shown in every language."""
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    """Where the leads of this booth are sent; never shown to visitors."""
    position: Mapped[int] = mapped_column(default=0)
    approved_at: Mapped[db.UtcTime | None]
    """When a host last found the booth good as it stands; a later change of its texts takes it back."""

"""Rows of the intake room."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db
from miitti.intake import states


class Prompt(db.Base):
    """A question an employer adds to its form; at most three a booth."""

    __tablename__ = "prompt"

    id: Mapped[db.Id]
    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    text_fi: Mapped[str] = mapped_column(String(states.PROMPT_LENGTH))
    text_sv: Mapped[str] = mapped_column(String(states.PROMPT_LENGTH), default="")
    text_en: Mapped[str] = mapped_column(String(states.PROMPT_LENGTH), default="")


class Intake(db.Base):
    """How a booth's contacts travel on. A booth without a row has the defaults."""

    __tablename__ = "intake"

    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id", ondelete="CASCADE"), primary_key=True)
    also: Mapped[list[str]]
    """Further addresses of the company that get the letters."""
    cv_attached: Mapped[bool] = mapped_column(default=False)
    """Whether a CV travels inside the letter instead of behind an expiring link."""
    digest: Mapped[bool] = mapped_column(default=False)
    """Whether a morning letter with an expiring link to the contacts is sent: for those who want no account."""
    privacy_fi: Mapped[str] = mapped_column(Text, default="")
    """The employer's own words about privacy, shown above the button; empty ones fall back to Finnish."""
    privacy_sv: Mapped[str] = mapped_column(Text, default="")
    privacy_en: Mapped[str] = mapped_column(Text, default="")

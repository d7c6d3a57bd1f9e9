"""Rows of the handling room."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db
from miitti.handling import states


class Note(db.Base):
    """What somebody of the company wrote about a lead. The applicant may ask to read it (GDPR article 15)."""

    __tablename__ = "note"

    id: Mapped[db.Id]
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    by: Mapped[str] = mapped_column(String(120))
    """Who wrote it, as called then."""
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[db.UtcTime]


class Handling(db.Base):
    """Who takes a lead, and whether it is another one's double. A lead without a row has neither."""

    __tablename__ = "handling"

    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="SET NULL"), index=True)


class Answer(db.Base):
    """One text sent to several applicants, each in the own language."""

    __tablename__ = "answer"

    id: Mapped[db.Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    subject_fi: Mapped[str] = mapped_column(String(states.SUBJECT_LENGTH))
    subject_sv: Mapped[str] = mapped_column(String(states.SUBJECT_LENGTH))
    subject_en: Mapped[str] = mapped_column(String(states.SUBJECT_LENGTH))
    text_fi: Mapped[str] = mapped_column(Text)
    text_sv: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    at: Mapped[db.UtcTime]


class AnswerTo(db.Base):
    """That an answer goes to a lead, and when it was sent."""

    __tablename__ = "answer_to"

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True, index=True)
    sent_at: Mapped[db.UtcTime | None]
    failed: Mapped[bool] = mapped_column(default=False)

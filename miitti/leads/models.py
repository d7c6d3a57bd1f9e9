"""Rows of the leads room.

A withdrawn lead stays as an empty stub (when, which booth, that it was withdrawn), so that its receipt still
answers and anonymous counts stay right; everything the applicant typed is gone from it.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db, papers
from miitti.leads import states


class Lead(db.Base):
    """One applicant's details for one employer."""

    __tablename__ = "lead"
    __table_args__ = (
        UniqueConstraint("form_key", "visitor", name="lead_once_per_form"),
        # a person who asks what we hold about them is looked up by address
        Index("ix_lead_email_created_at", "email", "created_at"),
        # every lead asks whether one of its booth is still on its way
        Index("ix_lead_booth_id_delivery_state", "booth_id", "delivery_state"),
    )

    id: Mapped[db.Id]
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    """The lead's opaque name for the employer's side: desk addresses, Message-IDs."""
    receipt: Mapped[str] = mapped_column(String(64), unique=True)
    """The secret in the applicant's address `/leads/<receipt>`."""
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id"))
    form_key: Mapped[str] = mapped_column(String(80))
    """Given out with the form; the same form sent again by the same visitor is the same lead."""
    visitor: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(states.NAME_LENGTH), default="")
    email: Mapped[str] = mapped_column(String(states.EMAIL_LENGTH), default="")
    phone: Mapped[str] = mapped_column(String(states.PHONE_LENGTH), default="")
    message: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(2), default="fi")
    source: Mapped[states.Source] = mapped_column(db.words(states.Source), default=states.Source.BOOTH)
    state: Mapped[states.LeadState] = mapped_column(db.words(states.LeadState), default=states.LeadState.NEW)
    created_at: Mapped[db.UtcTime] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column(default=1)
    """One up when the applicant corrects the same form; each revision is one letter."""
    delivery_state: Mapped[states.Delivery] = mapped_column(db.words(states.Delivery), default=states.Delivery.WAITING)
    delivery_error: Mapped[str | None] = mapped_column(String(200))
    """Codes of the last failure; never an address."""
    delivered_at: Mapped[db.UtcTime | None]
    withdrawn_at: Mapped[db.UtcTime | None]
    erased_at: Mapped[db.UtcTime | None]
    """When what was typed was erased here, by withdrawal or because its time was over."""
    seen_at: Mapped[db.UtcTime | None]
    """When somebody of the company first had it on the screen."""
    parked: Mapped[bool] = mapped_column(default=False)
    """Its letter waits until the earlier ones of the same booth are settled; no job is under way for it."""
    programme_item_id: Mapped[int | None]
    """What was on stage when it came from beside the live picture; a number without a foreign key, for items go."""


class LeadVacancy(db.Base):
    """A job the applicant named; none of them means an open application."""

    __tablename__ = "lead_vacancy"

    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True)
    vacancy_id: Mapped[int] = mapped_column(ForeignKey("vacancy.id"), primary_key=True, index=True)


class Consent(db.Base):
    """What the applicant agreed to: which text, in which language, when, and until when."""

    __tablename__ = "consent"

    id: Mapped[db.Id]
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    text_version: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    given_at: Mapped[db.UtcTime]
    withdrawn_at: Mapped[db.UtcTime | None]


class LeadAnswer(db.Base):
    """What was answered to a question of the employer's own; the question as it read then."""

    __tablename__ = "lead_answer"

    id: Mapped[db.Id]
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    prompt_id: Mapped[int]
    question: Mapped[str] = mapped_column(String(200))
    answer: Mapped[str] = mapped_column(Text)


class LeadPaper(db.Base):
    """The CV that came along; its bytes lie in the private part of the media folder."""

    __tablename__ = "lead_paper"

    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    """Under which name of ours it is kept."""
    title: Mapped[str] = mapped_column(String(120))
    """The applicant's name for it, made harmless."""
    kind: Mapped[papers.Kind] = mapped_column(db.words(papers.Kind))
    size: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what was sent, so that the same file sent again is known as the same."""
    ready: Mapped[bool | None] = mapped_column(default=False)
    """Whether it may be opened: pictures are encoded anew first. None: it turned out to be no picture."""

"""Rows of the webhooks room. The log holds no applicant's data: a message is written anew each time it is sent."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db
from miitti.webhooks import states


class Webhook(db.Base):
    """Where a company wants its leads told; one a company."""

    __tablename__ = "webhook"

    id: Mapped[db.Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), unique=True)
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(100))
    old_secret: Mapped[str | None] = mapped_column(String(100))
    old_until: Mapped[db.UtcTime | None]
    created_at: Mapped[db.UtcTime]


class WebhookMessage(db.Base):
    """One message of the delivery log."""

    __tablename__ = "webhook_message"

    id: Mapped[db.Id]
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str] = mapped_column(String(40), unique=True)
    """`webhook-id`: the same however often it is sent, so that the receiver knows a repeat."""
    kind: Mapped[states.Kind] = mapped_column(db.words(states.Kind))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), index=True)
    at: Mapped[db.UtcTime]
    state: Mapped[states.Sent] = mapped_column(db.words(states.Sent), default=states.Sent.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]
    """HTTP status of the last answer; None when there was none."""
    error: Mapped[str | None] = mapped_column(String(200))
    finished_at: Mapped[db.UtcTime | None]

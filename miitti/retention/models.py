"""Rows of the retention room."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db
from miitti.retention import states


class Hold(db.Base):
    """A lead that must not be purged while a claim is open (GDPR article 17(3)(e)). Withdrawal still erases it."""

    __tablename__ = "hold"

    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(states.REASON_LENGTH))
    by: Mapped[str] = mapped_column(String(120))
    since: Mapped[db.UtcTime]


class Erasure(db.Base):
    """That something was erased, by a keyed hash of its reference: it proves the erasure and names nobody."""

    __tablename__ = "erasure"

    id: Mapped[db.Id]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    at: Mapped[db.UtcTime]
    why: Mapped[str] = mapped_column(String(20))

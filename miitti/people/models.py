"""Rows of the people room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db
from miitti.foundation.access import Role


class Invitation(db.Base):
    """A letter that asks somebody in. Its one-time address is a link of the accounts, known here by its hash."""

    __tablename__ = "invitation"

    id: Mapped[db.Id]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("event.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[Role] = mapped_column(db.words(Role))
    invited_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[db.UtcTime]
    sent_at: Mapped[db.UtcTime]
    letters: Mapped[int] = mapped_column(default=1)
    revoked_at: Mapped[db.UtcTime | None]

"""Rows of the passkeys room."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db
from miitti.passkeys import states


class Passkey(db.Base):
    """A public key of one person's device. The private half never leaves it."""

    __tablename__ = "passkey"

    id: Mapped[db.Id]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(sa.String(states.CREDENTIAL_LENGTH), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    device: Mapped[str] = mapped_column(sa.String(80), default="")
    created_at: Mapped[db.UtcTime]
    used_at: Mapped[db.UtcTime | None]


class PasskeyChallenge(db.Base):
    """A random number a device has to sign, once. `person_id` is set when it is for adding a passkey."""

    __tablename__ = "passkey_challenge"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    visitor: Mapped[str] = mapped_column(sa.String(64))
    """The browser it was given to; another one's answer is worth nothing."""
    expires_at: Mapped[db.UtcTime] = mapped_column(index=True)

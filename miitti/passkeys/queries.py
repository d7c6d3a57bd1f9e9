"""What the passkeys room can be asked. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from miitti.foundation import db
from miitti.passkeys.models import Passkey


def of_person(person_id: int) -> Sequence[Passkey]:
    """A person's passkeys, oldest first."""
    return db.session().scalars(sa.select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)).all()


def by_credential(credential_id: str) -> Passkey | None:
    """The passkey with that credential id (base64url), or None."""
    return db.session().scalar(sa.select(Passkey).where(Passkey.credential_id == credential_id))

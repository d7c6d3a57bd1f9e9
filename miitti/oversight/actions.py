"""The only thing oversight writes: that somebody looked."""

from __future__ import annotations

from miitti.accounts import actions as accounts
from miitti.foundation import db, ids


@db.writing
def note_privacy(*, verb: str, found: int) -> None:
    """Note that a person's data were looked at, taken out or erased; whose, the audit does not say."""
    accounts.note(verb=verb, object_kind="privacy", object_id=ids.new(), after={"found": found})

"""What oversight writes: that somebody looked; and the two ways in which an old note may lose its words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from miitti.accounts import actions as accounts
from miitti.accounts.models import AuditEntry
from miitti.foundation import clock, db, ids
from miitti.foundation.access import Who
from miitti.oversight import queries, states
from miitti.oversight.models import AuditOpening


@db.writing
def note_privacy(*, verb: str, found: int) -> None:
    """Note that a person's data were looked at, taken out or erased; whose, the audit does not say."""
    accounts.note(verb=verb, object_kind="privacy", object_id=ids.new(), after={"found": found})


@db.writing
def blank(*, address: str, who: Who) -> int:
    """Take an erased person's address out of what was noted; the rest stays. Gives how many entries were changed."""
    found = queries.naming(address, who) if address else []
    if found:
        with _opened("erasure"):
            for entry_id, before, after in found:
                values = {"before": _blanked(before, address), "after": _blanked(after, address)}
                db.session().execute(sa.update(AuditEntry).where(AuditEntry.id == entry_id).values(**values))
    return len(found)


@db.writing
def forget_old() -> int:
    """Forget what was noted longer ago than `states.AUDIT_KEPT`; gives how much."""
    old = AuditEntry.at < clock.now() - states.AUDIT_KEPT
    number = db.session().scalar(sa.select(sa.func.count()).select_from(AuditEntry).where(old)) or 0
    if number:
        with _opened("over"):
            db.session().execute(sa.delete(AuditEntry).where(old))
    return number


@contextmanager
def _opened(why: str) -> Iterator[None]:
    """The audit open for this transaction alone: the row is gone again before anybody else could see it."""
    session = db.session()
    row = AuditOpening(at=clock.now(), why=why)
    session.add(row)
    session.flush()
    yield
    session.flush()
    session.delete(row)
    session.flush()


def _blanked(told: Any, address: str) -> Any:
    if isinstance(told, dict):
        return {key: _blanked(value, address) for key, value in told.items()}
    if isinstance(told, list):
        return [_blanked(value, address) for value in told]
    return states.ERASED if isinstance(told, str) and address.casefold() in told.casefold() else told

"""What the audit is searched for besides its own entries, and what its things are called. Reads only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from miitti.accounts import queries as accounts
from miitti.accounts.models import AuditEntry
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import db
from miitti.foundation.access import Power, Who


def naming(address: str, who: Who) -> list[tuple[int, Any, Any]]:
    """The entries (id, before, after) in whose words an address stands, in the events `who` answers to people for."""
    needle = json.dumps(address)[1:-1].lower()
    here = [
        sa.func.lower(sa.cast(column, sa.Text)).contains(needle, autoescape=True)
        for column in (AuditEntry.before, AuditEntry.after)
    ]
    rows = db.session().scalars(sa.select(AuditEntry).where(sa.or_(*here)))
    mine = [row for row in rows if who.can(Power.ANSWER_PRIVACY, event_id=row.event_id)]
    return [(row.id, row.before, row.after) for row in mine]


def names(entries: Sequence[AuditEntry]) -> dict[tuple[str, str], str]:
    """What people, organisations, booths and events of the entries are called now; what is gone is left out."""
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        if entry.object_id.isdigit():
            wanted.setdefault(entry.object_kind, set()).add(int(entry.object_id))
    found = {("person", str(p.id)): p.name or p.email for p in accounts.people(wanted.get("person", ())).values()}
    organisations = accounts.organisation_names(wanted.get("organisation", ()))
    found |= {("organisation", str(key)): name for key, name in organisations.items()}
    booths = wanted.get("booth", set()) | wanted.get("intake", set())
    for key, name in db.session().execute(sa.select(Booth.id, Booth.name).where(Booth.id.in_(booths))):
        found |= {("booth", str(key)): name, ("intake", str(key)): name}
    events = sa.select(Event.id, Event.title_fi).where(Event.id.in_(wanted.get("event", ())))
    return found | {("event", str(key)): name for key, name in db.session().execute(events)}

"""Letters to companies whose booth is not ready. Each action is one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from miitti.accounts import actions as accounts
from miitti.accounts import queries as accounts_queries
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import clock, db, jobs
from miitti.foundation.access import Role, Who


@db.writing
def remind(*, event_id: int, missing: Mapping[int, int], who: Who) -> int:
    """Write to the people of every booth that still misses something: booth id -> how many lines are open.

    One letter a person, booth and day (Helsinki), however often it is pressed. Gives how many people of how
    many booths have a letter coming or already sent today; a booth without people is left out.
    """
    db.row(Event, event_id)
    today = clock.now().astimezone(clock.HELSINKI).date().isoformat()
    reached = 0
    for booth_id, lines in missing.items():
        booth = db.row(Booth, booth_id)
        if not lines or booth.event_id != event_id:
            continue
        for person in accounts_queries.people_of(booth.organisation_id, role=Role.COMPANY):
            jobs.enqueue(
                "send_unready",
                key=f"unready:{booth.id}:{person.id}:{today}",
                args={"booth": booth.id, "person": person.id, "lines": lines, "by": who.person},
            )
            reached += 1
    accounts.note(
        verb="remind_unready", object_kind="event", object_id=event_id, event_id=event_id, after={"letters": reached}
    )
    return reached

"""The only place that changes rows of the retention room."""

from __future__ import annotations

import os

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from miitti.accounts import news as people
from miitti.booths.models import Booth
from miitti.events import actions as events
from miitti.events.models import Event
from miitti.foundation import clock, db, errors, jobs
from miitti.foundation.access import Power, Who
from miitti.leads import actions as leads_actions
from miitti.leads import news
from miitti.leads import queries as leads
from miitti.leads import states as leads_states
from miitti.leads.models import Lead
from miitti.people import actions as people_actions
from miitti.questions import actions as questions
from miitti.retention import queries, states
from miitti.retention.models import Erasure, Hold
from miitti.stage import queries as stages


@db.writing
def hold(*, reference: str, reason: str, who: Who) -> None:
    """Keep a lead past its time while a claim is open. Raises NotFound, Refused when erased, Invalid."""
    lead = leads.own(reference, who)
    reason = " ".join(leads_states.clean_message(reason).split())
    if lead.erased_at is not None:
        raise errors.Refused(_l("The details are erased already."))
    if not reason:
        raise errors.Invalid(_l("Say why it must be kept: the applicant may ask."), field="reason")
    if len(reason) > states.REASON_LENGTH:
        raise errors.Invalid(_l("The text is too long."), field="reason")
    held = db.session().get(Hold, lead.id)
    if held is None:
        held = Hold(lead_id=lead.id)
        db.session().add(held)
    held.reason, held.by, held.since = reason, who.name[:120], clock.now()


@db.writing
def release(*, reference: str, who: Who) -> None:
    """Let a held lead go its way again. Raises NotFound."""
    held = db.session().get(Hold, leads.own(reference, who).id)
    if held is not None:
        db.session().delete(held)


def purge() -> int:
    """Erase everything whose time is over, each in a transaction of its own; gives how many went."""
    due = queries.due()
    for lead_id in due:
        leads_actions.erase(lead_id=lead_id, why="over")
    return len(due)


def erase_again() -> int:
    """After a backup was restored: erase what had been erased since it was made; gives how many went."""
    back = queries.come_back()
    for lead_id in back:
        leads_actions.erase(lead_id=lead_id, why="restored")
    return len(back)


@db.writing
def delete_event(*, event_id: int, typed: str, who: Who) -> None:
    """Delete an event for good: its page, booths, videos, recording, questions, reminders, and everybody's roles in it.

    The organisations stay known, and what was done stays in the audit for its time. Raises NotFound when `who` may
    not, Invalid when `typed` is not the event's name, and Refused while its doors are open or contacts are kept.
    """
    who.must(Power.CANCEL_OR_DELETE, event_id=event_id)
    event = db.row(Event, event_id)
    if not states.is_named(typed, (event.title_fi, event.title_sv, event.title_en)):
        raise errors.Invalid(_l("This is not the event's name. Write it as it stands above."), field="typed")
    leads_actions.forget_event(event_id=event_id)
    questions.silence(event_id=event_id)
    stage = stages.of_event(event_id)
    if stage is not None and stage.recording:
        files = [[stages.HOME, stage.recording]]
        jobs.enqueue("remove_files", key=f"remove_files:event:{event_id}", args={"files": files})
    people_actions.empty(event_id=event_id, who=who)
    events.remove(event_id=event_id)


@news.on(news.Erased)
def _note(erased: news.Erased) -> None:
    digest = queries.digest(erased.reference)
    now = clock.now()
    held = db.session().get(Hold, erased.lead_id)
    if held is not None:
        db.session().delete(held)
    db.insert_or_skip(Erasure.__table__, {"digest": digest, "at": now, "why": erased.why})  # type: ignore[arg-type]
    # before the commit: a line for an erasure that then fails only erases once more what was to be erased
    line = f"{digest} {clock.stamp(now)} {erased.why}\n"
    handle = os.open(queries.log_path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


@people.on_erased
def _unname(erased: people.Erased) -> None:
    """Whoever held a lead and is erased now is not named there any more; the hold stays the company's."""
    booths = select(Booth.id).where(Booth.organisation_id.in_(erased.organisation_ids))
    leads_here = select(Lead.id).where(Lead.booth_id.in_(booths))
    called = [name[:120] for name in erased.called]
    db.session().execute(update(Hold).where(Hold.by.in_(called), Hold.lead_id.in_(leads_here)).values(by=""))

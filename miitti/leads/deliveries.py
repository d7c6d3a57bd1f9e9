"""A lead's letters on their way: enqueued with the lead, kept in order for each booth, and what became of them.

Like the actions, these change rows and are one transaction each, or part of the one they are called in.
"""

from __future__ import annotations

import hashlib
import hmac

from sqlalchemy import select

from miitti.booths.models import Booth
from miitti.foundation import clock, db, errors, ids, jobs, journal, settings
from miitti.leads import news, queries, states
from miitti.leads.models import Lead, LeadPaper


def begin(left: news.Left, *, parked: bool, receipt_to: str = "") -> None:
    """Enqueue the letter to the employer, and the applicant's copy to `receipt_to` unless it is empty.

    A parked lead's letter gets its job when its turn comes: one that waits its turn in the queue costs a worker four
    transactions, and a hundred of them hold up the pages.
    """
    if not parked:
        key = f"deliver-lead:{left.lead_id}:{left.revision}"
        jobs.enqueue("deliver_lead", key=key, args={"lead": left.lead_id})
    if receipt_to:
        _copy(left.lead_id, receipt_to)
    news.tell(left)
    stir(left.organisation_id)


def tell_withdrawn(lead_id: int) -> None:
    """Enqueue the word to the employer that an applicant has withdrawn."""
    jobs.enqueue("tell_withdrawn", key=f"lead-withdrawn:{lead_id}", args={"lead": lead_id})


def call_next(booth_id: int) -> None:
    """Have the letter sent whose turn has come, if it had been set aside; it gets a job of its own."""
    db.session().flush()
    queries.locked_stand(booth_id)
    lead = queries.next_parked(booth_id)
    if lead is not None:
        lead.parked = False
        key = f"deliver-lead:{lead.id}:{lead.revision}:{ids.new()}"
        jobs.enqueue("deliver_lead", key=key, args={"lead": lead.id})


def stir(organisation_id: int) -> None:
    """Tell the company's open desks that something is new; what, they ask for themselves."""
    journal.append(f"leads:{organisation_id}", "lead", {}, sequenced=False)


@db.writing
def park(*, lead_id: int) -> bool:
    """Set a lead's letter aside while an earlier one of the same booth is under way; says whether it was.

    Decided with the booth's order held, so that whoever settles the earlier one sees the parked one and calls it.
    """
    lead = _locked(lead_id)
    lead.parked = queries.earlier_waiting(lead)
    return lead.parked


@db.writing
def mark_delivered(*, lead_id: int, revision: int) -> None:
    """Note that the employer's mail server took the letter of that revision."""
    lead = _locked(lead_id)
    lead.delivered_at = lead.delivered_at or clock.now()
    if lead.revision == revision:
        lead.delivery_state, lead.delivery_error = states.Delivery.DELIVERED, None
    if lead.state is states.LeadState.WITHDRAWN:
        # withdrawn while the letter was on its way: what arrived is to be erased too
        tell_withdrawn(lead.id)
    call_next(lead.booth_id)


@db.writing
def mark_waiting(*, lead_id: int, why: str) -> None:
    """Note why the last try failed (codes only); the letter is tried again."""
    _locked(lead_id).delivery_error = why[:200]


@db.writing
def mark_undelivered(*, lead_id: int, revision: int, why: str, state: states.Delivery) -> None:
    """Note that the letter will not arrive: bounced or given up. The lead stays on the desk."""
    lead = _locked(lead_id)
    if lead.revision == revision:
        lead.delivery_state, lead.delivery_error = state, why[:200]
    call_next(lead.booth_id)
    stir(db.row(Booth, lead.booth_id).organisation_id)


@db.writing
def mark_paper(*, lead_id: int, name: str, ready: bool) -> None:
    """Note that a CV may be opened, or that it turned out to be no picture and was removed."""
    paper = db.session().get(LeadPaper, lead_id)
    if paper is not None and paper.name == name:
        paper.ready = True if ready else None


def _locked(lead_id: int) -> Lead:
    """A lead, after its booth: everybody who decides about the order takes the two in this order."""
    booth_id = db.session().scalar(select(Lead.booth_id).where(Lead.id == lead_id))
    if booth_id is None:
        raise errors.NotFound
    queries.locked_stand(booth_id)
    lead = db.session().scalar(select(Lead).where(Lead.id == lead_id).with_for_update())
    if lead is None:
        raise errors.NotFound
    return lead


def _copy(lead_id: int, address: str) -> None:
    """Enqueue the applicant's copy while the address has one of the day's few letters left.

    The keys count, not the leads: a lead that was withdrawn is erased, but its letter was sent all the same. They
    hold the address as a keyed digest of the day, so that they tell nobody whose it is.
    """
    told = f"{clock.now():%Y-%m-%d}:{address}".encode()
    secret = settings.current().secret_key.encode()
    digest = hmac.new(secret, b"lead-receipt:" + told, hashlib.sha256).hexdigest()[:32]
    for number in range(states.RECEIPTS_A_DAY):
        if jobs.enqueue("send_receipt", key=f"lead-receipt:{digest}:{number}", args={"lead": lead_id}):
            return

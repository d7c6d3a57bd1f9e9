"""Letters of the leads room, sent by the worker.

A job carries the lead's number only. A worker that dies between the server's 250 and our note of it sends the
letter again with the same Message-ID, so that it is known as the same.
"""

from __future__ import annotations

from miitti.foundation import clock, db, jobs, mail, papers
from miitti.leads import deliveries, mails, queries, states

ENOUGH = 100_000
"""Tries are bounded by time (`states.GIVE_UP_AFTER`), not by number; without a mail server letters wait."""

LEASE_S = 15
"""Renewed while a letter is under way, so it only says how soon a dead worker's letter is taken up again."""


@jobs.handler("deliver_lead", lane="mail", lease=LEASE_S, attempts=ENOUGH)
def deliver_lead(work: jobs.Work) -> None:
    """Send a lead to its employer; tried until it arrives, bounces, is withdrawn or 72 hours have passed."""
    whole = queries.by_id(work.args["lead"])
    if whole is None or whole.lead.delivery_state is not states.Delivery.WAITING:
        return
    if whole.lead.erased_at is not None:
        return
    lead_id, revision = whole.lead.id, whole.lead.revision
    if int(work.key.split(":")[2]) != revision:
        return  # corrected meanwhile; the correction has a job of its own
    # looked at first without the write lock, which every lead needs; an earlier one never appears later
    if queries.earlier_waiting(whole.lead) and deliveries.park(lead_id=lead_id):
        return  # whoever settles the earlier one of this booth calls it
    if whole.paper is not None and whole.paper.ready is False:
        _make_ready(whole.paper.lead_id, whole.paper.name)
        whole = queries.by_id(lead_id)  # that took a while
        if whole is None or whole.lead.erased_at is not None:
            return
    age = clock.now() - whole.lead.created_at
    address = queries.employer_address(whole.booth)
    try:
        if address is None:
            raise mail.Temporary("the booth has no address for its leads")
        letter = mails.to_employer(whole, *address)
        db.session().rollback()  # no snapshot of the database is held while a mail server thinks
        mail.send(letter)
    except mail.Permanent as error:
        deliveries.mark_undelivered(lead_id=lead_id, revision=revision, why=str(error), state=states.Delivery.BOUNCED)
        raise jobs.Final(str(error)) from error
    except mail.Temporary as error:
        wait = states.wait_before_retry(work.attempt, age)
        if wait is None and isinstance(error, mail.NoServer):
            wait = states.RETRY_THEN_S
        if wait is None:
            deliveries.mark_undelivered(
                lead_id=lead_id, revision=revision, why=str(error), state=states.Delivery.GIVEN_UP
            )
            raise jobs.Final(str(error)) from error
        deliveries.mark_waiting(lead_id=lead_id, why=str(error))
        raise jobs.Retry(wait, str(error)) from error
    _delivered(work, lead_id, revision)


@db.writing
def _delivered(work: jobs.Work, lead_id: int, revision: int) -> None:
    """Note the delivery and that its job is done: one transaction less for the web process to wait for."""
    deliveries.mark_delivered(lead_id=lead_id, revision=revision)
    jobs.finish(work)


@jobs.handler("send_receipt", lane="mail", lease=LEASE_S, attempts=ENOUGH)
def send_receipt(work: jobs.Work) -> None:
    """Send the applicant's own copy. Not worth an alarm: the receipt's page says the same."""
    whole = queries.by_id(work.args["lead"])
    if whole is None or not whole.lead.email or whole.lead.erased_at is not None:
        return
    _send(mails.receipt(whole), work, whole)


@jobs.handler("tell_withdrawn", lane="mail", lease=LEASE_S, attempts=ENOUGH)
def tell_withdrawn(work: jobs.Work) -> None:
    """Tell the employer that an applicant has withdrawn."""
    whole = queries.by_id(work.args["lead"])
    address = None if whole is None else queries.employer_address(whole.booth)
    if whole is None or address is None:
        return
    _send(mails.withdrawn(whole, *address), work, whole)


@jobs.handler("erase_traces", lane="other", lease=60, attempts=1000)
def erase_traces(work: jobs.Work) -> None:
    """Remove what an erased lead has left outside its rows: the CV, the demo's letters, the database's log.

    The rows themselves were overwritten when they changed (SQLite's secure_delete); the write-ahead log still holds
    them until it is emptied into the file.
    """
    if work.args["paper"]:
        papers.forget(work.args["paper"])
    whole = queries.by_id(work.args["lead"])
    if whole is not None:
        mail.unspool(mails.message_ids(whole))
    if not db.scrub():
        raise jobs.Retry(2, "somebody is reading the database; its log is emptied in a moment")


def _make_ready(lead_id: int, name: str) -> None:
    """Encode a picture anew before anybody can open it; one that is no picture goes, and the letter says so."""
    try:
        ready = papers.make_harmless(name)
    except FileNotFoundError:
        ready = False
    if not ready:
        papers.forget(name)
    deliveries.mark_paper(lead_id=lead_id, name=name, ready=ready)


def _send(letter: mail.Letter, work: jobs.Work, whole: queries.Whole) -> None:
    began = whole.lead.withdrawn_at or whole.lead.created_at
    db.session().rollback()
    try:
        mail.send(letter)
    except mail.Permanent as error:
        raise jobs.Final(str(error)) from error
    except mail.Temporary as error:
        wait = states.wait_before_retry(work.attempt, clock.now() - began)
        if wait is None and isinstance(error, mail.NoServer):
            wait = states.RETRY_THEN_S
        if wait is None:
            raise jobs.Final(str(error)) from error
        raise jobs.Retry(wait, str(error)) from error

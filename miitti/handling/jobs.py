"""Letters of the handling room, sent by the worker."""

from __future__ import annotations

from datetime import timedelta

from miitti.booths.models import Booth
from miitti.foundation import clock, db, jobs, mail
from miitti.handling import actions, mails, queries, states
from miitti.leads import queries as leads


@jobs.handler("send_answer", lane="mail", lease=30, attempts=200)
def send_answer(work: jobs.Work) -> None:
    """Send a company's answer to one applicant; nothing is sent to somebody who has withdrawn meanwhile."""
    answer_id, lead_id = work.args["answer"], work.args["lead"]
    found, whole = queries.letter_of(answer_id, lead_id), leads.by_id(lead_id)
    if found is None or whole is None or whole.lead.erased_at is not None or found[0].sent_at is not None:
        return
    letter = mails.answer(whole, found[1])
    db.session().rollback()
    try:
        mail.send(letter)
    except mail.Permanent as error:
        actions.mark_sent(answer_id=answer_id, lead_id=lead_id, failed=True)
        raise jobs.Final(str(error)) from error
    except mail.NoServer as error:
        raise jobs.Retry(300, str(error)) from error
    actions.mark_sent(answer_id=answer_id, lead_id=lead_id, failed=False)


@jobs.handler("plan_digests", lane="other", lease=60, attempts=20)
def plan_digests(work: jobs.Work) -> None:
    """Make the morning's letters, one job each."""
    actions.plan_digests()


jobs.nightly("plan_digests", hour=states.DIGEST_HOUR)


@jobs.handler("send_digest", lane="mail", lease=30, attempts=20)
def send_digest(work: jobs.Work) -> None:
    """Send a booth's morning letter when something came since yesterday."""
    booth = db.session().get(Booth, work.args["booth"])
    address = None if booth is None else leads.employer_address(booth)
    number = 0 if booth is None else queries.new_since(booth.id, clock.now() - timedelta(days=1))
    if booth is None or address is None or number == 0:
        return
    letter = mails.digest(booth, number, *address, work.args["day"])
    db.session().rollback()
    try:
        mail.send(letter)
    except mail.Permanent as error:
        raise jobs.Final(str(error)) from error
    except mail.NoServer as error:
        raise jobs.Retry(300, str(error)) from error

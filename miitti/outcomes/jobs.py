"""Asking companies what came of their leads, two weeks after."""

from __future__ import annotations

from miitti.booths.models import Booth
from miitti.foundation import clock, db, jobs, mail
from miitti.leads import queries as leads
from miitti.outcomes import actions, mails, queries, states


@jobs.handler("plan_outcomes", lane="other", lease=60, attempts=20)
def plan_outcomes(work: jobs.Work) -> None:
    """Make today's letters, one job each."""
    actions.plan()


jobs.nightly("plan_outcomes", hour=states.ASK_HOUR)


@jobs.handler("ask_outcomes", lane="mail", lease=30, attempts=40)
def ask_outcomes(work: jobs.Work) -> None:
    """Ask one company about one booth's leads and jobs; what was asked once is not asked again."""
    booth = db.session().get(Booth, work.args["booth"])
    address = None if booth is None else leads.employer_address(booth)
    if booth is None or address is None:
        return
    found = queries.to_ask(booth.id)
    vacancies = queries.jobs_to_ask(booth.id, clock.now() - states.ASK_AFTER)
    if not found:
        return
    letter = mails.asked(booth, found, vacancies, *address, work.args["day"])
    lead_ids, vacancy_ids = [whole.lead.id for whole in found], [vacancy.id for vacancy in vacancies]
    db.session().rollback()
    try:
        mail.send(letter)
    except mail.Permanent as error:
        raise jobs.Final(str(error)) from error
    except mail.NoServer as error:
        raise jobs.Retry(600, str(error)) from error
    actions.mark_asked(lead_ids=lead_ids, vacancy_ids=vacancy_ids)

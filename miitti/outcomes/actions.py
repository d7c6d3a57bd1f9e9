"""The only place that changes rows of the outcomes room."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import lazy_gettext as _l

from miitti.foundation import clock, db, errors, jobs
from miitti.leads import actions as leads_actions
from miitti.leads import queries as leads
from miitti.leads import states as leads_states
from miitti.outcomes import queries, states
from miitti.outcomes.models import JobOutcome, Outcome
from miitti.vacancies.models import Vacancy


@db.writing
def tell(*, lead_id: int, result: states.Result) -> None:
    """Note what came of a lead; a later answer takes the place of an earlier one. The desk's state follows.

    Whoever calls has judged that the answer may be given. Raises NotFound, and Invalid for a result that isn't asked
    of such a booth.
    """
    whole = leads.by_id(lead_id)
    if whole is None:
        raise errors.NotFound
    if result not in queries.results_for(whole.booth):
        raise errors.Invalid(_l("Choose one of the answers offered."), field="result")
    outcome = db.session().get(Outcome, lead_id)
    if outcome is None:
        outcome = Outcome(lead_id=lead_id)
        db.session().add(outcome)
    outcome.result, outcome.answered_at = result, clock.now()
    after = {states.Result.HIRED: leads_states.LeadState.HIRED, states.Result.NOT: leads_states.LeadState.NOT_NOW}
    if result in after and whole.lead.state is not leads_states.LeadState.WITHDRAWN:
        leads_actions.set_state(lead_id=lead_id, state=after[result])
    elif whole.lead.state is leads_states.LeadState.HIRED and result is states.Result.OPEN:
        leads_actions.set_state(lead_id=lead_id, state=leads_states.LeadState.INTERVIEW)


@db.writing
def tell_job(*, vacancy_id: int, result: states.JobResult) -> None:
    """Note what came of a job ad. Raises NotFound."""
    db.row(Vacancy, vacancy_id)
    outcome = db.session().get(JobOutcome, vacancy_id)
    if outcome is None:
        outcome = JobOutcome(vacancy_id=vacancy_id)
        db.session().add(outcome)
    outcome.result, outcome.answered_at = result, clock.now()


@db.writing
def plan() -> None:
    """Enqueue today's letters, one a booth."""
    day = f"{clock.now().astimezone(clock.HELSINKI):%Y-%m-%d}"
    for booth in queries.booths_to_ask():
        jobs.enqueue("ask_outcomes", key=f"outcomes:{booth.id}:{day}", args={"booth": booth.id, "day": day})


@db.writing
def mark_asked(*, lead_ids: Collection[int], vacancy_ids: Collection[int]) -> None:
    """Note about whom and what a letter has asked."""
    now = clock.now()
    for lead_id in lead_ids:
        if db.session().get(Outcome, lead_id) is None:
            db.session().add(Outcome(lead_id=lead_id, asked_at=now))
    for vacancy_id in vacancy_ids:
        if db.session().get(JobOutcome, vacancy_id) is None:
            db.session().add(JobOutcome(vacancy_id=vacancy_id, asked_at=now))

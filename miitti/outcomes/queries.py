"""What is known of outcomes. Only reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from miitti.accounts.models import Organisation
from miitti.accounts.states import OrganisationKind
from miitti.booths.models import Booth
from miitti.foundation import clock, db, errors
from miitti.foundation.access import Role, Who
from miitti.leads import queries as leads
from miitti.leads import states as leads_states
from miitti.leads.models import Lead, LeadVacancy
from miitti.leads.queries import Whole
from miitti.outcomes import states
from miitti.outcomes.models import JobOutcome, Outcome
from miitti.vacancies.models import Vacancy


@dataclass(frozen=True)
class Counts:
    """An event in numbers."""

    leads: int
    answered: int
    """Leads whose applicant got an answer."""
    still: int
    """Leads whose applicant has not withdrawn; `answered` counts among them."""
    results: dict[states.Result, int]
    sources: dict[leads_states.Source, int]
    jobs: dict[states.JobResult, int]


def is_school(booth: Booth) -> bool:
    """Whether a booth is a school's, which asks other things than an employer."""
    return leads.employer(booth).kind is OrganisationKind.SCHOOL


def results_for(booth: Booth) -> Sequence[states.Result]:
    """What can be answered about the leads of a booth."""
    return states.OF_SCHOOL if is_school(booth) else states.OF_COMPANY


def of_lead(lead_id: int) -> Outcome | None:
    """What is known of one lead."""
    return db.session().get(Outcome, lead_id)


def of_leads(lead_ids: Sequence[int]) -> dict[int, Outcome]:
    """What is known of several leads."""
    rows = db.session().scalars(select(Outcome).where(Outcome.lead_id.in_(lead_ids)))
    return {row.lead_id: row for row in rows}


def of_jobs(who: Who) -> list[tuple[Vacancy, Booth, JobOutcome | None]]:
    """The job ads of the companies `who` works in, the newest first, with what came of them."""
    rows = db.session().execute(
        select(Vacancy, Booth, JobOutcome)
        .join(Booth, Booth.id == Vacancy.booth_id)
        .outerjoin(JobOutcome, JobOutcome.vacancy_id == Vacancy.id)
        .where(Booth.organisation_id.in_(who.organisations(Role.COMPANY)))
        .order_by(Vacancy.id.desc())
    )
    mine = [(vacancy, booth, outcome) for vacancy, booth, outcome in rows]
    return [
        one for one in mine if who.may(Role.COMPANY, event_id=one[1].event_id, organisation_id=one[1].organisation_id)
    ]


def own_job(vacancy_id: int, who: Who) -> Vacancy:
    """A job ad of a company `who` works in. Raises NotFound."""
    found = next((vacancy for vacancy, _booth, _outcome in of_jobs(who) if vacancy.id == vacancy_id), None)
    if found is None:
        raise errors.NotFound
    return found


def to_ask(booth_id: int) -> list[Whole]:
    """The leads of a booth that were delivered two weeks ago or more and not asked about yet, oldest first."""
    asked = set(db.session().scalars(select(Outcome.lead_id).join(Lead).where(Lead.booth_id == booth_id)))
    due = clock.now() - states.ASK_AFTER
    return [
        whole
        for whole in reversed(leads.of_booth(booth_id))
        if whole.lead.id not in asked
        and whole.lead.erased_at is None
        and whole.lead.created_at <= due
        and whole.lead.state not in (leads_states.LeadState.WITHDRAWN, leads_states.LeadState.HIRED)
    ][: states.MOST_IN_A_LETTER]


def jobs_to_ask(booth_id: int, since: datetime) -> list[Vacancy]:
    """The job ads of a booth that were posted before `since` and not asked about yet."""
    return list(
        db.session().scalars(
            select(Vacancy)
            .outerjoin(JobOutcome, JobOutcome.vacancy_id == Vacancy.id)
            .where(Vacancy.booth_id == booth_id, Vacancy.posted_at <= since, JobOutcome.vacancy_id.is_(None))
            .order_by(Vacancy.id)
        )
    )


def booths_to_ask() -> Sequence[Booth]:
    """The booths that have leads old enough to ask about."""
    due = clock.now() - states.ASK_AFTER
    return (
        db.session()
        .scalars(
            select(Booth)
            .join(Lead, Lead.booth_id == Booth.id)
            .outerjoin(Outcome, Outcome.lead_id == Lead.id)
            .where(Lead.created_at <= due, Lead.erased_at.is_(None), Outcome.lead_id.is_(None))
            .distinct()
            .order_by(Booth.id)
        )
        .all()
    )


def of_event(event_id: int, *, schools: bool = False) -> Counts:
    """An event's companies (or its schools) in numbers. Hired is who is marked so on the desk or by a tap."""
    kind = Organisation.kind == OrganisationKind.SCHOOL
    rows = (
        db.session()
        .execute(
            select(Lead.state, Outcome.result, Lead.source)
            .join(Booth, Booth.id == Lead.booth_id)
            .join(Organisation, Organisation.id == Booth.organisation_id)
            .outerjoin(Outcome, Outcome.lead_id == Lead.id)
            .where(Lead.event_id == event_id, kind if schools else ~kind)
        )
        .all()
    )
    results: dict[states.Result, int] = {}
    for state, result, _source in rows:
        hired = state is leads_states.LeadState.HIRED and not schools
        known = states.Result.HIRED if hired else result
        if known is not None:
            results[known] = results.get(known, 0) + 1
    jobs = db.session().execute(
        select(JobOutcome.result, func.count())
        .join(Vacancy, Vacancy.id == JobOutcome.vacancy_id)
        .join(Booth, Booth.id == Vacancy.booth_id)
        .join(Organisation, Organisation.id == Booth.organisation_id)
        .where(Booth.event_id == event_id, JobOutcome.result.is_not(None), kind if schools else ~kind)
        .group_by(JobOutcome.result)
    )
    still = [state for state, _result, _source in rows if state is not leads_states.LeadState.WITHDRAWN]
    answered = sum(state is not leads_states.LeadState.NEW for state in still)
    sources = dict(Counter(source for _state, _result, source in rows))
    by_result = {result: number for result, number in jobs if result is not None}
    return Counts(len(rows), answered, len(still), results, sources, by_result)


def hired_per_job(vacancy_ids: Sequence[int]) -> dict[int, int]:
    """How many were hired of those who named each job; for the company itself."""
    rows = db.session().execute(
        select(LeadVacancy.vacancy_id, func.count())
        .join(Lead, Lead.id == LeadVacancy.lead_id)
        .where(LeadVacancy.vacancy_id.in_(vacancy_ids), Lead.state == leads_states.LeadState.HIRED)
        .group_by(LeadVacancy.vacancy_id)
    )
    return {row[0]: row[1] for row in rows}

"""Finding leads. Only reads; an employer's side is always narrowed to the company's own.

Working for a company on its behalf opens its booth, never its leads: only a grant as COMPANY counts here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from miitti.accounts import queries as accounts
from miitti.accounts.models import Organisation
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import clock, db, errors
from miitti.foundation.access import Role, Who
from miitti.leads import states
from miitti.leads.models import Lead, LeadVacancy
from miitti.vacancies.models import Vacancy


@dataclass(frozen=True)
class Whole:
    """A lead with what it belongs to."""

    lead: Lead
    booth: Booth
    event: Event
    vacancies: Sequence[Vacancy]


def by_id(lead_id: int) -> Whole | None:
    """The lead with everything around it, or None."""
    row = (
        db.session()
        .execute(
            select(Lead, Booth, Event)
            .join(Booth, Booth.id == Lead.booth_id)
            .join(Event, Event.id == Lead.event_id)
            .where(Lead.id == lead_id)
        )
        .one_or_none()
    )
    if row is None:
        return None
    return Whole(row[0], row[1], row[2], _vacancies([lead_id]).get(lead_id, []))


def by_receipt(receipt: str) -> Whole:
    """The lead an applicant's address opens. Raises NotFound."""
    lead_id = db.session().scalar(select(Lead.id).where(Lead.receipt == receipt))
    whole = None if lead_id is None else by_id(lead_id)
    if whole is None:
        raise errors.NotFound
    return whole


def of_company(who: Who, *, limit: int = 5000) -> list[Whole]:
    """The leads of the companies `who` works in, newest first. Never in another order than time."""
    rows = (
        db.session()
        .execute(
            select(Lead, Booth, Event)
            .join(Booth, Booth.id == Lead.booth_id)
            .join(Event, Event.id == Lead.event_id)
            .where(Booth.organisation_id.in_(who.organisations(Role.COMPANY)))
            .order_by(Lead.created_at.desc(), Lead.id.desc())
            .limit(limit)
        )
        .all()
    )
    named = _vacancies([row[0].id for row in rows])
    return [Whole(lead, booth, event, named.get(lead.id, [])) for lead, booth, event in rows]


def own(reference: str, who: Who) -> Lead:
    """One lead of the companies `who` works in. Raises NotFound for everybody else's."""
    lead = db.session().scalar(
        select(Lead)
        .join(Booth, Booth.id == Lead.booth_id)
        .where(Lead.reference == reference, Booth.organisation_id.in_(who.organisations(Role.COMPANY)))
    )
    if lead is None:
        raise errors.NotFound
    return lead


def new_of_company(who: Who) -> int:
    """How many leads of the companies `who` works in wait for a first call."""
    organisations = who.organisations(Role.COMPANY)
    if not organisations:
        return 0
    return (
        db.session().scalar(
            select(func.count())
            .select_from(Lead)
            .join(Booth, Booth.id == Lead.booth_id)
            .where(Lead.state == states.LeadState.NEW, Booth.organisation_id.in_(organisations))
        )
        or 0
    )


def employer_address(booth: Booth) -> tuple[str, str] | None:
    """(address, language) the booth's leads go to: its own contact, else its company's first person."""
    people = accounts.people_of(booth.organisation_id, role=Role.COMPANY)
    if booth.contact_email:
        known = next((person for person in people if person.email == booth.contact_email), None)
        return booth.contact_email, known.language if known else "fi"
    return (people[0].email, people[0].language) if people else None


def employer(booth: Booth) -> Organisation:
    """The company that answers for the details left at the booth."""
    return accounts.organisation(booth.organisation_id)


def oldest_undelivered() -> timedelta:
    """How long the longest-waiting lead has been on its way; zero when none is."""
    since = db.session().scalar(
        select(func.min(Lead.created_at)).where(
            Lead.delivery_state == states.Delivery.WAITING, Lead.state != states.LeadState.WITHDRAWN
        )
    )
    return timedelta(0) if since is None else clock.now() - since


def _vacancies(lead_ids: Collection[int]) -> dict[int, list[Vacancy]]:
    if not lead_ids:
        return {}
    named: dict[int, list[Vacancy]] = {}
    rows = db.session().execute(
        select(LeadVacancy.lead_id, Vacancy)
        .join(Vacancy, Vacancy.id == LeadVacancy.vacancy_id)
        .where(LeadVacancy.lead_id.in_(lead_ids))
        .order_by(Vacancy.id)
    )
    for lead_id, vacancy in rows:
        named.setdefault(lead_id, []).append(vacancy)
    return named

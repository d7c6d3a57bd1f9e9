"""What a company's people have written and decided about its leads. Only reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from miitti.accounts import queries as accounts
from miitti.accounts.models import Organisation, Person
from miitti.accounts.states import OrganisationKind
from miitti.booths.models import Booth
from miitti.foundation import db
from miitti.foundation.access import Role, Who
from miitti.handling import states
from miitti.handling.models import Answer, AnswerTo, Handling, Note
from miitti.intake.models import Intake
from miitti.leads import states as leads_states
from miitti.leads.models import Consent, Lead
from miitti.leads.queries import Whole


@dataclass
class Beside:
    """What is known of one lead besides what the applicant wrote."""

    handling: Handling | None = None
    notes: list[Note] = field(default_factory=list)
    answers: list[tuple[AnswerTo, Answer]] = field(default_factory=list)


def beside(lead_ids: Collection[int]) -> dict[int, Beside]:
    """For each of several leads what the company has written; three queries whatever their number."""
    found = {lead_id: Beside() for lead_id in lead_ids}
    if not found:
        return found
    session = db.session()
    for handling in session.scalars(select(Handling).where(Handling.lead_id.in_(lead_ids))):
        found[handling.lead_id].handling = handling
    for note in session.scalars(select(Note).where(Note.lead_id.in_(lead_ids)).order_by(Note.id)):
        found[note.lead_id].notes.append(note)
    sent = select(AnswerTo, Answer).join(Answer, Answer.id == AnswerTo.answer_id).order_by(AnswerTo.answer_id)
    for to, answer in session.execute(sent.where(AnswerTo.lead_id.in_(lead_ids))):
        found[to.lead_id].answers.append((to, answer))
    return found


def doubles(leads: Sequence[Whole], known: dict[int, Beside]) -> dict[int, Whole]:
    """For each lead an earlier one of the same company with the same phone or address, when nobody has joined them."""
    first: dict[tuple[int, str], Whole] = {}
    found: dict[int, Whole] = {}
    for whole in sorted((one for one in leads if one.lead.erased_at is None), key=lambda one: one.lead.id):
        marks = [
            (whole.booth.organisation_id, mark) for mark in states.same_contact(whole.lead.phone, whole.lead.email)
        ]
        earlier = next((first[mark] for mark in marks if mark in first), None)
        handling = known.get(whole.lead.id, Beside()).handling
        if earlier is not None and (handling is None or handling.same_as_id is None):
            found[whole.lead.id] = earlier
        for mark in marks:
            first.setdefault(mark, whole)
    return found


def colleagues(organisation_id: int) -> Sequence[Person]:
    """Who of a company can take a lead."""
    return accounts.people_of(organisation_id, role=Role.COMPANY)


def digests() -> Sequence[Booth]:
    """The booths that want a letter in the morning."""
    return db.session().scalars(select(Booth).join(Intake, Intake.booth_id == Booth.id).where(Intake.digest)).all()


def advised(event_id: int) -> list[dict[str, Any]]:
    """Applicants of an event who chose that an adviser may get in touch, each once: name and contacts, nothing else."""
    rows = db.session().execute(
        select(Lead.name, Lead.phone, Lead.email, Lead.language, Lead.created_at)
        .join(Consent, Consent.lead_id == Lead.id)
        .where(
            Lead.event_id == event_id,
            Lead.erased_at.is_(None),
            Consent.purpose == leads_states.ADVISER,
            Consent.withdrawn_at.is_(None),
        )
        .order_by(Lead.created_at)
    )
    known: set[str] = set()
    found = []
    for name, phone, email, language, at in rows:
        marks = states.same_contact(phone, email) or {phone + email}
        if not marks & known:
            found.append({"name": name, "phone": phone, "email": email, "language": language, "at": at})
        known |= marks
    return found


def advises(who: Who, event_id: int) -> bool:
    """Whether `who` is there for an employment area that holds the event."""
    areas = {
        grant.organisation_id
        for grant in who.grants
        if grant.role is Role.COHOST and grant.covers(event_id, None) and grant.organisation_id is not None
    }
    kinds = db.session().scalars(select(Organisation.kind).where(Organisation.id.in_(areas)))
    return OrganisationKind.EMPLOYMENT_AREA in set(kinds)


def new_since(booth_id: int, since: datetime) -> int:
    """How many leads a booth got since then."""
    return len(
        db.session()
        .scalars(select(Lead.id).where(Lead.booth_id == booth_id, Lead.created_at >= since, Lead.erased_at.is_(None)))
        .all()
    )


def letter_of(answer_id: int, lead_id: int) -> tuple[AnswerTo, Answer] | None:
    """An answer on its way to one lead."""
    row = (
        db.session()
        .execute(
            select(AnswerTo, Answer)
            .join(Answer, Answer.id == AnswerTo.answer_id)
            .where(AnswerTo.answer_id == answer_id, AnswerTo.lead_id == lead_id)
        )
        .one_or_none()
    )
    return None if row is None else (row[0], row[1])

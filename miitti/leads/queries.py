"""Finding leads. Only reads; an employer's side is always narrowed to the company's own.

Working for a company on its behalf opens its booth, never its leads: only a grant as COMPANY counts here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select

from miitti.accounts import queries as accounts
from miitti.accounts.models import Organisation
from miitti.accounts.states import phone_digits
from miitti.booths.models import Booth
from miitti.events.models import Event, ProgrammeItem
from miitti.foundation import clock, db, errors, settings
from miitti.foundation.access import POWERS, Power, Role, Who
from miitti.intake import queries as intake
from miitti.leads import states
from miitti.leads.models import Consent, Lead, LeadAnswer, LeadPaper, LeadVacancy
from miitti.vacancies.models import Vacancy


@dataclass(frozen=True)
class Whole:
    """A lead with what it belongs to and what came along."""

    lead: Lead
    booth: Booth
    event: Event
    vacancies: Sequence[Vacancy]
    answers: Sequence[LeadAnswer]
    paper: LeadPaper | None
    consents: Sequence[Consent]
    item: ProgrammeItem | None

    def chose(self, purpose: str) -> bool:
        """Whether the applicant ticked that choice and has not taken it back."""
        return any(one.purpose == purpose and one.withdrawn_at is None for one in self.consents)

    @property
    def kept_until(self) -> datetime:
        """Until when what was typed stays here."""
        since = next((one.given_at for one in self.consents if one.purpose == states.KEEP), None)
        wished = settings.current()
        return states.kept_until(
            self.lead.created_at,
            self.lead.delivered_at,
            since,
            days=wished.leads_days,
            months=wished.employer_months,
        )

    @property
    def called(self) -> str:
        """The applicant's name, or what there is in its place."""
        return self.lead.name or self.lead.phone or self.lead.email


@dataclass(frozen=True, slots=True)
class Stand:
    """What of a booth and its event decides about a lead; `events.states.doors` can judge it."""

    id: int
    event_id: int
    organisation_id: int
    starts_at: datetime
    ends_at: datetime
    published_at: datetime | None
    forced_doors: str | None


@dataclass(frozen=True)
class Answered:
    """How many have got an answer: everything but "new" is one."""

    answered: int
    everybody: int


_STAND = select(
    Booth.id,
    Booth.event_id,
    Booth.organisation_id,
    Event.starts_at,
    Event.ends_at,
    Event.published_at,
    Event.forced_doors,
).join(Event, Event.id == Booth.event_id)
# made once: building a statement costs about as much as asking the database
# SQLite has one writer anyway. On PostgreSQL the booth's row is held: else a lead could be set aside for an earlier
# one that is being settled at this moment, and nobody would call it
_STAND_BY_ID = _STAND.where(Booth.id == bindparam("booth_id")).with_for_update(key_share=True, of=Booth)
_STAND_BY_SLUGS = _STAND.where(Event.slug == bindparam("event"), Booth.slug == bindparam("booth"))


_UNDER_WAY = (
    select(Lead.id)
    .where(
        Lead.booth_id == bindparam("booth_id"),
        Lead.delivery_state == states.Delivery.WAITING,
        Lead.erased_at.is_(None),
    )
    .limit(1)
)


def locked_stand(booth_id: int) -> Stand:
    """What decides about a lead left at a booth, with the order of its letters held until the commit.

    Raises NotFound.
    """
    return _stand(_STAND_BY_ID, {"booth_id": booth_id})


def stand_by_slugs(event: str, booth: str) -> Stand:
    """The same by the words of the address; whether the event is published is not asked. Raises NotFound."""
    return _stand(_STAND_BY_SLUGS, {"event": event, "booth": booth})


def by_id(lead_id: int) -> Whole | None:
    """The lead with everything around it, or None."""
    return next(iter(_whole(Lead.id == lead_id)), None)


def by_receipt(receipt: str) -> Whole:
    """The lead an applicant's address opens. Raises NotFound."""
    return _one(Lead.receipt == receipt)


def by_reference(reference: str) -> Whole:
    """The lead of that name, whoever asks: for signed links only. Raises NotFound."""
    return _one(Lead.reference == reference)


def of_company(who: Who, *, limit: int = 5000) -> list[Whole]:
    """The leads of the companies `who` works in, newest first. Never in another order than time."""
    return _whole(_own(who), limit=limit)


def of_booth(booth_id: int, *, since: datetime | None = None, limit: int = 500) -> list[Whole]:
    """The leads of a booth, newest first; for signed links and exports of one booth."""
    wanted: list[ColumnElement[bool]] = [Lead.booth_id == booth_id]
    if since is not None:
        wanted.append(Lead.created_at >= since)
    return _whole(*wanted, limit=limit)


def of_applicant(address: str, who: Who) -> list[Whole]:
    """What somebody with that e-mail address or phone number has left in the events `who` answers to people for.

    Erased leads have neither any more. A number is the same however it is written, so it is compared here.
    """
    digits = phone_digits(address)
    if digits:
        phones = db.session().execute(select(Lead.id, Lead.event_id, Lead.phone).where(Lead.phone != ""))
        rows = [(lead_id, event_id) for lead_id, event_id, phone in phones if phone_digits(phone) == digits]
    else:  # kept in small letters, see `details`
        found = db.session().execute(select(Lead.id, Lead.event_id).where(Lead.email == address.strip().lower()))
        rows = [(lead_id, event_id) for lead_id, event_id in found if address]
    mine = [lead_id for lead_id, event_id in rows if who.can(Power.ANSWER_PRIVACY, event_id=event_id)]
    return _whole(Lead.id.in_(mine), limit=1000) if mine else []


def own(reference: str, who: Who) -> Lead:
    """One lead of the companies `who` works in. Raises NotFound for everybody else's."""
    lead = db.session().scalar(
        select(Lead).join(Booth, Booth.id == Lead.booth_id).where(Lead.reference == reference, _own(who))
    )
    if lead is None:
        raise errors.NotFound
    return lead


def own_whole(reference: str, who: Who) -> Whole:
    """`own` with everything around it. Raises NotFound."""
    return _one(Lead.id == own(reference, who).id)


def new_of_company(who: Who) -> int:
    """How many leads of the companies `who` works in wait for a first call."""
    if not who.organisations(Role.COMPANY):
        return 0
    return _count(Lead.state == states.LeadState.NEW, Lead.erased_at.is_(None), _own(who))


def answered_of_company(who: Who) -> Answered:
    """How many of the company's applicants have got an answer; those who withdrew need none."""
    here = (_own(who), Lead.state != states.LeadState.WITHDRAWN)
    return Answered(_count(*here, Lead.state != states.LeadState.NEW), _count(*here))


def lost_of_company(who: Who) -> int:
    """How many letters to the companies `who` works in did not arrive."""
    return _count(_own(who), _lost())


def lost_of_event(event_id: int) -> list[tuple[Booth, int]]:
    """The booths of an event whose letters do not arrive, with how many: for its hosts, who see nobody's name."""
    rows = db.session().execute(
        select(Booth, func.count())
        .join(Lead, Lead.booth_id == Booth.id)
        .where(Booth.event_id == event_id, _lost())
        .group_by(Booth.id)
        .order_by(Booth.position, Booth.id)
    )
    return [(booth, number) for booth, number in rows]


def kept_of_event(event_id: int) -> int:
    """How many applicants' details are kept at the booths of an event."""
    return _count(Lead.event_id == event_id, Lead.erased_at.is_(None))


def under_way(booth_id: int) -> bool:
    """Whether a letter of that booth is still on its way, so that the next one has to wait for its turn."""
    return db.session().execute(_UNDER_WAY, {"booth_id": booth_id}).first() is not None


def earlier_waiting(lead: Lead) -> bool:
    """Whether an earlier lead of the same booth is still on its way."""
    return _count(Lead.booth_id == lead.booth_id, Lead.id < lead.id, *_on_its_way()) > 0


def next_parked(booth_id: int) -> Lead | None:
    """The first lead of a booth whose letter waits for its turn, when the turn has come."""
    first = db.session().scalar(
        select(Lead).where(Lead.booth_id == booth_id, *_on_its_way()).order_by(Lead.id).limit(1)
    )
    return first if first is not None and first.parked else None


def employer_address(booth: Booth) -> tuple[str, str] | None:
    """(address, language) the booth's leads go to: its own contact, else its company's spokesperson."""
    if booth.contact_email:
        people = accounts.people_of(booth.organisation_id, role=Role.COMPANY)
        known = next((person for person in people if person.email == booth.contact_email), None)
        return booth.contact_email, known.language if known else "fi"
    first = accounts.spokesperson(booth.organisation_id)
    return (first.email, first.language) if first else None


def employer_also(booth: Booth, address: str) -> list[str]:
    """The company's further addresses."""
    return [more for more in intake.of_booth(booth.id).also if more != address]


def employer(booth: Booth) -> Organisation:
    """The company that answers for the details left at the booth."""
    return accounts.organisation(booth.organisation_id)


def oldest_undelivered() -> timedelta:
    """How long the longest-waiting lead has been on its way; zero when none is."""
    since = db.session().scalar(select(func.min(Lead.created_at)).where(*_on_its_way()))
    return timedelta(0) if since is None else clock.now() - since


def _stand(statement: Any, values: dict[str, Any]) -> Stand:
    row = db.session().execute(statement, values).one_or_none()
    if row is None:
        raise errors.NotFound
    return Stand(*row)


def _on_its_way() -> tuple[ColumnElement[bool], ...]:
    return Lead.delivery_state == states.Delivery.WAITING, Lead.erased_at.is_(None)


def _lost() -> ColumnElement[bool]:
    return Lead.delivery_state.in_([states.Delivery.BOUNCED, states.Delivery.GIVEN_UP]) & Lead.erased_at.is_(None)


def _own(who: Who) -> ColumnElement[bool]:
    # a company's grant may name one event only
    mine = [grant for grant in who.grants if Power.READ_LEADS in POWERS[grant.role] and grant.organisation_id]
    everywhere = {grant.organisation_id for grant in mine if grant.event_id is None}
    condition: ColumnElement[bool] = Booth.organisation_id.in_(everywhere)
    for grant in mine:
        if grant.event_id is not None:
            condition |= (Booth.organisation_id == grant.organisation_id) & (Booth.event_id == grant.event_id)
    return condition


def _count(*where: ColumnElement[bool]) -> int:
    return (
        db.session().scalar(select(func.count()).select_from(Lead).join(Booth, Booth.id == Lead.booth_id).where(*where))
        or 0
    )


def _one(where: ColumnElement[bool]) -> Whole:
    found = _whole(where, limit=1)
    if not found:
        raise errors.NotFound
    return found[0]


def _whole(*where: ColumnElement[bool], limit: int = 1) -> list[Whole]:
    """Leads newest first with what is around them; the number of queries doesn't grow with the number of leads."""
    rows = (
        db.session()
        .execute(
            select(Lead, Booth, Event, ProgrammeItem)
            .join(Booth, Booth.id == Lead.booth_id)
            .join(Event, Event.id == Lead.event_id)
            .outerjoin(ProgrammeItem, ProgrammeItem.id == Lead.programme_item_id)
            .where(*where)
            .order_by(Lead.created_at.desc(), Lead.id.desc())
            .limit(limit)
        )
        .all()
    )
    ids = [row[0].id for row in rows]
    named = _vacancies(ids)
    answers, papers, consents = (_beside(model, ids) for model in (LeadAnswer, LeadPaper, Consent))
    return [
        Whole(
            lead,
            booth,
            event,
            named.get(lead.id, []),
            answers.get(lead.id, []),
            next(iter(papers.get(lead.id, [])), None),
            consents.get(lead.id, []),
            item,
        )
        for lead, booth, event, item in rows
    ]


def _beside(model: Any, lead_ids: Collection[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    if lead_ids:
        order = getattr(model, "id", model.lead_id)
        for row in db.session().scalars(select(model).where(model.lead_id.in_(lead_ids)).order_by(order)):
            found.setdefault(row.lead_id, []).append(row)
    return found


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

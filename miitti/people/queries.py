"""Who works with an event, and how far each has come. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from miitti.accounts import queries as accounts
from miitti.accounts import states as accounts_states
from miitti.accounts.models import Grant, Organisation, Person
from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import clock, db, errors, ids
from miitti.foundation.access import POWERS, Power, Role, Who
from miitti.organisations import queries as organisations
from miitti.people.models import Invitation
from miitti.people.states import Standing


@dataclass(frozen=True, slots=True)
class Member:
    """One role of one person in an event."""

    grant: Grant
    person: Person
    organisation: Organisation | None
    invitation: Invitation | None
    standing: Standing

    @property
    def waits(self) -> bool:
        """Whether another letter could help."""
        return self.standing in (Standing.INVITED, Standing.EXPIRED)


@dataclass(frozen=True, slots=True)
class Part:
    """An organisation of an event: a co-host, or a company with its booth."""

    organisation: Organisation
    booth: Booth | None
    members: Sequence[Member]


def members(event: Event) -> list[Member]:
    """Everybody with a role in the event, companies' people too; hosts first, then by organisation and name."""
    companies = {booth.organisation_id for booth in booths.of_event(event.id)}
    of_event = sa.or_(
        Grant.event_id == event.id,
        sa.and_(Grant.event_id.is_(None), Grant.role == Role.ORGANISER),
        sa.and_(Grant.event_id.is_(None), Grant.role == Role.COMPANY, Grant.organisation_id.in_(companies)),
    )
    return _members(of_event)


def of_organisation(organisation_id: int) -> list[Member]:
    """A company's own people."""
    return _members(Grant.organisation_id == organisation_id, Grant.role == Role.COMPANY)


def come_of(organisation_id: int) -> list[Person]:
    """A company's own people who have signed in at least once."""
    return [one.person for one in of_organisation(organisation_id) if one.person.seen_at is not None]


def told_of(organisation_id: int) -> dict[str, str]:
    """Who hears (address -> language) that a host changed a company's people: those who have come, and its contact.

    While nobody has come there is nobody to tell: somebody has to ask the first person in.
    """
    come = come_of(organisation_id)
    if not come:
        return {}
    stalls = db.session().scalars(sa.select(Booth.contact_email).where(Booth.organisation_id == organisation_id))
    return {address: "fi" for address in stalls if address} | {person.email: person.language for person in come}


def _members(*where: sa.ColumnElement[bool]) -> list[Member]:
    rows = db.session().execute(
        sa.select(Grant, Person, Organisation)
        .join(Person, Person.id == Grant.person_id)
        .outerjoin(Organisation, Organisation.id == Grant.organisation_id)
        .where(*where)
    )
    found = [(row[0], row[1], row[2]) for row in rows]
    letters = _invitations({person.id for _grant, person, _organisation in found})
    order = {role: number for number, role in enumerate(Role)}
    made = []
    for grant, person, organisation in found:
        letter = letters.get((person.id, grant.role, grant.organisation_id))
        made.append(Member(grant, person, organisation, letter, standing(person, letter)))
    return sorted(
        made,
        key=lambda m: (
            order[m.grant.role],
            m.organisation.name_fi if m.organisation else "",
            m.person.name,
            m.grant.id,
        ),
    )


def _invitations(person_ids: set[int]) -> dict[tuple[int, Role, int | None], Invitation]:
    rows = db.session().scalars(
        sa.select(Invitation)
        .where(Invitation.person_id.in_(person_ids), Invitation.revoked_at.is_(None))
        .order_by(Invitation.id)
    )
    return {(row.person_id, row.role, row.organisation_id): row for row in rows}


def standing(person: Person, letter: Invitation | None) -> Standing:
    """How far somebody has come by herself; READY is the booth's word, not hers."""
    if person.seen_at is not None:
        return Standing.OPENED
    if letter is None or letter.sent_at + timedelta(minutes=accounts_states.INVITATION_MINUTES) <= clock.now():
        return Standing.EXPIRED
    return Standing.INVITED


def parts(event: Event) -> list[Part]:
    """The organisations of the event: co-hosts in their order, then companies in the order of the hall."""
    everybody = members(event)
    mine: dict[int, list[Member]] = {}
    for member in everybody:
        if member.grant.organisation_id is not None:
            mine.setdefault(member.grant.organisation_id, []).append(member)
    found = [
        Part(host, None, [m for m in mine.get(host.id, []) if m.grant.role is not Role.COMPANY])
        for host in events.cohosts(event.id)
    ]
    stalls = booths.of_event(event.id)
    companies = accounts.organisations(booth.organisation_id for booth in stalls)
    found += [
        Part(
            companies[booth.organisation_id],
            booth,
            [m for m in mine.get(booth.organisation_id, []) if m.grant.role is Role.COMPANY],
        )
        for booth in stalls
    ]
    return found


def member(event: Event, grant_id: int) -> Member:
    """One role in the event. Raises NotFound, also for a role of another event."""
    return _one(members(event), grant_id)


def colleague(organisation_id: int, grant_id: int) -> Member:
    """One role in the company. Raises NotFound for another company's."""
    return _one(of_organisation(organisation_id), grant_id)


def _one(found: list[Member], grant_id: int) -> Member:
    for one in found:
        if one.grant.id == grant_id:
            return one
    raise errors.NotFound


def invitation_of_token(token: str) -> Invitation | None:
    """The invitation a one-time address belongs to, or None."""
    return db.session().scalar(sa.select(Invitation).where(Invitation.token_hash == ids.digest(token)))


def waiting_of(who: Who) -> list[tuple[Event, int]]:
    """Hosted events that are not over, with how many invited people have not come yet, if any."""
    found = []
    for event in events.hosted_by(who):
        if event.ends_at > clock.now():
            number = len({m.person.id for m in members(event) if m.waits})
            if number:
                found.append((event, number))
    return found


@dataclass(frozen=True, slots=True)
class Team:
    """A company's own people in figures: how many there are, and how many of them have not come yet."""

    organisation: Organisation
    people: int
    waiting: int


def teams_of(who: Who) -> list[Team]:
    """The companies `who` works in whose people need a look: somebody has not come, or there is only one."""
    found = []
    for organisation in accounts.organisations(who.organisations(Role.COMPANY)).values():
        everybody = of_organisation(organisation.id)
        waiting = sum(1 for one in everybody if one.waits)
        if waiting or len(everybody) == 1:
            found.append(Team(organisation, len(everybody), waiting))
    return found


def answered_for(person_id: int, who: Who) -> bool:
    """Whether `who` answers to a person for something: one of her roles is in an event of theirs, or she has none."""
    grants = accounts.grants(person_id)
    return (not grants and who.can(Power.ANSWER_PRIVACY)) or any(_answers(who, grant) for grant in grants)


def answered_for_wholly(person_id: int, who: Who) -> bool:
    """Whether none of her roles lies outside the events `who` answers to people for."""
    return all(_answers(who, grant) for grant in accounts.grants(person_id))


def _answers(who: Who, grant: Grant) -> bool:
    if any(Power.ANSWER_PRIVACY in POWERS[own.role] and own.event_id is None for own in who.grants):
        return True
    if grant.event_id is not None:
        return who.can(Power.ANSWER_PRIVACY, event_id=grant.event_id)
    if grant.organisation_id is None:
        return False  # a role of the whole installation is the administrator's to answer for
    where = organisations.events_of(grant.organisation_id)
    return bool(where) and all(who.can(Power.ANSWER_PRIVACY, event_id=event_id) for event_id in where)

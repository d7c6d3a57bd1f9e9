"""The only place that changes who works with an event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from miitti.accounts import actions as accounts
from miitti.accounts import queries as accounts_queries
from miitti.accounts import states as accounts_states
from miitti.accounts.models import Grant, Organisation, Person
from miitti.booths import actions as booths
from miitti.booths.models import Booth
from miitti.events import actions as events
from miitti.events import queries as events_queries
from miitti.events.models import CoHost, Event
from miitti.foundation import clock, db, errors, ids, jobs
from miitti.foundation.access import Power, Role, Who
from miitti.organisations import queries as organisations
from miitti.people import queries, states
from miitti.people.models import Invitation


@dataclass(slots=True)
class Asked:
    """What became of a pasted list: how many were invited, and the lines that could not be used with the reason."""

    invited: int = 0
    wrong: list[tuple[str, Any]] = field(default_factory=list)


# -- inviting ------------------------------------------------------------------------------------------------


@db.writing
def invite_all(*, event_id: int, role: Role, organisation_id: int | None, text: str, language: str, who: Who) -> Asked:
    """Invite everybody of a pasted list in one transaction; a line that can't be used hinders no other.

    A company named in a line is found by its name among the event's, or taken in with a booth of its own.
    Raises NotFound when `who` may not give the role, Invalid when nothing or too much was pasted.
    """
    lines = states.read_list(text)
    if not lines:
        raise errors.Invalid(_l("Paste at least one e-mail address."), field="people")
    if len(lines) > states.MOST_AT_ONCE or len(text) > states.LIST_LENGTH:
        raise errors.Invalid(_l("The list is too long. Send it in parts of at most 200 lines."), field="people")
    event = db.row(Event, event_id)
    _may_give(who, role, event_id=event_id, organisation_id=organisation_id)
    asked = Asked()
    for line in lines:
        try:
            if line.email is None:
                raise errors.Invalid(_l("No e-mail address was found in this line."))
            where = organisation_id
            if role is Role.COMPANY and organisation_id is None:
                where = _company(event, line.company, who)
            invite(
                event_id=event_id,
                role=role,
                organisation_id=where if role in (Role.COMPANY, Role.COHOST) else None,
                email=line.email,
                name=line.name,
                language=language,
                who=who,
            )
        except (errors.Invalid, errors.Refused) as problem:
            fields = problem.fields if isinstance(problem, errors.Invalid) else {}
            said = [message for messages in fields.values() for message in messages] or [problem.message]
            asked.wrong.append((line.raw, said[0]))
        else:
            asked.invited += 1
    return asked


@db.writing
def invite(
    *,
    event_id: int | None,
    role: Role,
    organisation_id: int | None,
    email: str,
    name: str = "",
    language: str = "fi",
    who: Who,
) -> Invitation:
    """Give a person a role and ask her in by a letter. Doing it again sends another letter, a minute later at least.

    Raises NotFound when `who` may not give the role, Invalid naming the field, Refused for a host who would make
    herself one of a company that has people of its own.
    """
    _may_give(who, role, event_id=event_id, organisation_id=organisation_id)
    if role is Role.COMPANY and organisation_id is None:
        raise errors.Invalid(_l("Say which company the person works for."), field="organisation")
    if role is Role.COHOST and not _hosts(event_id, organisation_id):
        raise errors.Invalid(_l("Choose the co-hosting organisation the person works for."), field="organisation")
    person = accounts.invite(email=email, name=name, language=language, by=who.person)
    if role is Role.COMPANY and organisation_id is not None and who.acts_for(organisation_id):
        _from_outside(person.id, organisation_id, who)
    accounts.grant(
        person_id=person.id,
        role=role,
        # a company's person works for it in every event it is part of
        event_id=None if role is Role.COMPANY else event_id,
        organisation_id=organisation_id,
        by=who.person,
    )
    return _letter(person.id, role, event_id, organisation_id, who)


@db.writing
def resend(*, member: queries.Member, event_id: int | None, who: Who) -> bool:
    """Send a new letter with a new address; the old address opens nothing any more. False when one has just left."""
    _may_give(who, member.grant.role, event_id=event_id, organisation_id=member.grant.organisation_id)
    known = member.invitation
    if known is not None and known.sent_at + timedelta(seconds=states.RESEND_EVERY_S) > clock.now():
        return False
    _letter(member.person.id, member.grant.role, event_id, member.grant.organisation_id, who)
    return True


@db.writing
def resend_all(*, event_id: int, who: Who) -> int:
    """Write again to everybody of the event who has not come yet; gives how many letters leave."""
    waiting = [one for one in queries.members(db.row(Event, event_id)) if one.waits]
    allowed = [one for one in waiting if one.grant.role is not Role.ORGANISER or _appoints(who, event_id)]
    return sum(resend(member=one, event_id=event_id, who=who) for one in allowed)


def _from_outside(person_id: int, organisation_id: int, who: Who) -> None:
    """A host asks somebody into a company: its own people are told, for she will open its contacts."""
    if any(grant.organisation_id == organisation_id for grant in accounts_queries.grants(person_id)):
        return
    if person_id == who.person and queries.come_of(organisation_id):
        raise errors.Refused(_l("The company has people of its own. Only they can take you in among them."))
    _tell_company(organisation_id, person_id, "joined", who)


def _tell_company(organisation_id: int, person_id: int, what: str, who: Who) -> None:
    """Let the company's own people who have come, and whoever gets its contacts, know that a host changed them."""
    person = db.row(Person, person_id)
    for email, language in queries.told_of(organisation_id).items():
        jobs.enqueue(
            "send_company_news",
            key=f"send_company_news:{ids.new()}",
            args={
                "to": email,
                "language": language,
                "organisation": organisation_id,
                "person": person.name or person.email,
                "what": what,
                "by": who.person,
            },
        )


def _letter(person_id: int, role: Role, event_id: int | None, organisation_id: int | None, who: Who) -> Invitation:
    session = db.session()
    now = clock.now()
    known = session.scalar(
        sa.select(Invitation).where(
            Invitation.person_id == person_id,
            Invitation.role == role,
            Invitation.organisation_id.is_(organisation_id)
            if organisation_id is None
            else Invitation.organisation_id == organisation_id,
            Invitation.event_id.is_(event_id) if event_id is None else Invitation.event_id == event_id,
            Invitation.revoked_at.is_(None),
        )
    )
    if known is not None and known.sent_at + timedelta(seconds=states.RESEND_EVERY_S) > now:
        return known
    nonce = ids.secret()
    token = accounts.token_of_letter(nonce)
    if known is None:
        known = Invitation(
            person_id=person_id,
            role=role,
            event_id=event_id,
            organisation_id=organisation_id,
            created_at=now,
            letters=0,
        )
        session.add(known)
    else:
        accounts.unlink(token_hash=known.token_hash)
    known.invited_by, known.token_hash, known.sent_at = who.person, ids.digest(token), now
    known.letters += 1
    accounts.link(
        person_id=person_id,
        minutes=accounts_states.INVITATION_MINUTES,
        kind=accounts_states.LinkKind.INVITATION,
        token=token,
    )
    session.flush()
    jobs.enqueue("send_invitation", key=f"send_invitation:{nonce}", args={"invitation": known.id, "nonce": nonce})
    accounts.audit(
        by=who.person,
        verb="send_invitation",
        object_kind="person",
        object_id=person_id,
        event_id=event_id,
        after={"role": role.value, "organisation": organisation_id, "letters": known.letters},
    )
    return known


def _company(event: Event, name: str, who: Who) -> int:
    """The company a line names: one of the event's, or a new one with a booth."""
    if not name:
        raise errors.Invalid(_l("Which company? Choose it above or write its name after the address."))
    for part in queries.parts(event):
        if part.booth is not None and name.casefold() in (
            part.organisation.name_fi.casefold(),
            part.booth.name.casefold(),
        ):
            return part.organisation.id
    if len(name) > accounts_states.NAME_LENGTH:
        raise errors.Invalid(_l("The name is too long."))
    wanted = slug = states.slug_of(name)
    number = 1
    while accounts_queries.organisation_by_slug(slug) is not None:
        number += 1
        slug = f"{wanted}-{number}"
    company = accounts.organise(kind=accounts_states.OrganisationKind.COMPANY, slug=slug, name_fi=name, by=who.person)
    booths.open_booth(event_id=event.id, organisation_id=company.id, slug=slug)
    return company.id


def _may_give(who: Who, role: Role, *, event_id: int | None, organisation_id: int | None) -> None:
    own = role is Role.COMPANY and organisation_id is not None
    if own and who.can(Power.COMPANY_WORK, organisation_id=organisation_id):
        return
    if role not in states.GIVEN or event_id is None or not who.can(Power.INVITE, event_id=event_id):
        raise errors.NotFound
    if role is Role.ORGANISER and not _appoints(who, event_id):
        raise errors.NotFound
    if own and event_id not in organisations.events_of(organisation_id or 0):
        raise errors.NotFound


def _appoints(who: Who, event_id: int) -> bool:
    return who.can(Power.APPOINT_ORGANISERS, event_id=event_id)


def _hosts(event_id: int | None, organisation_id: int | None) -> bool:
    return event_id is not None and organisation_id in {host.id for host in events_queries.cohosts(event_id)}


@db.writing
def erase(*, person_id: int, who: Who) -> None:
    """Erase somebody who signs in. Raises Refused when she works with events that are not for `who` to answer for."""
    if not queries.answered_for_wholly(person_id, who):
        raise errors.Refused(
            _l("This person works with other events too. The administrator of the installation can erase everything.")
        )
    accounts.erase_person(person_id=person_id, by=who.person)


# -- changing and removing -----------------------------------------------------------------------------------


@db.writing
def remove(*, member: queries.Member, event_id: int | None, who: Who) -> None:
    """Take a role away, with the letters that offered it. Whose last role it was is signed out everywhere.

    Raises NotFound when `who` may not, Refused for the last organiser.
    """
    grant, person_id = member.grant, member.person.id
    _may_give(who, grant.role, event_id=event_id, organisation_id=grant.organisation_id)
    if grant.role is Role.ORGANISER:
        if event_id is None or grant.event_id is None:
            raise errors.Refused(_l("This organiser is of the whole installation, not of this event only."))
        others = [one for one in queries.members(db.row(Event, event_id)) if one.grant.role is Role.ORGANISER]
        if len(others) < 2:
            raise errors.Refused(_l("An event needs an organiser. Invite another one first."))
    _revoke_letters(person_id, grant.role, grant.organisation_id, event_id)
    if grant.role is Role.COMPANY and grant.organisation_id is not None and who.acts_for(grant.organisation_id):
        _tell_company(grant.organisation_id, person_id, "left", who)
    accounts.revoke(grant_id=grant.id, by=who.person)
    _let_go(person_id, who)


def _let_go(person_id: int, who: Who) -> None:
    """Whose last role has gone is signed out everywhere."""
    db.session().flush()
    if not accounts_queries.grants(person_id):
        accounts.sign_out_everywhere(person_id=person_id, by=who.person)


@db.writing
def change_role(*, member: queries.Member, event_id: int, role: Role, who: Who) -> None:
    """Give somebody of the event another role instead; for roles that belong to no organisation. Raises Invalid."""
    if role not in (Role.MODERATOR, Role.PRESENTER, Role.ORGANISER) or member.grant.role is Role.COMPANY:
        raise errors.Invalid(_l("Choose one of the roles offered."), field="role")
    _may_give(who, role, event_id=event_id, organisation_id=None)
    if role is member.grant.role:
        return
    accounts.grant(person_id=member.person.id, role=role, event_id=event_id, by=who.person)
    db.session().flush()
    remove(member=member, event_id=event_id, who=who)


def _revoke_letters(person_id: int, role: Role, organisation_id: int | None, event_id: int | None) -> None:
    rows = db.session().scalars(
        sa.select(Invitation).where(
            Invitation.person_id == person_id, Invitation.role == role, Invitation.revoked_at.is_(None)
        )
    )
    for row in rows:
        if row.organisation_id == organisation_id and (role is Role.COMPANY or row.event_id == event_id):
            row.revoked_at = clock.now()
            accounts.unlink(token_hash=row.token_hash)


@db.writing
def remove_organisation(*, event_id: int, organisation_id: int, who: Who) -> None:
    """Take a co-host or a company out of the event: booth, ads, videos, and its people's roles there.

    Raises NotFound when `who` may not, Refused when applicants have left their details at the booth.
    """
    who.must(Power.REMOVE_ORGANISATION, event_id=event_id)
    session = db.session()
    event = db.row(Event, event_id)
    organisation = db.row(Organisation, organisation_id)
    here = [part for part in queries.parts(event) if part.organisation.id == organisation_id]
    if not here:
        raise errors.NotFound
    for host in session.scalars(
        sa.select(CoHost).where(CoHost.event_id == event_id, CoHost.organisation_id == organisation_id)
    ):
        session.delete(host)
    for booth in session.scalars(
        sa.select(Booth).where(Booth.event_id == event_id, Booth.organisation_id == organisation_id)
    ).all():
        booths.close_booth(booth_id=booth.id)
    elsewhere = organisations.events_of(organisation_id) - {event_id}
    grants = sa.select(Grant).where(Grant.organisation_id == organisation_id)
    for grant in session.scalars(grants).all():
        if grant.event_id == event_id or (grant.event_id is None and not elsewhere):
            _revoke_letters(grant.person_id, grant.role, organisation_id, event_id)
            accounts.revoke(grant_id=grant.id, by=who.person)
            _let_go(grant.person_id, who)
    accounts.audit(
        by=who.person,
        verb="remove_organisation",
        object_kind="organisation",
        object_id=organisation_id,
        event_id=event_id,
        before={"name": organisation.name_fi},
    )


@db.writing
def empty(*, event_id: int, who: Who) -> None:
    """Take every organisation and every role out of an event that is to go; whoever asks stays signed in."""
    who.must(Power.CANCEL_OR_DELETE, event_id=event_id)
    for part in queries.parts(db.row(Event, event_id)):
        remove_organisation(event_id=event_id, organisation_id=part.organisation.id, who=who)
    for grant in db.session().scalars(sa.select(Grant).where(Grant.event_id == event_id)).all():
        accounts.revoke(grant_id=grant.id, by=who.person)
        if grant.person_id != who.person:
            _let_go(grant.person_id, who)


@db.writing
def add_host(*, event_id: int, kind: accounts_states.OrganisationKind, name_fi: str, who: Who) -> Organisation:
    """Set an organisation beside the other hosts: a known one of that name and kind, or a new one. Raises Invalid."""
    who.must(Power.APPOINT_ORGANISERS, event_id=event_id)
    name = accounts_states.clean_name(name_fi)
    found = next(
        (o for o in accounts_queries.organisations_of_kind(kind) if o.name_fi.casefold() == name.casefold()), None
    )
    if found is None:
        wanted = slug = states.slug_of(name)
        number = 1
        while accounts_queries.organisation_by_slug(slug) is not None:
            number += 1
            slug = f"{wanted}-{number}"
        found = accounts.organise(kind=kind, slug=slug, name_fi=name, by=who.person)
    events.add_cohost(event_id=event_id, organisation_id=found.id)
    accounts.note(
        verb="add_cohost", object_kind="organisation", object_id=found.id, event_id=event_id, after={"name": name}
    )
    return found

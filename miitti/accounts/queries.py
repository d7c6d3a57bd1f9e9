"""What the accounts room can be asked. Reads only."""

import datetime
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from miitti.accounts import states
from miitti.accounts.models import AuditEntry, Grant, Organisation, Person, Session, SignInLink
from miitti.foundation import clock, db, ids
from miitti.foundation.access import GrantView, Role


def organisation(organisation_id: int) -> Organisation:
    """One organisation; raises NotFound."""
    return db.row(Organisation, organisation_id)


def organisation_by_slug(slug: str) -> Organisation | None:
    """The organisation with this slug, or None."""
    return db.session().scalar(sa.select(Organisation).where(Organisation.slug == slug))


def organisations(organisation_ids: Iterable[int]) -> dict[int, Organisation]:
    """Several organisations by id, in one query; ids without a row are left out."""
    wanted = set(organisation_ids)
    if not wanted:
        return {}
    rows = db.session().scalars(sa.select(Organisation).where(Organisation.id.in_(wanted)))
    return {row.id: row for row in rows}


def organisations_of_kind(kind: states.OrganisationKind) -> Sequence[Organisation]:
    """All organisations of one kind, by Finnish name."""
    return (
        db.session()
        .scalars(
            sa.select(Organisation).where(Organisation.kind == kind).order_by(Organisation.name_fi, Organisation.id)
        )
        .all()
    )


def person(person_id: int) -> Person:
    """One person; raises NotFound."""
    return db.row(Person, person_id)


def person_by_email(email: str) -> Person | None:
    """The person with this address in any letter case, or None."""
    address = states.clean_email(email)
    if address is None:
        return None
    return db.session().scalar(sa.select(Person).where(Person.email == address))


def people(person_ids: Iterable[int]) -> dict[int, Person]:
    """Several people by id, in one query; ids without a row are left out."""
    wanted = set(person_ids)
    if not wanted:
        return {}
    rows = db.session().scalars(sa.select(Person).where(Person.id.in_(wanted)))
    return {row.id: row for row in rows}


def people_of(organisation_id: int, *, role: Role | None = None) -> Sequence[Person]:
    """People holding a role in an organisation (any role when None), by name."""
    grants = sa.select(Grant.person_id).where(Grant.organisation_id == organisation_id)
    if role is not None:
        grants = grants.where(Grant.role == role)
    return db.session().scalars(sa.select(Person).where(Person.id.in_(grants)).order_by(Person.name, Person.id)).all()


def spokesperson(organisation_id: int) -> Person | None:
    """Who a company is written to when it has named no address: of its people the first who was asked and has come.

    While none has come it is the first who was asked. So somebody asked in later never moves the letters.
    """
    return db.session().scalar(
        sa.select(Person)
        .join(Grant, Grant.person_id == Person.id)
        .where(Grant.organisation_id == organisation_id, Grant.role == Role.COMPANY)
        .order_by(Person.seen_at.is_(None), Grant.id)
        .limit(1)
    )


def grants(person_id: int) -> Sequence[Grant]:
    """All roles of one person, oldest first."""
    return db.session().scalars(sa.select(Grant).where(Grant.person_id == person_id).order_by(Grant.id)).all()


def grant_views(person_id: int) -> tuple[GrantView, ...]:
    """All roles of one person in the form the foundation judges by."""
    rows = db.session().execute(
        sa.select(Grant.role, Grant.event_id, Grant.organisation_id)
        .where(Grant.person_id == person_id)
        .order_by(Grant.id)
    )
    return tuple(GrantView(role=role, event_id=event, organisation_id=org) for role, event, org in rows)


def usable_link(token: str) -> SignInLink | None:
    """The link a token opens now, or None when it is used, out of date or never existed."""
    link = db.session().get(SignInLink, ids.digest(token))
    if link is None or link.used_at is not None or link.expires_at <= clock.now():
        return None
    return link


def open_doors() -> frozenset[str]:
    """The hashes of every token that opens something now: sessions, and one-time addresses not used up."""
    now = clock.now()
    sessions = sa.select(Session.token_hash).where(Session.expires_at > now)
    links = sa.select(SignInLink.token_hash).where(SignInLink.used_at.is_(None), SignInLink.expires_at > now)
    return frozenset(db.session().scalars(sessions.union_all(links)))


def session_person(token: str) -> tuple[int, Person] | None:
    """(session id, person) of a living session's raw token, or None."""
    row = (
        db.session()
        .execute(
            sa.select(Session.id, Person)
            .join(Person, Person.id == Session.person_id)
            .where(Session.token_hash == ids.digest(token), Session.expires_at > clock.now())
        )
        .one_or_none()
    )
    return None if row is None else (row[0], row[1])


def sessions(person_id: int) -> Sequence[Session]:
    """The browsers a person is signed in on now, newest first."""
    return (
        db.session()
        .scalars(
            sa.select(Session)
            .where(Session.person_id == person_id, Session.expires_at > clock.now())
            .order_by(Session.created_at.desc(), Session.id.desc())
        )
        .all()
    )


def audit(
    *,
    event_id: int | None = None,
    person_id: int | None = None,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    object_kind: str = "",
    object_id: str = "",
    on_behalf: bool = False,
    before_id: int | None = None,
    limit: int = 200,
) -> Sequence[AuditEntry]:
    """Newest entries first, narrowed by event, who did it, time (`until` not included), what it was done to, and
    doing for others.

    `before_id` goes on below an entry already shown.
    """
    wanted = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if event_id is not None:
        wanted = wanted.where(AuditEntry.event_id == event_id)
    if person_id is not None:
        wanted = wanted.where(AuditEntry.person_id == person_id)
    if since is not None:
        wanted = wanted.where(AuditEntry.at >= since)
    if until is not None:
        wanted = wanted.where(AuditEntry.at < until)
    if object_id:
        wanted = wanted.where(AuditEntry.object_id == object_id)
    if object_kind:
        wanted = wanted.where(AuditEntry.object_kind == object_kind)
    if on_behalf:
        wanted = wanted.where(AuditEntry.for_organisation_id.is_not(None))
    if before_id is not None:
        wanted = wanted.where(AuditEntry.id < before_id)
    return db.session().scalars(wanted).all()


def audit_people(event_id: int) -> Sequence[Person]:
    """Those who did something in an event, by name; for a filter."""
    did = sa.select(AuditEntry.person_id).where(AuditEntry.event_id == event_id).distinct()
    return db.session().scalars(sa.select(Person).where(Person.id.in_(did)).order_by(Person.name, Person.id)).all()


def organisation_names(organisation_ids: Iterable[int]) -> dict[int, str]:
    """Finnish names by id."""
    return {row.id: row.name_fi for row in organisations(organisation_ids).values()}


def audit_kinds(event_id: int) -> Sequence[str]:
    """What kinds of things something was done to in an event, for a filter."""
    kinds = sa.select(AuditEntry.object_kind).where(AuditEntry.event_id == event_id).distinct()
    return db.session().scalars(kinds.order_by(AuditEntry.object_kind)).all()

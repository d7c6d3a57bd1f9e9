"""The only place that changes rows of the accounts room."""

import datetime
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from miitti.accounts import news, states
from miitti.accounts.models import Attempt, AuditEntry, Grant, Organisation, Person, Session, SignInLink
from miitti.foundation import access, clock, db, errors, ids, jobs, journal, settings
from miitti.foundation.access import Role

STREAM = "people"
"""Journal stream of changed access; unsequenced, for the sockets of people who lost a right."""


@db.writing
def organise(
    *,
    kind: states.OrganisationKind | str,
    slug: str,
    name_fi: str,
    name_sv: str = "",
    name_en: str = "",
    business_id: str | None = None,
    municipality: str = "",
    valid_from: datetime.date | None = None,
    valid_to: datetime.date | None = None,
    by: int | None = None,
) -> Organisation:
    """Take in an organisation. Raises Invalid naming the field; Conflict when the slug is taken."""
    names = {"name_fi": name_fi, "name_sv": name_sv, "name_en": name_en}
    names = {field: states.clean_name(name) for field, name in names.items()}
    fields: dict[str, list[Any]] = {}
    if not names["name_fi"]:
        fields["name_fi"] = [_l("A name is needed.")]
    for field, name in names.items():
        if len(name) > states.NAME_LENGTH:
            fields[field] = [_l("The name is too long.")]
    if not states.is_slug(slug):
        fields["slug"] = [_l("Only small letters a–z, digits and hyphens can be used here.")]
    if business_id is not None and not states.is_business_id(business_id):
        fields["business_id"] = [_l("This is not a Business ID. It looks like 1234567-1.")]
    if valid_from and valid_to and valid_to < valid_from:
        fields["valid_to"] = [_l("The end can't be before the beginning.")]
    if fields:
        raise errors.Invalid(fields=fields)
    session = db.session()
    if session.scalar(sa.select(Organisation.id).where(Organisation.slug == slug)) is not None:
        raise errors.Conflict(_l("Another organisation has this address already."), field="slug")
    row = Organisation(
        kind=states.OrganisationKind(kind),
        slug=slug,
        business_id=business_id,
        municipality=states.clean_name(municipality)[:80],
        valid_from=valid_from,
        valid_to=valid_to,
        **names,
    )
    session.add(row)
    session.flush()
    audit(by=by, verb="organise", object_kind="organisation", object_id=row.id, after={"slug": slug})
    return row


@db.writing
def invite(*, email: str, name: str = "", language: str = "fi", by: int | None = None) -> Person:
    """Make a person known by an address; one who is known already is given back unchanged.

    Gives no right and sends nothing. Raises Invalid naming the field.
    """
    address = states.clean_email(email)
    called = states.clean_name(name)
    fields = _person_problems(called, language)
    if address is None:
        fields["email"] = [_l("This is not an e-mail address. It looks like name@example.fi.")]
    if fields or address is None:
        raise errors.Invalid(fields=fields)
    session = db.session()
    if (known := session.scalar(sa.select(Person).where(Person.email == address))) is not None:
        return known
    row = Person(email=address, name=called, language=language, created_at=clock.now())
    session.add(row)
    session.flush()
    audit(by=by, verb="invite", object_kind="person", object_id=row.id)
    return row


@db.writing
def grant(
    *,
    person_id: int,
    role: Role | str,
    event_id: int | None = None,
    organisation_id: int | None = None,
    by: int | None = None,
) -> Grant:
    """Give a person a role; giving it again changes nothing.

    Without an event the role holds in all of them. Raises NotFound for an unknown person or organisation,
    and Invalid for a role that can't be given this way.
    """
    role = Role(role)
    if role is Role.VISITOR:
        raise errors.Invalid(_l("Everybody is a visitor already."), field="role")
    if role is Role.COMPANY and organisation_id is None:
        raise errors.Invalid(_l("A company's person needs the company."), field="organisation_id")
    db.row(Person, person_id)
    if organisation_id is not None:
        db.row(Organisation, organisation_id)
    session = db.session()
    scope = f"{event_id or '*'}/{organisation_id or '*'}"
    known = session.scalar(
        sa.select(Grant).where(Grant.person_id == person_id, Grant.role == role, Grant.scope == scope)
    )
    if known is not None:
        return known
    row = Grant(
        person_id=person_id,
        role=role,
        event_id=event_id,
        organisation_id=organisation_id,
        scope=scope,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit(
        by=by,
        verb="grant",
        object_kind="person",
        object_id=person_id,
        event_id=event_id,
        after={"role": role.value, "event": event_id, "organisation": organisation_id},
    )
    return row


@db.writing
def revoke(*, grant_id: int, by: int | None = None) -> None:
    """Take a role away; taking it away again changes nothing. Open sockets hear of it by the journal."""
    session = db.session()
    row = session.get(Grant, grant_id)
    if row is None:
        return
    audit(
        by=by,
        verb="revoke",
        object_kind="person",
        object_id=row.person_id,
        event_id=row.event_id,
        before={"role": row.role.value, "event": row.event_id, "organisation": row.organisation_id},
    )
    _tell(row.person_id)
    session.delete(row)


@db.writing
def link(
    *,
    person_id: int,
    minutes: int = states.SIGN_IN_MINUTES,
    kind: states.LinkKind = states.LinkKind.SIGN_IN,
    token: str | None = None,
) -> str:
    """Make a one-time address for a person and give its raw token; only its hash is kept.

    A given `token` (a letter's, which must stay the same when the letter is tried again) has its time
    begin anew unless it was used. Raises NotFound for an unknown person.
    """
    db.row(Person, person_id)
    session = db.session()
    now = clock.now()
    raw = token or ids.secret()
    row = session.get(SignInLink, ids.digest(raw))
    if row is None:
        session.add(
            SignInLink(
                token_hash=ids.digest(raw),
                person_id=person_id,
                kind=kind,
                created_at=now,
                expires_at=now + timedelta(minutes=minutes),
            )
        )
    elif row.used_at is None:
        row.expires_at = now + timedelta(minutes=minutes)
    # Old links are worth nothing and would pile up; a month keeps what a support question may need.
    session.execute(sa.delete(SignInLink).where(SignInLink.expires_at < now - timedelta(days=30)))
    return raw


@db.writing
def unlink(*, token_hash: str) -> None:
    """Make a one-time address open nothing any more; one that was used stays as it was."""
    db.session().execute(sa.delete(SignInLink).where(SignInLink.token_hash == token_hash, SignInLink.used_at.is_(None)))


@db.writing
def sign_in(*, token: str, device: str = "") -> str | None:
    """Use up a one-time address and give the raw token of a new session.

    None when the address is used, out of date, or never existed: the caller can't tell which, and should
    not. Of several at once exactly one gets the session.
    """
    session = db.session()
    now = clock.now()
    # One UPDATE decides, so it holds whatever the isolation level: the second finds used_at set.
    used = session.execute(
        sa.update(SignInLink)
        .where(
            SignInLink.token_hash == ids.digest(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(SignInLink.person_id)
    ).scalar_one_or_none()
    if used is None:
        return None
    return open_session(person_id=used, device=device)


@db.writing
def open_session(*, person_id: int, device: str = "", how: str = "link") -> str:
    """Sign a person in on one more browser, once it is proven who she is; gives the session's raw token."""
    session = db.session()
    now = clock.now()
    raw = ids.secret()
    row = Session(
        token_hash=ids.digest(raw),
        person_id=person_id,
        device=states.clean_name(device)[:80],
        created_at=now,
        expires_at=now + timedelta(days=states.SESSION_DAYS),
    )
    session.add(row)
    session.execute(sa.delete(Session).where(Session.expires_at < now))
    db.row(Person, person_id).seen_at = now
    session.flush()
    audit(by=person_id, verb="sign_in", object_kind="session", object_id=row.id, after={"how": how})
    return raw


@db.writing
def sign_out(*, token: str) -> None:
    """End the session with this raw token; an unknown one changes nothing."""
    row = db.session().scalar(sa.select(Session).where(Session.token_hash == ids.digest(token)))
    if row is not None:
        _end(row)


@db.writing
def end_session(*, person_id: int, session_id: int) -> None:
    """End one of a person's sessions, from another of her browsers. Raises NotFound for somebody else's."""
    row = db.row(Session, session_id)
    if row.person_id != person_id:
        raise errors.NotFound
    _end(row)


def _end(row: Session) -> None:
    audit(by=row.person_id, verb="sign_out", object_kind="session", object_id=row.id)
    _tell(row.person_id, session_id=row.id)
    db.session().delete(row)


@db.writing
def keep_open(*, only: frozenset[str]) -> None:
    """After a restore: end every session and one-time address whose hash is not among those open before it."""
    for model in (Session, SignInLink):
        db.session().execute(sa.delete(model).where(model.token_hash.not_in(only)))


@db.writing
def introduce(*, person_id: int, name: str, language: str) -> None:
    """Write a person's own name and the language letters come in. Raises Invalid."""
    called = states.clean_name(name)
    fields = _person_problems(called, language)
    if fields:
        raise errors.Invalid(fields=fields)
    row = db.row(Person, person_id)
    row.name, row.language = called, language
    audit(by=person_id, verb="introduce", object_kind="person", object_id=person_id)


@db.writing
def erase_person(*, person_id: int, by: int | None) -> None:
    """Erase a person with roles, sessions and addresses. The audit keeps a number that names nobody any more."""
    person = db.row(Person, person_id)
    jobs.forget_about(person.email)
    employers = sa.select(Grant.organisation_id).where(Grant.person_id == person_id, Grant.organisation_id.is_not(None))
    called = frozenset({person.name, person.email} - {""})
    news.tell(news.Erased(person_id, called, frozenset(db.session().scalars(employers))))
    audit(by=by, verb="erase", object_kind="person", object_id=person_id)
    _tell(person_id)
    db.session().delete(person)


@db.writing
def sign_out_everywhere(*, person_id: int, by: int | None = None) -> int:
    """End all sessions of a person and all unused addresses; gives how many sessions ended."""
    session = db.session()
    ended = session.execute(sa.delete(Session).where(Session.person_id == person_id).returning(Session.id)).all()
    session.execute(sa.delete(SignInLink).where(SignInLink.person_id == person_id, SignInLink.used_at.is_(None)))
    audit(by=by or person_id, verb="sign_out_everywhere", object_kind="person", object_id=person_id)
    _tell(person_id)
    return len(ended)


@db.writing
def ask_for_link(*, email: str, network: str, target: str | None = None) -> None:
    """Take a request for a sign-in letter.

    Does the same work whether the address is known or not: the worker finds out, so neither the answer nor
    its time tells. Raises Invalid for what is no address, and TooMany past the limits.
    """
    address = states.clean_email(email)
    if address is None:
        raise errors.Invalid(_l("This is not an e-mail address. It looks like name@example.fi."), field="email")
    _count(f"address:{address}", states.ATTEMPTS_PER_ADDRESS)
    _count(f"network:{states.network_of(network)}", states.ATTEMPTS_PER_NETWORK)
    nonce = ids.secret()
    args = {"email": address, "nonce": nonce, "next": target}
    jobs.enqueue("send_sign_in", key=f"send_sign_in:{nonce}", args=args)


@db.writing
def audit(
    *,
    by: int | None,
    verb: str,
    object_kind: str,
    object_id: int | str,
    event_id: int | None = None,
    for_organisation_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note who did what to what, in the caller's transaction. Never give it personal data of applicants.

    `by` is a person, or None for the system; `for_organisation_id` is set when somebody acts on behalf.
    """
    db.session().add(
        AuditEntry(
            at=clock.now(),
            person_id=by,
            for_organisation_id=for_organisation_id,
            event_id=event_id,
            verb=verb,
            object_kind=object_kind,
            object_id=str(object_id),
            before=before,
            after=after,
        )
    )


def token_of_letter(nonce: str) -> str:
    """The token a letter carries, made from the request's nonce and the secret key.

    So the same letter tried twice carries the same address, and neither job nor link row holds what opens it.
    """
    key = settings.current().secret_key.encode()
    return hmac.new(key, b"sign-in-letter:" + nonce.encode(), hashlib.sha256).hexdigest()


def note(
    *,
    verb: str,
    object_kind: str,
    object_id: int | str,
    organisation_id: int | None = None,
    event_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """`audit` by whoever is asking now; doing a company's work without being of it is noted as acting for it."""
    who = access.me()
    audit(
        by=who.person,
        verb=verb,
        object_kind=object_kind,
        object_id=object_id,
        event_id=event_id,
        for_organisation_id=organisation_id if organisation_id is not None and who.acts_for(organisation_id) else None,
        before=before,
        after=after,
    )


def note_change(row: Any, *, verb: str, object_kind: str, organisation_id: int | None, event_id: int | None) -> None:
    """`note` what is about to change in a row, column by column, if anything is. Call it before a flush."""
    state = sa.inspect(row)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for column in state.mapper.column_attrs:
        change = state.attrs[column.key].history
        if change.has_changes() and change.deleted:
            before[column.key], after[column.key] = _plain(change.deleted[0]), _plain(change.added[0])
    if after:
        note(
            verb=verb,
            object_kind=object_kind,
            object_id=row.id,
            organisation_id=organisation_id,
            event_id=event_id,
            before=before,
            after=after,
        )


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _person_problems(name: str, language: str) -> dict[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    if len(name) > states.NAME_LENGTH:
        fields["name"] = [_l("The name is too long.")]
    if language not in states.LANGUAGES:
        fields["language"] = [_l("Choose one of the languages offered.")]
    return fields


def _count(what: str, most: int) -> None:
    """Count one more request, or raise TooMany with the seconds until the oldest leaves the window."""
    session = db.session()
    now = clock.now()
    window = timedelta(minutes=states.ATTEMPT_MINUTES)
    key = settings.current().secret_key.encode()
    counted = hmac.new(key, b"sign-in-attempt:" + what.encode(), hashlib.sha256).hexdigest()
    session.execute(sa.delete(Attempt).where(Attempt.at <= now - window))
    times = session.scalars(sa.select(Attempt.at).where(Attempt.counted == counted).order_by(Attempt.at)).all()
    if len(times) >= most:
        wait = (times[len(times) - most] + window - now).total_seconds()
        raise errors.TooMany(
            _l("Too many sign-in letters were asked for. Wait a while, then try again."),
            retry_after=max(1, round(wait)),
        )
    session.add(Attempt(counted=counted, at=now))


def _tell(person_id: int, *, session_id: int | None = None) -> None:
    """Let every web process know that a person's access changed (of one session, or altogether)."""
    journal.append(STREAM, "access_changed", {"person": person_id, "session": session_id}, sequenced=False)

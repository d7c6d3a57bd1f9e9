"""Who is asking, and what each handler declares about who may ask.

Every view and socket handler carries `allow(...)`; one without it is refused. What a role may do with a certain
row is decided where the row is looked up: foreign rows are not found.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, current_app, g, has_request_context, request, session

from miitti.foundation import callers, errors, ids

F = TypeVar("F", bound=Callable[..., Any])


class Role(StrEnum):
    """What a person may be. VISITOR is anybody, PERSON anybody signed in; the others are granted."""

    VISITOR = "visitor"
    PERSON = "person"
    ORGANISER = "organiser"
    COHOST = "cohost"
    MODERATOR = "moderator"
    PRESENTER = "presenter"
    COMPANY = "company"
    ADMIN = "admin"


class Power(StrEnum):
    """What can be done to an event or to a company of it."""

    RUN_EVENT = "run_event"
    """Texts, programme, doors, show, promotion, reports, readiness of the booths."""
    MODERATE = "moderate"
    """Move the questions of the stage."""
    PRESENT = "present"
    """See the stage's approved questions and one's own turn."""
    INVITE = "invite"
    """Invite, remove and change people who are not organisers."""
    ACT_FOR_COMPANY = "act_for_company"
    """Write a company's booth, ads and videos for it; audited. Never its leads, CVs or notes."""
    COMPANY_WORK = "company_work"
    """Write the own booth, ads and videos; answer its questions; invite colleagues."""
    READ_LEADS = "read_leads"
    """Open what applicants left to the own company."""
    ADVISE = "advise"
    """Open the names and contacts of those who chose to be helped by the own employment area."""
    APPOINT_ORGANISERS = "appoint_organisers"
    """Make and unmake organisers."""
    REMOVE_ORGANISATION = "remove_organisation"
    """Take a co-host or a company out of the event."""
    ROTATE_KEYS = "rotate_keys"
    """Give the stage a new key."""
    CANCEL_OR_DELETE = "cancel_or_delete"
    """Cancel or delete an event."""
    READ_AUDIT = "read_audit"
    """See who did what."""
    ANSWER_PRIVACY = "answer_privacy"
    """Find, export and erase what is kept of a person."""
    SEE_INSTALLATION = "see_installation"
    """Failed work, metrics, health."""


_RUNNING = frozenset({Power.RUN_EVENT, Power.MODERATE, Power.PRESENT, Power.INVITE, Power.ACT_FOR_COMPANY})

POWERS: Mapping[Role, frozenset[Power]] = {
    Role.VISITOR: frozenset(),
    Role.PERSON: frozenset(),
    Role.PRESENTER: frozenset({Power.PRESENT}),
    Role.MODERATOR: frozenset({Power.PRESENT, Power.MODERATE}),
    Role.COMPANY: frozenset({Power.COMPANY_WORK, Power.READ_LEADS}),
    Role.COHOST: _RUNNING | {Power.ADVISE},
    Role.ORGANISER: _RUNNING
    | {
        Power.APPOINT_ORGANISERS,
        Power.REMOVE_ORGANISATION,
        Power.ROTATE_KEYS,
        Power.CANCEL_OR_DELETE,
        Power.READ_AUDIT,
        Power.ANSWER_PRIVACY,
        Power.SEE_INSTALLATION,
    },
    Role.ADMIN: frozenset({Power.SEE_INSTALLATION, Power.ANSWER_PRIVACY}),
}
"""What each role may do, within the event and organisation its grant names. docs/operating.md shows it as a table."""


def holders(*powers: Power) -> tuple[Role, ...]:
    """The roles that have one of these powers; what a handler declares is made of them."""
    return tuple(role for role in Role if POWERS[role] & set(powers))


HOSTS = holders(Power.RUN_EVENT)
"""Who runs an event; "host" in the protocol of the live Q&A."""

EDITORS = holders(Power.COMPANY_WORK, Power.ACT_FOR_COMPANY)
"""Who may work on some booth, its ads and videos: its company, and hosts on its behalf."""


@dataclass(frozen=True, slots=True)
class GrantView:
    """One granted role; None stands for every event or organisation the role can have."""

    role: Role
    event_id: int | None = None
    organisation_id: int | None = None

    def covers(self, event_id: int | None, organisation_id: int | None) -> bool:
        """Whether this grant reaches that event and that organisation."""
        return (event_id is None or self.event_id in (None, event_id)) and (
            organisation_id is None or self.organisation_id in (None, organisation_id)
        )


@dataclass(frozen=True, slots=True)
class Who:
    """The one who is asking. `visitor` is None where we can't know the browser: a socket without our cookie."""

    visitor: str | None
    person: int | None = None
    name: str = ""
    language: str | None = None
    grants: tuple[GrantView, ...] = field(default=())

    def may(self, *roles: Role, event_id: int | None = None, organisation_id: int | None = None) -> bool:
        """Whether one of the roles is held, for that event and that organisation where they are given.

        A company's role counts for its organisation in every event unless the grant names one.
        """
        if Role.VISITOR in roles or (Role.PERSON in roles and self.person is not None):
            return True
        return any(grant.role in roles and grant.covers(event_id, organisation_id) for grant in self.grants)

    def can(self, power: Power, *, event_id: int | None = None, organisation_id: int | None = None) -> bool:
        """Whether a held role gives that power, for that event and that organisation where they are given."""
        return any(power in POWERS[grant.role] and grant.covers(event_id, organisation_id) for grant in self.grants)

    def must(self, power: Power, *, event_id: int | None = None, organisation_id: int | None = None) -> None:
        """Raise NotFound unless `can`: who may not do a thing is not told that it is there."""
        if not self.can(power, event_id=event_id, organisation_id=organisation_id):
            raise errors.NotFound

    def acts_for(self, organisation_id: int) -> bool:
        """Whether what is done to that organisation's things is done on its behalf, by somebody signed in."""
        return self.person is not None and organisation_id not in self.organisations(Role.COMPANY)

    def organisations(self, role: Role = Role.COMPANY) -> set[int]:
        """The organisations for which the role is held."""
        return {g.organisation_id for g in self.grants if g.role is role and g.organisation_id is not None}

    def events(self, *roles: Role) -> set[int]:
        """The events for which one of the roles is held by name."""
        return {g.event_id for g in self.grants if g.role in roles and g.event_id is not None}


@dataclass(frozen=True, slots=True)
class Identity:
    """What the accounts know of a signed-in session."""

    person: int
    name: str
    language: str | None
    grants: tuple[GrantView, ...]


Identify = Callable[[str | None], Identity | None]


def identify_with(app: Flask, fn: Identify) -> None:
    """Register how a session token becomes a person; the accounts do."""
    app.extensions["miitti_identify"] = fn


def allow(*roles: Role) -> Callable[[F], F]:
    """Declare who may call this handler."""
    if not roles:
        raise ValueError("name at least one role")

    def mark(fn: F) -> F:
        fn.__access__ = roles  # type: ignore[attr-defined]
        return fn

    return mark


def declared(fn: Callable[..., Any]) -> tuple[Role, ...] | None:
    """The roles a handler declares, or None when it forgot."""
    return getattr(fn, "__access__", None)


def me() -> Who:
    """The one who is asking, known once per request or socket event."""
    if "who" not in g:
        g.who = _recognise()
    who: Who = g.who
    return who


def forget_me() -> None:
    """Recognise anew: after signing in or out."""
    g.pop("who", None)


def enter(token: str) -> None:
    """Sign this browser in with a fresh session token. Nothing of its cookie stays but the visitor and the language.

    The CSRF value goes too: whoever planted a cookie before gains nothing by it.
    """
    _empty_cookie()
    session.setdefault("visitor", ids.new())
    session["token"] = token
    session.permanent = True
    forget_me()


def leave() -> None:
    """Forget in this browser who was signed in; ending the session itself is the accounts' business."""
    _empty_cookie()
    forget_me()


def _empty_cookie() -> None:
    kept = {name: session[name] for name in ("visitor", "lang") if name in session}
    session.clear()
    session.update(kept)


def _recognise() -> Who:
    caller = callers.now()
    if caller is not None:
        visitor, token = caller.kept.get("visitor"), caller.kept.get("token")
    elif not has_request_context():
        return Who(visitor=None)
    else:
        visitor, token = session.get("visitor"), session.get("token")
        if visitor is None:
            visitor = session["visitor"] = ids.new()
            session.permanent = True
    identify: Identify | None = current_app.extensions.get("miitti_identify")
    identity = identify(token) if identify and token else None
    if identity is None:
        return Who(visitor=visitor)
    return Who(visitor, identity.person, identity.name, identity.language, identity.grants)


def check(roles: Iterable[Role] | None) -> None:
    """Let the caller in or raise: Unauthenticated when nobody is signed in, NotFound for a wrong role."""
    if roles is None:
        raise errors.NotFound
    wanted = tuple(roles)
    if Role.VISITOR in wanted:
        return
    who = me()
    if who.person is None:
        raise errors.Unauthenticated
    if not who.may(*wanted):
        raise errors.NotFound


def plug(app: Flask) -> None:
    """Check every request against what its view declares."""
    allow(Role.VISITOR)(app.view_functions["static"])

    @app.before_request
    def _check() -> None:
        if request.endpoint is not None:
            check(declared(app.view_functions[request.endpoint]))

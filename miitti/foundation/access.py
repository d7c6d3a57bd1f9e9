"""Who is asking, and what each handler declares about who may ask.

Every view and socket handler carries `allow(...)`; one without it is refused. What a role may do with a certain
row is decided where the row is looked up: foreign rows are not found.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, current_app, g, has_request_context, request, session

from miitti.foundation import errors, ids

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


HOSTS = (Role.ORGANISER, Role.COHOST)
"""Who runs an event; "host" in the protocol of the live Q&A."""


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


def _recognise() -> Who:
    if not has_request_context():
        return Who(visitor=None)
    visitor = session.get("visitor")
    if visitor is None and not getattr(request, "sid", None):
        visitor = session["visitor"] = ids.new()
        session.permanent = True
    identify: Identify | None = current_app.extensions.get("miitti_identify")
    identity = identify(session.get("token")) if identify and session.get("token") else None
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

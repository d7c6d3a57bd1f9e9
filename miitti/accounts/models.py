"""Rows of the accounts room.

`event_id` columns here are plain numbers without a foreign key: events stand above this room in the house,
so this room cannot name their table. Whoever deletes an event takes its grants away first.
"""

import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from miitti.accounts import states
from miitti.foundation import db
from miitti.foundation.access import Role


class Organisation(db.Base):
    """A body that hosts events or has a booth; it may be part of several events."""

    __tablename__ = "organisation"

    id: Mapped[db.Id]
    kind: Mapped[states.OrganisationKind] = mapped_column(db.words(states.OrganisationKind))
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    name_fi: Mapped[str] = mapped_column(sa.String(states.NAME_LENGTH))
    name_sv: Mapped[str] = mapped_column(sa.String(states.NAME_LENGTH), default="")
    name_en: Mapped[str] = mapped_column(sa.String(states.NAME_LENGTH), default="")
    business_id: Mapped[str | None] = mapped_column(sa.String(9))
    municipality: Mapped[str] = mapped_column(sa.String(80), default="")
    valid_from: Mapped[datetime.date | None]
    valid_to: Mapped[datetime.date | None]
    contact_email: Mapped[str | None] = mapped_column(sa.String(states.EMAIL_LENGTH))
    contact_phone: Mapped[str | None] = mapped_column(sa.String(40))
    logo: Mapped[str | None] = mapped_column(sa.String(120))
    """Name of the re-encoded picture among the stored logos."""


class Person(db.Base):
    """Somebody who works with events. Visitors of an event are not persons and have no row here."""

    __tablename__ = "person"

    id: Mapped[db.Id]
    email: Mapped[str] = mapped_column(sa.String(states.EMAIL_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(sa.String(states.NAME_LENGTH), default="")
    language: Mapped[str] = mapped_column(sa.String(2), default="fi")
    created_at: Mapped[db.UtcTime]
    seen_at: Mapped[db.UtcTime | None]
    """When she last signed in; None while an invitation waits."""


class Grant(db.Base):
    """One role of one person. A missing event or organisation means all of them.

    `scope` repeats the two as text ("3/*"), because a unique constraint treats two missing values as
    different, on SQLite and on PostgreSQL before 15.
    """

    __tablename__ = "grant"
    __table_args__ = (sa.UniqueConstraint("person_id", "role", "scope"),)

    id: Mapped[db.Id]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(db.words(Role))
    event_id: Mapped[int | None] = mapped_column(index=True)
    organisation_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    scope: Mapped[str] = mapped_column(sa.String(48))
    created_at: Mapped[db.UtcTime]


class SignInLink(db.Base):
    """A one-time address. Only the SHA-256 of its token is kept, so a stolen database opens nothing."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[states.LinkKind] = mapped_column(db.words(states.LinkKind))
    created_at: Mapped[db.UtcTime]
    expires_at: Mapped[db.UtcTime] = mapped_column(index=True)
    used_at: Mapped[db.UtcTime | None]


class Session(db.Base):
    """One signed-in browser. The row going away signs it out, whatever its cookie says."""

    __tablename__ = "session"

    id: Mapped[db.Id]
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(sa.String(80), default="")
    created_at: Mapped[db.UtcTime]
    expires_at: Mapped[db.UtcTime] = mapped_column(index=True)


class Attempt(db.Base):
    """One request for a sign-in letter, counted per address and per network; both only as keyed hashes."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (sa.Index(None, "counted", "at"),)

    id: Mapped[db.Id]
    counted: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[db.UtcTime] = mapped_column(index=True)


class AuditEntry(db.Base):
    """Who did what to what. Written in the change's own transaction, never changed, never personal data
    of applicants. `person_id` has no foreign key: the entry stays when the person is erased.
    """

    __tablename__ = "audit_entry"

    id: Mapped[db.Id]
    at: Mapped[db.UtcTime] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(index=True)
    for_organisation_id: Mapped[int | None]
    event_id: Mapped[int | None] = mapped_column(index=True)
    verb: Mapped[str] = mapped_column(sa.String(60))
    object_kind: Mapped[str] = mapped_column(sa.String(40))
    object_id: Mapped[str] = mapped_column(sa.String(64))
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))

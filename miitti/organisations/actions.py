"""The only place that changes how an organisation is described."""

from __future__ import annotations

import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from miitti.accounts import actions as accounts
from miitti.accounts import states as accounts_states
from miitti.accounts.models import Organisation
from miitti.foundation import clock, db, errors, pictures, storage
from miitti.organisations import queries, states


@db.writing
def describe(
    *,
    organisation_id: int,
    names: dict[str, str],
    business_id: str | None,
    municipality: str,
    contact_email: str,
    contact_phone: str,
    valid_from: datetime.date | None,
    valid_to: datetime.date | None,
) -> None:
    """Write an organisation's names (`name_fi`, `name_sv`, `name_en`) and how it is reached. Raises Invalid."""
    row = db.row(Organisation, organisation_id)
    fields: dict[str, list[Any]] = {}
    clean = {key: accounts_states.clean_name(name) for key, name in names.items()}
    if not clean["name_fi"]:
        fields["name_fi"] = [_l("A name is needed.")]
    for key, name in clean.items():
        if len(name) > accounts_states.NAME_LENGTH:
            fields[key] = [_l("The name is too long.")]
    if business_id and not accounts_states.is_business_id(business_id):
        fields["business_id"] = [_l("This is not a Business ID. It looks like 1234567-1.")]
    address = accounts_states.clean_email(contact_email) if contact_email else None
    if contact_email and address is None:
        fields["contact_email"] = [_l("This is not an e-mail address. It looks like name@example.fi.")]
    if valid_from and valid_to and valid_to < valid_from:
        fields["valid_to"] = [_l("The end can't be before the beginning.")]
    if fields:
        raise errors.Invalid(fields=fields)
    known = accounts_states.municipality(municipality, clock.now().astimezone(clock.HELSINKI).date())
    for key, name in clean.items():
        setattr(row, key, name)
    row.business_id = business_id or None
    row.municipality = known.name_fi if known else accounts_states.clean_name(municipality)[:80]
    row.contact_email, row.contact_phone = address, accounts_states.clean_name(contact_phone)[:40] or None
    row.valid_from, row.valid_to = valid_from, valid_to
    _note_organisation(row)


def _note_organisation(row: Organisation) -> None:
    with db.session().no_autoflush:  # a flush would forget what stood before
        for event_id in _where(row.id):
            accounts.note_change(
                row, verb="describe", object_kind="organisation", organisation_id=row.id, event_id=event_id
            )


@db.writing
def forget_contact(*, organisation_id: int) -> None:
    """Erase how an organisation is reached, because its contact person asked."""
    row = db.row(Organisation, organisation_id)
    row.contact_email = row.contact_phone = None


def _where(organisation_id: int) -> list[int | None]:
    """The events whose hosts should read of it; None alone where there is none."""
    here: list[int | None] = [*sorted(queries.events_of(organisation_id))]
    return here or [None]


def set_logo(*, organisation_id: int, content: bytes | None) -> None:
    """Give an organisation a logo, or take it away with None. What is no picture raises Invalid and changes nothing."""
    name = None
    if content is not None:
        name = f"{storage.new_name()}.webp"
        _draw(content, name)
    _keep_logo(organisation_id=organisation_id, name=name)


def _draw(content: bytes, name: str) -> None:
    """Publish a logo as we keep it: a small WebP drawn anew in a process apart, so nothing else of the file stays."""
    if len(content) > states.LOGO_BYTES:
        raise errors.Invalid(_l("The picture is too large. Send one of at most 1.5 MB."), field="logo")
    sent, made = storage.place("logos", f"{name}.sent"), storage.place("logos", f"{name}.part")
    sent.parent.mkdir(parents=True, exist_ok=True)
    try:
        sent.write_bytes(content)
        pictures.remake_logo(sent, made, states.LOGO_SIDE, hidden=storage.private())
        storage.publish(made, "logos", name)
    except pictures.Unreadable as error:
        said = _l("This is not a picture we can use. Send a PNG, JPEG or WebP of at most 50 million pixels.")
        raise errors.Invalid(said, field="logo") from error
    finally:
        sent.unlink(missing_ok=True)
        made.unlink(missing_ok=True)


@db.writing
def _keep_logo(*, organisation_id: int, name: str | None) -> None:
    row = db.row(Organisation, organisation_id)
    old, row.logo = row.logo, name
    for event_id in _where(organisation_id):
        accounts.note(
            verb="set_logo",
            object_kind="organisation",
            object_id=organisation_id,
            organisation_id=organisation_id,
            event_id=event_id,
            before={"logo": old is not None},
            after={"logo": name is not None},
        )
    if old:
        db.after_commit(lambda: storage.remove_tree("logos", old))

"""Everything that changes a booth. Each action is one transaction."""

from __future__ import annotations

from typing import Final, Literal, get_args

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from miitti.accounts import actions as accounts
from miitti.accounts import states as accounts_states
from miitti.accounts.models import Organisation
from miitti.booths import news
from miitti.booths.models import Booth
from miitti.events.models import Event, overlong
from miitti.foundation import access, clock, db, errors

Text = Literal[
    "name",
    "sentence_fi",
    "sentence_sv",
    "sentence_en",
    "text_fi",
    "text_sv",
    "text_en",
    "municipality",
    "shift_fi",
    "shift_sv",
    "shift_en",
    "start_fi",
    "start_sv",
    "start_en",
    "people",
    "contact_email",
]
"""The columns of a booth that its company writes."""

TEXTS: Final = frozenset(get_args(Text))


@db.writing
def open_booth(*, event_id: int, organisation_id: int, slug: str, name: str = "", **texts: str) -> Booth:
    """Give an organisation a booth in an event, last in the hall.

    `name` defaults to the organisation's Finnish name; `texts` are columns of `Text`. Raises Invalid
    for a bad slug or text, Conflict for a slug that the event has already, Refused as `describe` does.
    """
    db.row(Event, event_id)
    organisation = db.row(Organisation, organisation_id)
    if not accounts_states.is_slug(slug):
        raise errors.Invalid(_l("Use small letters a to z, digits and hyphens."), field="slug")
    if db.session().scalar(select(Booth.id).where(Booth.event_id == event_id, Booth.slug == slug)) is not None:
        raise errors.Conflict(_l("Another booth of this event has this address already."), field="slug")
    last = db.session().scalar(select(func.max(Booth.position)).where(Booth.event_id == event_id))
    booth = Booth(
        event_id=event_id,
        organisation_id=organisation_id,
        slug=slug,
        name=name or organisation.name_fi,
        municipality=organisation.municipality,
        position=(last or 0) + 1,
        approved_at=None,
    )
    _write(booth, texts)
    db.session().add(booth)
    db.session().flush()
    accounts.note(
        verb="open_booth",
        object_kind="booth",
        object_id=booth.id,
        organisation_id=organisation_id,
        event_id=event_id,
        after={"slug": slug},
    )
    return booth


@db.writing
def describe(*, booth_id: int, **texts: str) -> None:
    """Write the given texts of a booth (columns of `Text`); the others stay.

    What a host has found good is looked at again when others have changed it. Raises Invalid, and Refused when
    somebody acting for the company would send its contacts elsewhere.
    """
    booth = db.row(Booth, booth_id)
    before = {name: getattr(booth, name) for name in texts}
    _write(booth, texts)
    if before != {name: getattr(booth, name) for name in texts} and not access.me().can(
        access.Power.RUN_EVENT, event_id=booth.event_id
    ):
        booth.approved_at = None
    accounts.note_change(
        booth,
        verb="describe",
        object_kind="booth",
        organisation_id=booth.organisation_id,
        event_id=booth.event_id,
    )


@db.writing
def approve(*, booth_id: int) -> None:
    """Note that a host has found the booth good as it stands. Twice changes nothing."""
    booth = db.row(Booth, booth_id)
    if booth.approved_at is None:
        booth.approved_at = clock.now()
        accounts.note(
            verb="approve_booth",
            object_kind="booth",
            object_id=booth.id,
            organisation_id=booth.organisation_id,
            event_id=booth.event_id,
        )


@db.writing
def forget_contact(*, booth_id: int) -> None:
    """Erase the address contacts go to, because its person asked; they go to the company's spokesperson then."""
    db.row(Booth, booth_id).contact_email = ""


@db.writing
def close_booth(*, booth_id: int) -> None:
    """Take a booth away with everything that hangs on it, its files too, for good.

    Raises Refused when applicants have left their details at it.
    """
    booth = db.row(Booth, booth_id)
    news.tell(news.Closed(booth_id=booth.id, event_id=booth.event_id))
    accounts.note(
        verb="close_booth",
        object_kind="booth",
        object_id=booth.id,
        organisation_id=booth.organisation_id,
        event_id=booth.event_id,
        before={"slug": booth.slug, "name": booth.name},
    )
    db.session().flush()
    try:
        with db.session().begin_nested():
            db.session().delete(booth)
    except IntegrityError:
        raise errors.Refused(
            _l("Contacts have come to this booth already, so it stays: nobody is left without an answer.")
        ) from None


def _write(booth: Booth, texts: dict[str, str]) -> None:
    strange = texts.keys() - TEXTS
    if strange:
        raise TypeError(f"a booth has no text called {', '.join(sorted(strange))}")
    if "name" in texts and not texts["name"].strip():
        raise errors.Invalid(_l("Give the booth a name."), field="name")
    address = texts.get("contact_email", "")
    if address != (booth.contact_email or "") and "contact_email" in texts:
        _own_word(booth)
    if address:
        clean = accounts_states.clean_email(address)
        if clean is None:
            raise errors.Invalid(_l("This does not look like an e-mail address."), field="contact_email")
        texts = {**texts, "contact_email": clean}
    for column, value in texts.items():
        setattr(booth, column, value)
    long = overlong(booth)
    if long:
        raise errors.TooLong(fields={name: [errors.TooLong.default] for name in long})


def _own_word(booth: Booth) -> None:
    """Where applicants' details go is the company's own word: who sets the address opens what is sent to it."""
    if access.me().acts_for(booth.organisation_id):
        raise errors.Refused(
            _l("Only the company's own people say where its contacts go. Invite them: the contacts go to them.")
        )

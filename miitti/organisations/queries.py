"""Finding organisations for those who may work on them. Only reads."""

from __future__ import annotations

import sqlalchemy as sa

from miitti.accounts import queries as accounts
from miitti.accounts.models import Organisation
from miitti.accounts.states import phone_digits
from miitti.booths.models import Booth
from miitti.events.models import CoHost
from miitti.foundation import db, errors
from miitti.foundation.access import Power, Who


def events_of(organisation_id: int) -> set[int]:
    """The events an organisation is part of."""
    session = db.session()
    hosting = session.scalars(sa.select(CoHost.event_id).where(CoHost.organisation_id == organisation_id))
    showing = session.scalars(sa.select(Booth.event_id).where(Booth.organisation_id == organisation_id))
    return {*hosting, *showing}


def editable(slug: str, who: Who) -> Organisation:
    """The organisation when `who` is of it or hosts an event it is part of. Raises NotFound."""
    found = accounts.organisation_by_slug(slug)
    if found is None:
        raise errors.NotFound
    own = who.can(Power.COMPANY_WORK, organisation_id=found.id)
    if not own and not any(who.can(Power.ACT_FOR_COMPANY, event_id=event_id) for event_id in events_of(found.id)):
        raise errors.NotFound
    return found


def reached_at(address: str, who: Who) -> list[Organisation]:
    """The organisations with that contact address or number, in the events `who` answers to people for."""
    digits = phone_digits(address)
    if digits:
        numbered = db.session().scalars(sa.select(Organisation).where(Organisation.contact_phone.is_not(None)))
        rows = [row for row in numbered if phone_digits(row.contact_phone or "") == digits]
    else:
        wanted = Organisation.contact_email == address.lower()
        rows = list(db.session().scalars(sa.select(Organisation).where(wanted)))
    return [row for row in rows if any(who.can(Power.ANSWER_PRIVACY, event_id=one) for one in events_of(row.id))]

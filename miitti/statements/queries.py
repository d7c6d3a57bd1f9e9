"""Who answers for an event, or for the installation. Only reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr

import sqlalchemy as sa

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import db, language, settings
from miitti.foundation.access import Power, Who
from miitti.statements.models import Feedback


@dataclass(frozen=True, slots=True)
class Answerer:
    """A body that answers for what is kept, and how it is reached; empty where it has not said."""

    name: str
    email: str
    phone: str


def answerers(event: Event | None) -> Sequence[Answerer]:
    """The hosts of an event; without hosts or without an event whoever runs the installation, if it is named."""
    hosts = events.cohosts(event.id) if event else ()
    found = [Answerer(language.pick(h, "name"), h.contact_email or "", h.contact_phone or "") for h in hosts]
    operator = settings.current().operator
    return found or ([Answerer(operator, contact(None), "")] if operator else [])


def contact(event: Event | None) -> str:
    """The e-mail address feedback goes to: a host's, else the installation's own."""
    hosts = [host.contact_email for host in events.cohosts(event.id) if host.contact_email] if event else []
    current = settings.current()
    return hosts[0] if hosts else current.contact or parseaddr(current.mail_from)[1]


def written_by(address: str, who: Who) -> list[Feedback]:
    """What somebody with that address wrote and has not left yet, in the events `who` answers to people for."""
    rows = db.session().scalars(sa.select(Feedback).where(Feedback.email == address.lower(), Feedback.email != ""))
    return [row for row in rows if who.can(Power.ANSWER_PRIVACY, event_id=row.event_id or 0)]

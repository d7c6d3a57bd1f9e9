"""What the letter to a company says whose booth is not ready."""

from __future__ import annotations

from miitti.accounts.models import Person
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import language, mail, settings


def unready(*, person: Person, booth: Booth, event: Event, lines: int, by: Person | None, key: str) -> mail.Letter:
    """The letter to one person of the company; answers go to the host who pressed the button."""
    subject, text, html = mail.render(
        "unready",
        language=person.language,
        booth=booth.name,
        event=event,
        lines=lines,
        pick=language.pick,
        moment=language.moment,
        link=f"{settings.current().base_url}/desk/booths/{event.slug}/{booth.slug}",
    )
    return mail.Letter(
        to=person.email,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("unready", key),
        reply_to=by.email if by else None,
        language=person.language,
    )

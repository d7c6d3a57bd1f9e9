"""What the letter of an invitation says."""

from __future__ import annotations

from miitti.accounts import mails as accounts
from miitti.accounts.models import Organisation, Person
from miitti.events.models import Event
from miitti.foundation import language as languages
from miitti.foundation import mail, settings
from miitti.foundation.access import Role


def invitation(
    *,
    person: Person,
    event: Event | None,
    organisation: Organisation | None,
    role: Role,
    inviter: Person | None,
    token: str,
    key: str,
) -> mail.Letter:
    """The letter that asks somebody in. `key` names this sending: done again it is the same letter."""
    subject, text, html = mail.render(
        "invitation",
        language=person.language,
        name=person.name,
        role=role.value,
        event=event,
        organisation=organisation,
        inviter=(inviter.name or inviter.email) if inviter else "",
        pick=languages.pick,
        link=accounts.sign_in_address(token),
    )
    return mail.Letter(
        to=person.email,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("invitation", key),
        reply_to=inviter.email if inviter else None,
        language=person.language,
    )


def company_news(
    *, to: str, language: str, organisation: Organisation, person: str, joined: bool, by: Person | None, key: str
) -> mail.Letter:
    """The letter that tells a company whom a host has added to its people, or taken from them."""
    subject, text, html = mail.render(
        "company_news",
        language=language,
        organisation=organisation,
        person=person,
        joined=joined,
        by=(by.name or by.email) if by else "Miitti",
        pick=languages.pick,
        link=f"{settings.current().base_url}/desk/organisations/{organisation.slug}/people",
    )
    return mail.Letter(
        to=to,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("company-news", key),
        reply_to=by.email if by else None,
        language=language,
    )

"""Words and pure rules of the handling room."""

import re
from enum import StrEnum
from typing import Any, Final

from flask_babel import lazy_gettext as _l

NOTE_LENGTH: Final = 2000
SUBJECT_LENGTH: Final = 120
TEXT_LENGTH: Final = 4000
MOST_AT_ONCE: Final = 200
"""Applicants one answer goes to at once."""

DIGEST_LINK_DAYS: Final = 7
DIGEST_HOUR: Final = 7
"""On Finland's clock."""


class Template(StrEnum):
    """Texts to begin an answer with."""

    THANKS = "thanks"
    INTERVIEW = "interview"
    NOT_NOW = "not_now"


SUBJECTS: Final[dict[Template, Any]] = {
    Template.THANKS: _l("Thank you for getting in touch"),
    Template.INTERVIEW: _l("Would you come and talk with us?"),
    Template.NOT_NOW: _l("About your application"),
}
TEXTS: Final[dict[Template, Any]] = {
    Template.THANKS: _l(
        "Hello {name},\n\nthank you for leaving your details. We have read them and call you within a few days.\n\n"
        "{company}"
    ),
    Template.INTERVIEW: _l(
        "Hello {name},\n\nwe would like to hear more about you. Answer this letter and tell when it suits you to talk, "
        "by phone or here with us.\n\n{company}"
    ),
    Template.NOT_NOW: _l(
        "Hello {name},\n\nthank you for your interest. This time we chose somebody else. You are welcome to leave your "
        "details again when you see a job that suits you.\n\n{company}"
    ),
}


def filled(text: str, *, name: str, company: str) -> str:
    """An answer's text with its places filled; without a name the greeting closes up."""
    text = text.replace("{company}", company)
    return text.replace("{name}", name) if name else re.sub(r" ?\{name\}", "", text)


def same_contact(phone: str, email: str) -> set[str]:
    """What two leads of one person have in common: the end of the phone number, the address."""
    digits = re.sub(r"\D", "", phone)
    return {mark for mark in (digits[-7:] if len(digits) >= 7 else "", email.lower()) if mark}

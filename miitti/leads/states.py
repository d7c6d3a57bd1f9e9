"""Words and pure rules of the leads room."""

import re
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class LeadState(StrEnum):
    """Where the talk between the two stands; the employer sets it, `WITHDRAWN` is the applicant's."""

    NEW = "new"
    CONTACTED = "contacted"
    INTERVIEW = "interview"
    HIRED = "hired"
    NOT_NOW = "not_now"
    WITHDRAWN = "withdrawn"


SETTABLE: Final = tuple(state for state in LeadState if state is not LeadState.WITHDRAWN)
"""States an employer may give a lead."""


class Delivery(StrEnum):
    """What became of the letter to the employer."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    """The employer's mail server refused it for good."""
    GIVEN_UP = "given_up"
    """Nobody took it for `GIVE_UP_AFTER`; the lead is still on the desk."""


class Source(StrEnum):
    """Where the form stood that the lead was left with."""

    BOOTH = "booth"
    JOB = "job"
    QUESTION = "question"
    STAGE = "stage"


NAME_LENGTH: Final = 120
EMAIL_LENGTH: Final = 254
PHONE_LENGTH: Final = 40
MESSAGE_LENGTH: Final = 4000
"""Longest message in characters: two pages, plenty for an introduction."""

CONSENT_TEXT: Final = "lead-2"
"""Version of the sentences beside the button; a changed meaning gets a new number."""

FORWARD: Final = "forward"
"""Purpose of the consent every lead has: the details go to the one employer named."""

KEEP: Final = "keep"
"""Purpose of a choice of one's own: the employer may keep the details for later jobs, for the time of the settings."""

ADVISER: Final = "adviser"
"""Purpose of a choice of one's own: an adviser of the employment area may get in touch."""

CHOICES: Final = (KEEP, ADVISER)

CV_LINK_DAYS: Final = 14
"""How long the link to a CV in a letter works."""

RETRY_S: Final = (5, 30, 120, 600)
"""Seconds to wait after the first failures of a delivery; afterwards `RETRY_THEN_S` each time."""

RETRY_THEN_S: Final = 1800
GIVE_UP_AFTER: Final = timedelta(hours=72)
"""A mail server may be down over a weekend (RFC 5321 4.5.4.1 asks for four to five days at most)."""

RECEIPTS_A_DAY: Final = 5
"""Receipt letters one address gets in a day, so that the form can't be used to pester a stranger."""

_PHONE: Final = re.compile(r"\+?[0-9()\[\]/.\-\s]+")


def wait_before_retry(attempt: int, age: timedelta) -> float | None:
    """Seconds to wait after failure number `attempt` (from 1) of a lead that old; None to give up."""
    wait = RETRY_S[attempt - 1] if attempt <= len(RETRY_S) else RETRY_THEN_S
    return None if age + timedelta(seconds=wait) > GIVE_UP_AFTER else wait


def kept_until(
    created: datetime, delivered: datetime | None, kept_since: datetime | None, *, days: int, months: int
) -> datetime:
    """Until when what an applicant typed stays here: `days` from its delivery, or `months` from the choice."""
    until = (delivered or created) + timedelta(days=days)
    return until if kept_since is None else max(until, kept_since + timedelta(days=round(months * 365 / 12)))


def clean_phone(text: str) -> str | None:
    """Give a telephone number as people write it, or None when it can't be one.

    Five to fifteen digits: short numbers of companies are left out, and ITU-T E.164 ends at fifteen.
    """
    number = " ".join(unicodedata.normalize("NFKC", text).split())
    if len(number) > PHONE_LENGTH or not _PHONE.fullmatch(number):
        return None
    digits = sum(sign.isascii() and sign.isdigit() for sign in number)
    return number if 5 <= digits <= 15 else None


def dialled(phone: str) -> str:
    """Give the number for a `tel:` address (RFC 3966): digits, with a plus in front if it had one."""
    digits = re.sub(r"[^0-9]", "", phone)
    return f"+{digits}" if phone.strip().startswith("+") else digits


def clean_message(text: str) -> str:
    """Give a message with its line breaks but no other control or direction-changing characters."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    # printable is what has none of the categories looked for; most lines are
    kept = (line if line.isprintable() else _harmless(line) for line in lines)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in kept)).strip()


def _harmless(line: str) -> str:
    return "".join(
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in line
        if unicodedata.category(sign) not in ("Cf", "Cs", "Co", "Cn") or sign == "\u200d"
    )

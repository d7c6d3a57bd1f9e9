"""Words and pure rules of the people room."""

from __future__ import annotations

import csv
import enum
import re
from dataclasses import dataclass

from miitti.accounts import states as accounts
from miitti.foundation.access import Role

MOST_AT_ONCE = 200
"""Lines one list of invitations may have."""

LIST_LENGTH = 40_000
"""Characters a pasted list may have: 200 lines of the longest likely address, name and company."""

RESEND_EVERY_S = 60
"""Seconds between two letters of one invitation."""

GIVEN = (Role.COMPANY, Role.COHOST, Role.PRESENTER, Role.MODERATOR, Role.ORGANISER)
"""Roles that can be given in an event, the most common first."""


class Standing(enum.StrEnum):
    """How far somebody has come."""

    INVITED = "invited"
    EXPIRED = "expired"
    OPENED = "opened"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a pasted list. `email` is None when no address was found in it."""

    raw: str
    email: str | None
    name: str = ""
    company: str = ""


_NAMED = re.compile(r"^\s*\"?([^<>\"]*?)\"?\s*<([^<>]+)>\s*$")


def read_list(text: str) -> list[Line]:
    """Read a pasted list or CSV: an address a line, then name and company in any order of columns.

    Columns are parted by semicolon, tab or comma; "Aino Virtanen <aino@example.fi>" is understood too, and a
    first line of headings is passed over. The first other column is the name, the second the company.
    """
    lines: list[Line] = []
    for number, raw in enumerate(text.splitlines()):
        if not raw.strip():
            continue
        named = _NAMED.match(raw)
        cells = [named[1], named[2]] if named else _cells(raw)
        found = [(cell, accounts.clean_email(cell)) for cell in cells]
        email = next((address for _cell, address in found if address), None)
        if email is None and number == 0 and not any("@" in cell for cell in cells) and len(cells) > 1:
            continue
        rest = [accounts.clean_name(cell) for cell, address in found if not address and cell.strip()]
        lines.append(Line(raw.strip(), email, *(rest[:2] if email else [])))
    return lines


def _cells(raw: str) -> list[str]:
    mark = next((mark for mark in (";", "\t", ",") if mark in raw), ",")
    try:
        return [cell.strip() for cell in next(csv.reader([raw], delimiter=mark))]
    except (csv.Error, StopIteration):
        return [raw]


def slug_of(name: str) -> str:
    """A slug for a name: small letters a-z, digits and hyphens; never empty."""
    plain = name.lower().translate(str.maketrans("äöåéüš", "aoaeus"))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "yritys"

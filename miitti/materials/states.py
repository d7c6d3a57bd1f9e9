"""Words and limits of a booth's materials."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit


class Kind(StrEnum):
    """What lies on the table."""

    PHOTO = "photo"
    PAPER = "paper"
    LINK = "link"


MOST: Final = 12
"""Things on one booth; more is a website, which a link leads to."""

FILE_BYTES: Final = 1_500_000
"""Largest file taken; below the limit of an ordinary request."""

_HOST = re.compile(r"[a-z0-9äöå-]+(\.[a-z0-9äöå-]+)+", re.IGNORECASE)


def web_address(text: str) -> str | None:
    """The address as it is kept, `https://` put before one written without; None for what leads to no website.

    Only http and https with a plain host: no scripts, no files, no names and passwords inside.
    """
    text = text.strip()
    full = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(full)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return None
    plain = parts.scheme in ("http", "https") and "@" not in parts.netloc and _HOST.fullmatch(host) is not None
    return full if plain and not re.search(r"[\s\\<>\"]", full) else None

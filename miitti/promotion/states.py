"""Pure rules of promotion: the sizes one may ask for, and the partners everybody has."""

from __future__ import annotations

import re
import unicodedata

from miitti.teasers.states import partner

SHARES = ("wide", "square", "story")
"""Share images: a link's picture, a post, a phone's story. `wide` is the one others fetch."""


def partner_word(name: str) -> str | None:
    """Make the word of a partner's link out of a name ("Sysmän kirjasto" -> "sysman-kirjasto"), or None."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return partner(re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].rstrip("-"))

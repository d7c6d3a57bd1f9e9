"""Words and pure rules of recordings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from miitti.foundation.probe import Picture
from miitti.foundation.renditions import Rung

CAPTIONED_WITHIN = timedelta(days=14)
"""How long a recording may be up without captions: the 14 days of the Act on the Provision of Digital Services."""
CAPTION_LANGUAGES = ("fi", "sv", "en")
MAX_CAPTIONS = 1_500_000
"""Bytes of the largest captions file: a working day of speech."""
SHORTEST = 2.0
"""Seconds that must remain when the ends are cut off."""

_LADDER = ((240, 108, 40), (720, 2200, 128))
"""Short edge, kbit/s of picture and of sound, of what is added to the show's own renditions."""
_MOMENT = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)|(\d{1,5})")


def moment(text: str) -> float | None:
    """Seconds of a moment written `1:05:03`, `65:03` or `3903`; None for an empty one. Raises ValueError."""
    text = text.strip()
    if not text:
        return None
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    if found[4] is not None:
        return float(found[4])
    return int(found[1] or 0) * 3600.0 + int(found[2]) * 60 + int(found[3])


def ended(timeline: dict[str, object]) -> datetime | None:
    """When a recording ended by the wall clock, from what `recorder.finish` says; None while it says nothing."""
    marks = timeline.get("marks")
    if not isinstance(marks, Sequence) or not marks:
        return None
    clock, place = marks[-1]
    return datetime.fromtimestamp(clock + float(str(timeline["seconds"])) - place, UTC)


def days_left(since: datetime | None, now: datetime) -> int | None:
    """Whole days left to caption a recording that ended `since`; negative when it is late."""
    return None if since is None else (since + CAPTIONED_WITHIN - now).days


def added(edges: Sequence[int]) -> list[int]:
    """The short edges added to a recording whose runs have these; nothing is made larger than its source."""
    top = max(edges, default=0)
    return [edge for edge, _, _ in _LADDER if edge * 1.2 < top]


def rung(picture: Picture, edge: int) -> Rung:
    """How a run with this picture is encoded for the rung of that short edge."""
    _, video, audio = next(step for step in _LADDER if step[0] == edge)
    short = min(picture.width, picture.height)
    scale = min(edge, short) / short
    width, height = (max(16, 2 * round(side * scale / 2)) for side in (picture.width, picture.height))
    frames = Fraction(15) if edge == 240 else Fraction(25)
    return Rung(f"{edge}p", width, height, frames, video, audio)

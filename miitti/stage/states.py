"""Words and pure rules of the show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Turn(StrEnum):
    """What a host tells the stage to do."""

    LIVE = "live"
    """Show what is sent; while nobody sends, the companies' videos."""
    PLAYLIST = "playlist"
    """Play the companies' videos one after another, until somebody begins to send."""
    SLATE = "slate"
    """Show a still picture whoever sends: the show is on, wait."""
    END = "end"
    """The show is over."""


class Air(StrEnum):
    """What is on the air just now."""

    NOTHING = ""
    LIVE = "live"
    PLAYLIST = "playlist"
    SLATE = "slate"


RETRY_S = 10
"""Seconds after which a player asks again for a stream that is not on yet."""
SILENT = timedelta(seconds=12)
"""A stage that has said nothing for so long is taken for dead; it says something every 3 s."""
QUIET_S = 2.0
"""Seconds a source may send nothing before the playlist takes over."""
KEY_LENGTH = 64
NOTICE_LENGTH = 200
"""Characters of what a host says to everybody: three lines on a phone."""


@dataclass(frozen=True)
class Item:
    """One video of the rundown."""

    video: str
    title: str
    seconds: float


def air(turn: Turn | None, *, sending: bool, newer: bool, films: bool) -> Air:
    """What belongs on the air while the doors are live.

    `sending` is whether somebody sends now, `newer` whether they began after the host's last word, `films` whether
    there is anything to play.
    """
    if turn is Turn.END:
        return Air.NOTHING
    if turn is Turn.SLATE:
        return Air.SLATE
    if sending and (newer or turn is not Turn.PLAYLIST):
        return Air.LIVE
    return Air.PLAYLIST if films else Air.SLATE


def playing(items: Sequence[Item], seconds: float) -> tuple[int, float]:
    """Which video a playlist is at `seconds` after its beginning, round and round, and where inside it."""
    whole = sum(item.seconds for item in items)
    if whole <= 0:
        raise ValueError("a playlist without length")
    left = seconds % whole
    for number, item in enumerate(items):
        if left < item.seconds:
            return number, left
        left -= item.seconds
    return 0, 0.0


def second(marks: Sequence[Sequence[float]], seconds: float, at: float) -> float | None:
    """The second of a recording at which the wall clock showed `at` (Unix time), or None when it lies outside.

    `marks` are the moments at which both part: [Unix time, second of the recording], in order.
    """
    found: float | None = None
    for number, (clock, place) in enumerate(marks):
        until = marks[number + 1][1] if number + 1 < len(marks) else seconds
        if at >= clock:
            found = min(place + at - clock, until)
        elif found is None and clock - at < 600:
            return place  # it began before the recording did
    return found if found is not None and found < seconds else None


class Trouble(StrEnum):
    """What is wrong with a source, the worst first."""

    QUIET = "quiet"
    BEHIND = "behind"
    KEYFRAMES = "keyframes"
    FRAMES = "frames"
    ENCODED = "encoded"
    SILENT = "silent"


def troubles(vitals: dict[str, float], *, copied: bool, sound: bool) -> list[Trouble]:
    """What a host should hear of a source's figures."""
    found = []
    if vitals["quiet_s"] >= QUIET_S:
        found.append(Trouble.QUIET)
    if vitals["behind_s"] >= 2:
        found.append(Trouble.BEHIND)
    if vitals["keyframe_s"] > 4.5:
        found.append(Trouble.KEYFRAMES)
    if 0 < vitals["fps"] < 12:
        found.append(Trouble.FRAMES)
    if not copied:
        found.append(Trouble.ENCODED)
    if not sound:
        found.append(Trouble.SILENT)
    return found

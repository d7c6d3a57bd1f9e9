"""Captions: reads WebVTT and SubRip, writes plain WebVTT.

Only cues with their times and words are kept. Style blocks, regions and notes are dropped: what one company uploads is
shown in every visitor's browser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(.*)")
_SETTING = re.compile(r"(?:line|position|align|size|vertical):[a-z0-9.,%-]{1,20}")
_TAG = re.compile(r"<(?!/?(?:i|b|u|v|ruby|rt)\b)[^>]*>")


class Unreadable(ValueError):
    """No captions; `line` is the number of the first line that can't be read, from 1."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}")


def clean(text: str) -> str:
    """WebVTT with the cues of a WebVTT or SubRip text. Raises `Unreadable`, also when there is no cue in it."""
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").split("\n")
    out = ["WEBVTT", ""]
    block: list[tuple[int, str]] = []
    cues = 0
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            block.append((number, line))
            continue
        if block:
            cue = _cue(block)
            block = []
            if cue:
                cues += 1
                out += [*cue, ""]
    if not cues:
        raise Unreadable(1)
    return "\n".join(out)


def _cue(block: list[tuple[int, str]]) -> list[str]:
    """The lines of one cue; none for a header, note, style or region."""
    _, first = block[0]
    if first.startswith(("WEBVTT", "NOTE", "STYLE", "REGION")):
        return []
    # An identifier, or SubRip's number, may stand above the times.
    at = 0 if "-->" in first else 1
    if at >= len(block) or not (timing := _TIMING.fullmatch(block[at][1])):
        raise Unreadable(block[min(at, len(block) - 1)][0])
    begin, end = _seconds(timing.groups()[:4]), _seconds(timing.groups()[4:8])
    if end <= begin:
        raise Unreadable(block[at][0])
    words = [_TAG.sub("", line).replace("-->", "→").strip() for _, line in block[at + 1 :]]
    settings = " ".join(_SETTING.findall(timing[9] or ""))
    return [f"{_clock(begin)} --> {_clock(end)} {settings}".rstrip(), *words] if any(words) else []


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction}")


def _clock(seconds: float) -> str:
    whole, milli = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{milli:03}"


@dataclass(frozen=True)
class Cue:
    """Words, and when they stand on the picture, in seconds."""

    begin: float
    end: float
    text: str


def cues(vtt: str) -> list[Cue]:
    """The cues of a text `clean` wrote, in its order."""
    found = []
    for block in vtt.split("\n\n"):
        lines = block.strip("\n").split("\n")
        if timing := _TIMING.fullmatch(lines[0]):
            groups = timing.groups()
            found.append(Cue(_seconds(groups[:4]), _seconds(groups[4:8]), "\n".join(lines[1:])))
    return found


def plain(text: str) -> str:
    """A cue's words without its tags, as one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())

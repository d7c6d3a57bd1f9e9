"""What is made of a finished recording without encoding it: its ends cut off, and its runs as files of their own.

A run is what one source sent without a break. Every run has its own initialisation segment and its own clock, so it
is read by itself.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from miitti.foundation import hls, recorder
from miitti.foundation.packager import HIGH

CUT = "cut.m3u8"
"""The playlists of a recording whose ends were cut off, beside the whole ones."""

_MAP = re.compile(r'#EXT-X-MAP:URI="([^"]+)"')
_LENGTH = re.compile(r"#EXTINF:([0-9.]+)")


@dataclass(frozen=True)
class Piece:
    """A segment of a recording with what has to stand before it in a playlist."""

    name: str
    seconds: float
    init: str
    fresh: bool
    """Whether it is the first of a run."""
    dated: str
    """Its EXT-X-PROGRAM-DATE-TIME line."""


def pieces(playlist: Path) -> list[Piece]:
    """The segments of a recording's playlist in order; none where there is no playlist."""
    found: list[Piece] = []
    init, dated, seconds, fresh = "", "", 0.0, True
    try:
        text = playlist.read_text("utf-8")
    except FileNotFoundError:
        return []
    for line in text.splitlines():
        if named := _MAP.match(line):
            init = named[1]
        elif line == "#EXT-X-DISCONTINUITY":
            fresh = True
        elif line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
            dated = line
        elif length := _LENGTH.match(line):
            seconds = float(length[1])
        elif line and not line.startswith("#"):
            found.append(Piece(line, seconds, init, fresh, dated))
            fresh = False
    return found


def cut(folder: Path, start: float, end: float | None) -> dict[str, object]:
    """Write playlists of what lies between `start` and `end` seconds; gives their timeline as `recorder.finish` does.

    Segments stay whole, so a second or two more than asked may remain. An empty dict when nothing would be left.
    """
    written: dict[str, str] = {}
    for index in sorted(folder.glob(f"*/{recorder.INDEX}")):
        kept = _between(pieces(index), start, end)
        if not kept:
            return {}
        written[index.parent.name] = text = playlist(kept)
        hls.write(index.with_name(CUT), text)
    if HIGH not in written:
        return {}
    master = (folder / recorder.MASTER).read_text("utf-8").replace(f"/{recorder.INDEX}", f"/{CUT}")
    hls.write(folder / CUT, master)
    return recorder.timeline(written[HIGH])


def _between(found: list[Piece], start: float, end: float | None) -> list[Piece]:
    kept = []
    at = 0.0
    for piece in found:
        middle = at + piece.seconds / 2
        if middle >= start and (end is None or middle < end):
            kept.append(piece)
        at += piece.seconds
    return kept


def playlist(found: list[Piece], *, above: str = "") -> str:
    """A finished playlist of pieces; `above` is put before their names."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{recorder.TARGET}"]
    lines += ["#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD"]
    init = None
    for place, piece in enumerate(found):
        if piece.fresh and place:
            lines.append("#EXT-X-DISCONTINUITY")
        if piece.init != init or piece.fresh:
            lines.append(f'#EXT-X-MAP:URI="{above}{piece.init}"')
            init = piece.init
        lines += [piece.dated] if piece.dated else []
        lines += [f"#EXTINF:{piece.seconds:.5f},", above + piece.name]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def runs(found: list[Piece]) -> list[list[Piece]]:
    """The pieces, run by run."""
    parted: list[list[Piece]] = []
    for piece in found:
        if piece.fresh or not parted:
            parted.append([])
        parted[-1].append(piece)
    return parted


def join(home: Path, run: list[Piece], target: Path) -> Path:
    """Write a run of the rendition in `home` as one fragmented MP4 file."""
    with target.open("wb") as out:
        for name in (run[0].init, *(piece.name for piece in run)):
            with (home / name).open("rb") as part:
                shutil.copyfileobj(part, out)
    return target


def alike(home: Path, parted: list[list[Piece]]) -> bool:
    """Whether all runs were made by the same coder with the same settings, so that they may stand in one file."""
    return len({(home / run[0].init).read_bytes() for run in parted}) == 1

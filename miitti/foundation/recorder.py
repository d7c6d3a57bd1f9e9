"""Keeps the segments of a channel on disk, so that the recording is there the moment the show ends.

A rendition's folder holds its segments and an EVENT playlist that grows by a line at a time; a killed process leaves
at most one line torn, which the next one cuts off before it goes on after a DISCONTINUITY.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
from datetime import datetime
from pathlib import Path

from miitti.foundation import hls
from miitti.foundation.packager import HIGH, Rendition, Segment, stamp

log = logging.getLogger(__name__)

MASTER = "main.m3u8"
INDEX = "index.m3u8"
TARGET = 12
"""EXT-X-TARGETDURATION of a recording: the packager closes a segment by then at the latest."""
LEAST_FREE = 300 * 1024 * 1024
"""Bytes of the disk that a recording leaves to everybody else; then the show goes on without it."""
LOOK_EVERY = 20

_END = "#EXT-X-ENDLIST\n"
_LINE = re.compile(r"#EXTINF:([0-9.]+)|#EXT-X-PROGRAM-DATE-TIME:(\S+)")


class Recorder:
    """Writes one recording into `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stopped = ""
        """Why nothing is written any more, or "": "full", "error"."""
        self.count = 0
        self._inits: dict[str, int | None] = {}

    def keep(self, rendition: Rendition, segment: Segment) -> None:
        """Write a closed segment. Never raises."""
        if self.stopped or segment.seconds <= 0:
            return
        try:
            if self.count % LOOK_EVERY == 0 and shutil.disk_usage(_there(self.folder)).free < LEAST_FREE:
                self.stopped = "full"
                return
            self._write(rendition, segment)
            self.count += 1
        except OSError as error:
            log.warning("recording stopped: %s", error)
            self.stopped = "full" if error.errno in (28, 122) else "error"

    def _write(self, rendition: Rendition, segment: Segment) -> None:
        home = self.folder / rendition.name
        index = home / INDEX
        lines = []
        if rendition.name not in self._inits:
            home.mkdir(parents=True, exist_ok=True)
            self._inits[rendition.name] = None
            if not _mended(index):
                lines += ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{TARGET}"]
                lines += ["#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:EVENT"]
            else:
                lines.append("#EXT-X-DISCONTINUITY")
        elif segment.fresh:
            lines.append("#EXT-X-DISCONTINUITY")
        if self._inits[rendition.name] != segment.init:
            name = f"init{segment.init}.mp4"
            (home / name).write_bytes(rendition.inits[segment.init].data)
            lines.append(f'#EXT-X-MAP:URI="{name}"')
            self._inits[rendition.name] = segment.init
        (home / f"s{segment.number}.m4s").write_bytes(segment.data)
        lines += [f"#EXT-X-PROGRAM-DATE-TIME:{stamp(segment.began)}", f"#EXTINF:{segment.seconds:.5f},"]
        lines.append(f"s{segment.number}.m4s")
        with index.open("a", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(lines) + "\n")

    def master(self, text: str) -> None:
        """Write the master playlist. Never raises."""
        with contextlib.suppress(OSError):
            if self.folder.is_dir():
                hls.write(self.folder / MASTER, text)


def finish(folder: Path) -> dict[str, object]:
    """End every playlist of a recording; gives `{"seconds", "marks": [[unix time, second of the recording]...]}`.

    A mark stands where the wall clock and the recording part: at the beginning and after every gap. An empty dict when
    there is nothing to see.
    """
    found: dict[str, object] = {}
    for index in sorted(folder.glob(f"*/{INDEX}")):
        if not _mended(index):
            continue
        with index.open("a", encoding="utf-8", newline="\n") as file:
            file.write(_END)
            file.flush()
            os.fsync(file.fileno())
        if index.parent.name == HIGH:
            found = timeline(index.read_text("utf-8"))
    return found if (folder / MASTER).is_file() else {}


def timeline(text: str) -> dict[str, object]:
    """Length and marks of a recording's playlist, as `finish` gives them."""
    seconds = 0.0
    marks: list[list[float]] = []
    for match in _LINE.finditer(text):
        if match[1]:
            seconds += float(match[1])
            continue
        at = datetime.fromisoformat(match[2]).timestamp()
        if not marks or abs(at - marks[-1][0] - (seconds - marks[-1][1])) > 1.5:
            marks.append([round(at, 3), round(seconds, 3)])
    return {"seconds": round(seconds, 1), "marks": marks}


def _mended(index: Path) -> bool:
    """Cut a torn last entry and an end off a playlist; whether there is one with anything in it."""
    try:
        text = index.read_text("utf-8")
    except FileNotFoundError:
        return False
    whole = text[: text.rfind("\n") + 1].removesuffix(_END)
    lines = whole.splitlines()
    while lines and lines[-1].startswith("#"):
        lines.pop()
    mended = "\n".join(lines) + "\n" if lines else ""
    if mended != text:
        hls.write(index, mended)
    return bool(mended)


def _there(folder: Path) -> Path:
    """The nearest folder above that exists."""
    while not folder.exists():
        folder = folder.parent
    return folder

"""HLS playlists: reading what FFmpeg wrote, measuring it, and writing the master playlist it writes too thinly."""

from __future__ import annotations

import math
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

_EXTINF = re.compile(r"#EXTINF:([0-9.]+)")
_GIVEN = re.compile(r'([A-Z-]+)=(?:"([^"]*)"|([^",]+))')
_TARGET = re.compile(r"#EXT-X-TARGETDURATION:(\d+)")
_MAP = re.compile(r'#EXT-X-MAP:URI="([^"]+)"')


@dataclass(frozen=True)
class Segment:
    """One piece of a rendition."""

    name: str
    seconds: float
    size: int


@dataclass(frozen=True)
class Rendition:
    """A media playlist and the files it names."""

    segments: tuple[Segment, ...]
    init: str
    #: Whether the playlist says that nothing follows.
    ended: bool
    #: Seconds no segment lasts longer than, rounded; 0 when the playlist does not say.
    target: int = 0

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return sum(segment.seconds for segment in self.segments)

    @property
    def peak(self) -> int:
        """Bits a second of the heaviest segments in a row that last 0.5 to 1.5 targets together (RFC 8216, 4.1)."""
        found = [0]
        for first in range(len(self.segments)):
            size, seconds = 0, 0.0
            for segment in self.segments[first:]:
                size, seconds = size + segment.size, seconds + segment.seconds
                if seconds > self.target * 1.5:
                    break
                if seconds >= self.target / 2:
                    found.append(math.ceil(size * 8 / seconds))
        return max(found)

    @property
    def average(self) -> int:
        """Bits a second over all of it."""
        return math.ceil(sum(s.size for s in self.segments) * 8 / self.seconds) if self.seconds else 0


@dataclass(frozen=True)
class Variant:
    """A line of the master playlist. Without a picture `width` is 0."""

    address: str
    peak: int
    average: int
    codecs: str
    width: int = 0
    height: int = 0
    rate: Fraction = Fraction(0)


def read(playlist: Path) -> Rendition | None:
    """Reads a media playlist and the sizes of its files; None while there is none, or a file of it is missing."""
    try:
        text = playlist.read_text("utf-8")
        init = _MAP.search(text)
        segments = []
        seconds = 0.0
        for line in text.splitlines():
            if found := _EXTINF.match(line):
                seconds = float(found[1])
            elif line and not line.startswith("#"):
                segments.append(Segment(line, seconds, (playlist.parent / line).stat().st_size))
        if init is None or not (playlist.parent / init[1]).stat().st_size:
            return None
    except FileNotFoundError:
        return None
    target = _TARGET.search(text)
    return Rendition(tuple(segments), init[1], "#EXT-X-ENDLIST" in text, int(target[1]) if target else 0)


def sizes(init: Path) -> list[tuple[int, int]]:
    """Width and height of the pictures an initialisation segment tells of (`tkhd`, ISO/IEC 14496-12 8.3.2)."""
    data = init.read_bytes()
    found = []
    at = data.find(b"tkhd")
    while at >= 0:
        size = int.from_bytes(data[at - 4 : at], "big")
        width, height = (int.from_bytes(data[at + size - 12 + n : at + size - 10 + n], "big") for n in (0, 4))
        if width and height:
            found.append((width, height))
        at = data.find(b"tkhd", at + 4)
    return found


def variants(text: str) -> list[Variant]:
    """The variants of a master playlist of our own."""
    found = []
    told: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("#EXT-X-STREAM-INF:"):
            told = {name: bare or quoted for name, quoted, bare in _GIVEN.findall(line)}
        elif line and not line.startswith("#") and told:
            width, _, height = told.get("RESOLUTION", "0x0").partition("x")
            peak = int(told["BANDWIDTH"])
            average = int(told.get("AVERAGE-BANDWIDTH", peak))
            rate = Fraction(told.get("FRAME-RATE", "0"))
            found.append(Variant(line, peak, average, told.get("CODECS", ""), int(width), int(height), rate))
            told = {}
    return found


def codecs(init: Path) -> str:
    """The CODECS value of an fMP4 initialisation segment written by our own encoder; "" when nothing is known."""
    data = init.read_bytes()
    names = []
    at = data.find(b"avcC")
    if at >= 0:
        names.append("avc1." + data[at + 5 : at + 8].hex().upper())
    if b"mp4a" in data:
        names.append("mp4a.40.2")
    return ",".join(names)


def master(variants: Iterable[Variant]) -> str:
    """The master playlist, the lightest variant with a picture first and sound alone last."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for v in sorted(variants, key=lambda v: (v.width == 0, v.peak)):
        given = [f"BANDWIDTH={max(v.peak, v.average)}", f"AVERAGE-BANDWIDTH={v.average}", f'CODECS="{v.codecs}"']
        if v.width:
            given.append(f"RESOLUTION={v.width}x{v.height}")
            given += [f"FRAME-RATE={float(v.rate):.3f}"] if v.rate else []
        lines += ["#EXT-X-STREAM-INF:" + ",".join(given), v.address]
    return "\n".join(lines) + "\n"


def moved(playlist: Path, folder: str) -> str:
    """The text of a media playlist as it reads one folder above its files."""
    text = _MAP.sub(lambda m: f'#EXT-X-MAP:URI="{folder}/{m[1]}"', playlist.read_text("utf-8"))
    return "".join(
        line if not line.strip() or line.startswith("#") else f"{folder}/{line}"
        for line in text.splitlines(keepends=True)
    )


def write(path: Path, text: str) -> None:
    """Writes a playlist aside and renames it, so a reader meets the old one or the new one."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with aside.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)

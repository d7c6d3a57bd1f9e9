"""Just enough of ISO BMFF (fragmented MP4, ISO/IEC 14496-12) to cut a live stream into parts and to measure them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 32 * 1024 * 1024
"""Bytes of one box. A third of a second of video stays far below; more means a broken stream."""

_NON_SYNC = 0x10000
"""`sample_is_non_sync_sample` in the flags of a sample."""


class Broken(Exception):
    """The bytes are not the fragmented MP4 they should be."""


@dataclass(frozen=True)
class Track:
    """What a fragment's figures are measured by."""

    number: int
    #: Ticks a second.
    timescale: int
    picture: bool


@dataclass(frozen=True)
class Init:
    """An initialisation segment."""

    data: bytes
    tracks: tuple[Track, ...]
    codecs: str
    width: int = 0
    height: int = 0

    @property
    def leading(self) -> Track:
        """The track that time is told by: the picture, or the sound where there is none."""
        return next((track for track in self.tracks if track.picture), self.tracks[0])


@dataclass(frozen=True)
class Fragment:
    """A `moof` with its `mdat`."""

    data: bytes
    #: Decode time of its first sample in seconds from the stream's beginning.
    begins: float
    seconds: float
    #: Whether a player can begin here.
    independent: bool
    #: Samples of the leading track: frames, where it is a picture.
    samples: int = 0


class Reader:
    """Takes bytes as they come from a pipe and gives whole pieces."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._head = b""
        self._moof: bytes | None = None
        self.init: Init | None = None

    def feed(self, data: bytes) -> Iterator[Init | Fragment]:
        """Give what became whole: the initialisation segment once, then fragments. Raises Broken."""
        self._rest += data
        while len(self._rest) >= 8:
            size, kind = struct.unpack_from(">I4s", self._rest)
            if size < 8 or size > MOST:
                raise Broken(f"a box of {size} bytes")
            if len(self._rest) < size:
                return
            box = bytes(self._rest[:size])
            del self._rest[:size]
            match kind:
                case b"ftyp":
                    self._head = box
                case b"moov":
                    self.init = _init(self._head + box, box)
                    yield self.init
                case b"moof":
                    self._moof = box
                case b"mdat" if self._moof is not None and self.init is not None:
                    yield _fragment(self.init, self._moof, box)
                    self._moof = None


def children(box: bytes, at: int = 8) -> Iterator[tuple[bytes, bytes]]:
    """The boxes inside a box (header included), from byte `at` on, as (kind, whole box)."""
    while at + 8 <= len(box):
        size, kind = struct.unpack_from(">I4s", box, at)
        if size < 8 or at + size > len(box):
            raise Broken(f"a box of {size} bytes inside another")
        yield kind, box[at : at + size]
        at += size


def find(box: bytes, *path: bytes) -> bytes | None:
    """The first box at `path` below `box`."""
    for name in path:
        found = next((inner for kind, inner in children(box) if kind == name), None)
        if found is None:
            return None
        box = found
    return box


def _init(data: bytes, moov: bytes) -> Init:
    tracks = []
    width = height = 0
    names = []
    for kind, trak in children(moov):
        if kind != b"trak":
            continue
        tkhd, mdhd, hdlr = (find(trak, *path) for path in ((b"tkhd",), (b"mdia", b"mdhd"), (b"mdia", b"hdlr")))
        if tkhd is None or mdhd is None or hdlr is None:
            raise Broken("a track without its headers")
        number = struct.unpack_from(">I", tkhd, 12 + (16 if tkhd[8] else 8))[0]
        timescale = struct.unpack_from(">I", mdhd, 12 + (16 if mdhd[8] else 8))[0]
        picture = hdlr[16:20] == b"vide"
        tracks.append(Track(number, timescale or 1, picture))
        if picture:
            width, height = (word >> 16 for word in struct.unpack_from(">II", tkhd, len(tkhd) - 8))
            at = trak.find(b"avcC")
            names.append("avc1." + trak[at + 5 : at + 8].hex().upper() if at >= 0 else "avc1")
        else:
            names.append("mp4a.40.2")
    if not tracks:
        raise Broken("no tracks")
    return Init(data, tuple(tracks), ",".join(names), width, height)


def _fragment(init: Init, moof: bytes, mdat: bytes) -> Fragment:
    lead = init.leading
    for kind, traf in children(moof):
        if kind != b"traf":
            continue
        tfhd = find(traf, b"tfhd")
        if tfhd is None or struct.unpack_from(">I", tfhd, 12)[0] != lead.number:
            continue
        ticks, count, independent = _runs(traf, tfhd)
        tfdt = find(traf, b"tfdt")
        begins = 0 if tfdt is None else struct.unpack_from(">Q" if tfdt[8] else ">I", tfdt, 12)[0]
        seen = independent or not lead.picture
        return Fragment(moof + mdat, begins / lead.timescale, ticks / lead.timescale, seen, count)
    # a fragment of the other track alone: it belongs to what came before it
    return Fragment(moof + mdat, -1.0, 0.0, False)


def _runs(traf: bytes, tfhd: bytes) -> tuple[int, int, bool]:
    """Ticks and samples of a track's runs, and whether the first sample is a keyframe."""
    flags = int.from_bytes(tfhd[9:12], "big")
    at = 16 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
    duration = usual = 0
    if flags & 8:
        duration = struct.unpack_from(">I", tfhd, at)[0]
        at += 4
    at += 4 if flags & 16 else 0
    if flags & 32:
        usual = struct.unpack_from(">I", tfhd, at)[0]
    ticks = samples = 0
    first: int | None = None
    for kind, trun in children(traf):
        if kind != b"trun":
            continue
        told = int.from_bytes(trun[9:12], "big")
        count = struct.unpack_from(">I", trun, 12)[0]
        at = 16 + (4 if told & 1 else 0)
        if told & 4:
            if first is None:
                first = struct.unpack_from(">I", trun, at)[0]
            at += 4
        step = 4 * bin(told & 0xF00).count("1")
        if first is None and count:
            first = struct.unpack_from(">I", trun, at + 4 * bin(told & 0x300).count("1"))[0] if told & 0x400 else usual
        if told & 0x100:
            ticks += sum(struct.unpack_from(">I", trun, at + step * i)[0] for i in range(count))
        else:
            ticks += duration * count
        samples += count
    return ticks, samples, not (first or 0) & _NON_SYNC

"""The master playlist as somebody else's parser reads it, against what the files themselves hold.

`m3u8` reads the playlists and FFmpeg's libraries (through PyAV) the segments; our own reader and writer have no say.
"""

import io
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import m3u8
import pytest
from flask import Flask

from miitti.foundation import renditions
from tests.videos.conftest import folder, make
from tests.world import World

Files = Callable[[str], Path]


@dataclass(frozen=True)
class Measured:
    """What the files of one variant hold."""

    starts: tuple[float, ...]
    """Seconds at which segments start, by the picture's own clock."""
    keyframes: tuple[float, ...]
    codecs: str
    size: tuple[int, int] | None
    rate: float
    """Frames a second where they are densest."""
    peak: float
    """Bits a second of the heaviest run of segments of half to one and a half times the target's length."""
    average: float
    payload: float
    """Bits a second of sound and picture alone, without the container."""


def measured(playlist: Path) -> Measured:
    told = m3u8.load(str(playlist))
    assert told.is_endlist
    init = (playlist.parent / told.segment_map[0].uri).read_bytes()
    pieces = [(playlist.parent / segment.uri).read_bytes() for segment in told.segments]
    lengths = [segment.duration for segment in told.segments]
    assert all(round(length) <= told.target_duration for length in lengths)
    sizes = [len(piece) * 8 for piece in pieces]
    starts, keyframes, times, carried = [], [], [], 0
    codecs, size = "", None
    for piece in pieces:
        with av.open(io.BytesIO(init + piece), mode="r") as film:
            for stream in film.streams.video:
                size = (stream.codec_context.width, stream.codec_context.height)
                codecs = f"avc1.{(stream.codec_context.extradata or b'')[1:4].hex().upper()}"
            for sound in film.streams.audio:
                assert (sound.codec_context.name, sound.profile) == ("aac", "LC")
                codecs = ",".join(filter(None, (codecs.split(",")[0] if size else "", "mp4a.40.2")))
            first = True
            for packet in film.demux():
                carried += packet.size * 8
                if packet.stream.type != "video" or packet.pts is None:
                    continue
                at = float(packet.pts * packet.time_base)
                times.append(at)
                if first:
                    assert packet.is_keyframe, "a segment has to start with a keyframe"
                    starts.append(at)
                    first = False
                if packet.is_keyframe:
                    keyframes.append(at)
    times.sort()
    spans = [later - earlier for earlier, later in itertools.pairwise(times)]
    return Measured(
        starts=tuple(starts),
        keyframes=tuple(keyframes),
        codecs=codecs,
        size=size,
        rate=1 / min(spans) if spans else 0.0,
        peak=heaviest(sizes, lengths, told.target_duration),
        average=sum(sizes) / sum(lengths),
        payload=carried / sum(lengths),
    )


def heaviest(sizes: list[int], lengths: list[float], target: float) -> float:
    """The peak segment bit rate by RFC 8216, 4.1: of any segments in a row that last 0.5 to 1.5 targets together."""
    found = [0.0]
    for first in range(len(sizes)):
        for last in range(first + 1, len(sizes) + 1):
            seconds = sum(lengths[first:last])
            if target / 2 <= seconds <= target * 1.5:
                found.append(sum(sizes[first:last]) / seconds)
    return max(found)


@pytest.mark.parametrize("name", ["the camera's", "eligible.mp4", "keys.mp4", "varying.mp4"])
def test_the_master_playlist_tells_what_the_files_hold(
    app: Flask, world: World, files: Files, sample: Path, name: str
) -> None:
    video = make(app, world, files(name) if "." in name else sample)
    assert video.state == "ready"
    master = m3u8.load(str(folder(video) / "main.m3u8"))
    assert master.is_variant
    assert master.is_independent_segments
    found = []
    for variant in master.playlists:
        told = variant.stream_info
        real = measured(folder(video) / variant.uri)
        assert told.codecs == real.codecs
        assert real.average == pytest.approx(told.average_bandwidth, abs=1)
        assert 0.85 * told.average_bandwidth < real.payload <= told.average_bandwidth
        assert told.bandwidth >= math.floor(real.peak)
        assert told.bandwidth <= max(real.peak, real.average) + 1
        assert told.resolution == real.size
        if real.size is None:
            assert variant.uri == "audio.m3u8"
            continue
        assert told.frame_rate == pytest.approx(real.rate, rel=0.01)
        found.append((variant.uri, real))
    assert len(found) >= 2
    same_moments(found)


def same_moments(found: list[tuple[str, Measured]]) -> None:
    """A player may change between qualities at any segment; those made here share every keyframe."""
    frame = max(1 / real.rate for _uri, real in found)
    _first, model = found[0]
    for uri, real in found[1:]:
        assert real.starts == pytest.approx(model.starts, abs=frame), uri
    made = [real for uri, real in found if not uri.startswith("source/")]
    for real in made:
        assert real.keyframes == pytest.approx(made[0].keyframes, abs=frame)
        assert all(b - a <= renditions.KEYFRAME * 2 for a, b in itertools.pairwise(real.keyframes))

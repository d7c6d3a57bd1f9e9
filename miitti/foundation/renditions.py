"""FFmpeg graphs that make renditions: HLS rungs, sound alone, a poster. It knows files and rungs, no room.

Every rung is muxed CMAF (fragmented MP4) with a keyframe at the same moments, so a player can change between them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg as graph

from miitti.foundation import ffmpeg
from miitti.foundation.probe import Media

#: Seconds of one segment.
SEGMENT = 4
#: Seconds between keyframes.
KEYFRAME = 2

#: Name of a rendition's playlist in its own folder.
PLAYLIST = "index.m3u8"
#: Folder of the rendition without a picture.
AUDIO = "audio"

#: Pixels of a picture, and of one with more than eight bits, above which one thread decodes and one encodes each rung:
#: every further one keeps pictures. 8K then takes 790 MiB instead of 910, 4K in ten bits 640 instead of 730.
LARGE = 9_000_000
LARGE_DEEP = 4_500_000

#: Pixels of a poster's longer edge.
POSTER_EDGE = 1280

#: Small pictures of the sheet for seeking: how many at most, how many in a row, pixels of the longer edge of one.
BOARD_PICTURES = 100
BOARD_ACROSS = 10
BOARD_EDGE = 160

#: What speech is brought to (LUFS, the level of the large video services), below what it counts as silence, how many
#: decibels are given or taken at most, and how near is near enough.
LOUDNESS = -16.0
SILENCE = -50.0
MOST_GAIN = 20.0
NEAR = 1.0
#: Seconds listened to: the first ten minutes tell for the hour, and nobody waits longer for a first picture.
SCANNED = 600
_INTEGRATED = re.compile(r"^\s*I:\s*(-?[0-9.]+) LUFS")

#: Brings PQ and HLG to BT.709 (Hable's curve keeps faces natural in bright scenes).
_TONE_MAP: tuple[tuple[str, dict[str, Any]], ...] = (
    ("zscale", {"t": "linear", "npl": 100}),
    ("format", {"pix_fmts": "gbrpf32le"}),
    ("zscale", {"p": "bt709"}),
    ("tonemap", {"tonemap": "hable", "desat": 0}),
    ("zscale", {"t": "bt709", "m": "bt709", "r": "tv"}),
)


@dataclass(frozen=True)
class Rung:
    """One quality of a video."""

    name: str
    width: int
    height: int
    #: Frames a second.
    rate: Fraction
    #: Ceilings in kilobits a second.
    video_kbit: int
    audio_kbit: int
    #: Whether the source's own picture is kept as it is.
    copied: bool = False


def hls(
    source: Path,
    media: Media,
    folder: Path,
    rungs: Sequence[Rung],
    *,
    audio_kbit: int = 0,
    growing: bool = False,
    tone_map: bool = False,
    keyframes: Sequence[float] = (),
    gain: float = 0.0,
) -> list[str]:
    """The arguments of one run that reads the source once and writes each rung to `folder`/<rung's name>.

    With `audio_kbit` the sound alone is written to `folder`/audio too. `growing` keeps the playlist up to date
    while the run goes on. `keyframes` are the seconds at which keyframes are forced, instead of every two seconds.
    `gain` in decibels brings the sound to the usual loudness.
    """
    threads = _threads(media)
    given = graph.input(str(source), **ffmpeg.hardened(threads))
    picture = given[str(media.picture.index)]
    sound = given[str(media.sound.index)] if media.sound else None
    encoded = [rung for rung in rungs if not rung.copied]
    outputs = []
    if encoded:
        parted = _shared(picture, encoded, tone_map).filter_multi_output("split", len(encoded))
        for number, rung in enumerate(encoded):
            seen = parted.stream(number).filter("fps", str(rung.rate)).filter("scale", rung.width, rung.height)
            streams = [seen.filter("setsar", 1)] if sound is None else [seen.filter("setsar", 1), sound]
            options = _encoded(rung, keyframes, sound=sound is not None, gain=gain, threads=threads)
            outputs.append(_output(streams, folder / rung.name, growing, **options))
    for rung in rungs:
        if rung.copied:
            streams = [picture] if sound is None else [picture, sound]
            options = {"c:v": "copy", "tag:v": "avc1"}
            if media.sound is not None:
                kept = media.sound.codec == "aac" and media.sound.channels <= 2 and not gain
                options |= {"c:a": "copy"} if kept else _sound(rung.audio_kbit, gain)
            outputs.append(_output(streams, folder / rung.name, growing, **options))
    if audio_kbit and sound is not None:
        outputs.append(_output([sound], folder / AUDIO, growing, **_sound(audio_kbit, gain)))
    return ffmpeg.arguments(*outputs)


def _shared(picture: Any, encoded: Sequence[Rung], tone_map: bool) -> Any:
    """What all rungs have in common, done once: the picture rate, the largest size, and colours of every screen.

    Whatever waits between here and the encoders is then as small as the largest rung, however large the source is.
    """
    top = max(encoded, key=lambda rung: rung.width * rung.height)
    picture = picture.filter("fps", str(max(rung.rate for rung in encoded))).filter("scale", top.width, top.height)
    for name, options in _TONE_MAP if tone_map else ():
        picture = picture.filter(name, **options)
    return picture.filter("format", "yuv420p")


def loudness(source: Path, media: Media) -> list[str]:
    """The arguments of a run that measures how loud the sound is and says so at its end (see `gain`)."""
    assert media.sound is not None
    given = graph.input(str(source), t=SCANNED, vn=None, **ffmpeg.hardened())
    heard = given[str(media.sound.index)].filter("ebur128", framelog="quiet")
    return ["-loglevel", "info", *ffmpeg.arguments(graph.output(heard, "-", f="null"))]


def gain(said: Sequence[str]) -> float:
    """Decibels that bring a sound to the usual loudness, from what `loudness` said.

    0 when it is near enough, near silence, or was not measured: noise is not worth raising.
    """
    found = [float(m[1]) for line in said if (m := _INTEGRATED.search(line))]
    if not found or found[-1] < SILENCE:
        return 0.0
    needed = max(-MOST_GAIN, min(MOST_GAIN, LOUDNESS - found[-1]))
    return 0.0 if abs(needed) < NEAR else round(needed, 1)


def board(rung: Path, media: Media, target: Path) -> tuple[list[str], dict[str, Any]]:
    """The arguments of a run that writes a sheet of small pictures to `target`, and what a player must know of it.

    It is made from the playlist of the lightest rung, of whose pictures only keyframes are decoded: they stand two
    seconds apart there, however rare they were in the source.
    """
    every = max(2.0, round(media.duration / BOARD_PICTURES, 2))
    count = max(1, min(BOARD_PICTURES, math.ceil(media.duration / every)))
    scale = BOARD_EDGE / max(media.picture.width, media.picture.height)
    width = max(16, 2 * round(media.picture.width * scale / 2))
    height = max(16, 2 * round(media.picture.height * scale / 2))
    given = graph.input(str(rung), skip_frame="nokey", protocol_whitelist="file", threads=1)
    rows = math.ceil(count / BOARD_ACROSS)
    seen = given["v:0"].filter("fps", f"1/{every}", round="up", eof_action="pass").filter("scale", width, height)
    seen = seen.filter("setsar", 1).filter("format", "yuvj420p").filter("tile", f"{BOARD_ACROSS}x{rows}")
    options = {"frames:v": 1, "q:v": 6, "f": "image2", "update": 1, "map_metadata": -1, "c:v": "mjpeg"}
    told = {"every": every, "width": width, "height": height, "across": BOARD_ACROSS, "count": count}
    return ffmpeg.arguments(graph.output(seen, str(target), **options)), told


def telling(media: Media, share: float = 0.15) -> float:
    """Seconds of a moment likely to tell something, `share` of the way in."""
    return min(media.duration * share, 20.0) if share < 0.2 else media.duration * share


def poster(source: Path, media: Media, target: Path, moment: float | None = None, *, about: bool = True) -> list[str]:
    """The arguments of a run that writes a JPEG of a moment, given in seconds or near the beginning, to `target`.

    `about` takes the most usual of the twelve pictures from there on; otherwise it is exactly that one.
    """
    moment = telling(media) if moment is None else max(0.0, min(moment, media.duration - 0.2))
    given = graph.input(str(source), ss=f"{moment:.2f}", **ffmpeg.hardened(_threads(media)))
    scale = min(1.0, POSTER_EDGE / max(media.picture.width, media.picture.height))
    width = max(16, 2 * round(media.picture.width * scale / 2))
    height = max(16, 2 * round(media.picture.height * scale / 2))
    # made small before twelve of them are kept to compare: those of 8K would take more than a GB
    picture = given[str(media.picture.index)].filter("scale", width, height)
    picture = picture.filter("thumbnail", 12) if about else picture
    picture = picture.filter("setsar", 1).filter("format", "yuvj420p")
    options = {"frames:v": 1, "q:v": 5, "f": "image2", "update": 1, "map_metadata": -1, "c:v": "mjpeg"}
    return ffmpeg.arguments(graph.output(picture, str(target), **options))


def _threads(media: Media) -> int:
    deep = media.picture.pixels.endswith(("le", "be"))
    return 1 if media.picture.width * media.picture.height > (LARGE_DEEP if deep else LARGE) else 2


def _encoded(rung: Rung, keyframes: Sequence[float], *, sound: bool, gain: float, threads: int) -> dict[str, Any]:
    forced = ",".join(f"{t:.3f}" for t in keyframes) if keyframes else f"expr:gte(t,n_forced*{KEYFRAME})"
    return {
        "c:v": "libx264",
        "preset": "veryfast",
        "profile:v": "main" if min(rung.width, rung.height) <= 360 else "high",
        "crf": 24,
        "maxrate": f"{rung.video_kbit}k",
        "bufsize": f"{rung.video_kbit * 2}k",
        "force_key_frames": forced,
        "sc_threshold": 0,
        "threads": threads,
        **(_sound(rung.audio_kbit, gain) if sound else {}),
    }


def _sound(kbit: int, gain: float) -> dict[str, Any]:
    # `first_pts` and `async` fill gaps, so that sound recorded late does not slide before the picture.
    chain = "aresample=48000:async=1000:first_pts=0"
    if gain:
        # The limiter looks five milliseconds ahead, and keeps peaks 1.5 dB below full, which encoders overshoot.
        chain += f",volume={gain}dB,alimiter=limit=0.84:level=false"
    return {"c:a": "aac", "b:a": f"{kbit}k", "ac": 2, "af": chain}


def _output(streams: list[Any], folder: Path, growing: bool, **options: Any) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    return graph.output(
        *streams,
        str(folder / PLAYLIST),
        **options,
        map_metadata=-1,
        map_chapters=-1,
        # Pictures an encoder holds back would otherwise move a rung by their time, each rung by its own, and Chromium
        # does not read the two-part edit list that says so: sound came early. A plain one says it to every player.
        avoid_negative_ts="disabled",
        f="hls",
        hls_time=SEGMENT,
        hls_playlist_type="event" if growing else "vod",
        hls_segment_type="fmp4",
        hls_fmp4_init_filename="init.mp4",
        hls_segment_filename=str(folder / "s%05d.m4s"),
        hls_flags="temp_file+independent_segments",
    )

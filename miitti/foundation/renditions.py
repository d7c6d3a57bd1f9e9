"""FFmpeg graphs that make renditions: HLS rungs, sound alone, a poster. It knows files and rungs, no room.

Every rung is muxed CMAF (fragmented MP4) with a keyframe at the same moments, so a player can change between them.
"""

from __future__ import annotations

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

#: Pixels of a poster's longer edge.
POSTER_EDGE = 1280

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
) -> list[str]:
    """The arguments of one run that reads the source once and writes each rung to `folder`/<rung's name>.

    With `audio_kbit` the sound alone is written to `folder`/audio too. `growing` keeps the playlist up to date
    while the run goes on. `keyframes` are the seconds at which keyframes are forced, instead of every two seconds.
    """
    given = graph.input(str(source), **ffmpeg.hardened())
    picture = given[str(media.picture.index)]
    sound = given[str(media.sound.index)] if media.sound else None
    encoded = [rung for rung in rungs if not rung.copied]
    outputs = []
    if encoded:
        if tone_map:
            top = max(encoded, key=lambda rung: rung.width * rung.height)
            picture = picture.filter("scale", top.width, top.height)
            for name, options in _TONE_MAP:
                picture = picture.filter(name, **options)
        parted = picture.filter_multi_output("split", len(encoded))
        for number, rung in enumerate(encoded):
            seen = parted.stream(number).filter("fps", str(rung.rate)).filter("scale", rung.width, rung.height)
            seen = seen.filter("setsar", 1).filter("format", "yuv420p")
            streams = [seen] if sound is None else [seen, sound]
            options = _encoded(rung, keyframes, sound=sound is not None)
            outputs.append(_output(streams, folder / rung.name, growing, **options))
    for rung in rungs:
        if rung.copied:
            streams = [picture] if sound is None else [picture, sound]
            options = {"c:v": "copy", "tag:v": "avc1"}
            if media.sound is not None:
                kept = media.sound.codec == "aac" and media.sound.channels <= 2
                options |= {"c:a": "copy"} if kept else _sound(rung.audio_kbit)
            outputs.append(_output(streams, folder / rung.name, growing, **options))
    if audio_kbit and sound is not None:
        outputs.append(_output([sound], folder / AUDIO, growing, **_sound(audio_kbit)))
    return ffmpeg.arguments(*outputs)


def poster(source: Path, media: Media, target: Path) -> list[str]:
    """The arguments of a run that writes a JPEG of a telling moment near the beginning to `target`."""
    moment = min(media.duration * 0.15, 20.0)
    given = graph.input(str(source), ss=f"{moment:.2f}", **ffmpeg.hardened())
    scale = min(1.0, POSTER_EDGE / max(media.picture.width, media.picture.height))
    width = max(16, 2 * round(media.picture.width * scale / 2))
    height = max(16, 2 * round(media.picture.height * scale / 2))
    picture = given[str(media.picture.index)].filter("thumbnail", 12).filter("scale", width, height)
    picture = picture.filter("setsar", 1).filter("format", "yuvj420p")
    options = {"frames:v": 1, "q:v": 5, "f": "image2", "update": 1, "map_metadata": -1, "c:v": "mjpeg"}
    return ffmpeg.arguments(graph.output(picture, str(target), **options))


def _encoded(rung: Rung, keyframes: Sequence[float], *, sound: bool) -> dict[str, Any]:
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
        "threads": 2,
        **(_sound(rung.audio_kbit) if sound else {}),
    }


def _sound(kbit: int) -> dict[str, Any]:
    # `first_pts` and `async` fill gaps, so that sound recorded late does not slide before the picture.
    return {"c:a": "aac", "b:a": f"{kbit}k", "ac": 2, "af": "aresample=48000:async=1000:first_pts=0"}


def _output(streams: list[Any], folder: Path, growing: bool, **options: Any) -> Any:
    folder.mkdir(parents=True, exist_ok=True)
    return graph.output(
        *streams,
        str(folder / PLAYLIST),
        **options,
        map_metadata=-1,
        map_chapters=-1,
        f="hls",
        hls_time=SEGMENT,
        hls_playlist_type="event" if growing else "vod",
        hls_segment_type="fmp4",
        hls_fmp4_init_filename="init.mp4",
        hls_segment_filename=str(folder / "s%05d.m4s"),
        hls_flags="temp_file+independent_segments",
    )

"""From a drawn scene to a video file: frames into ffmpeg's pipe, sound from its own generators."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from miitti.demo.brush import FINE, HEIGHT, WIDTH

SECONDS = 8.0
"""Length of every demo film."""
RATE = 24
"""Frames per second, as in cinema: enough for calm movements."""

Painter = Callable[[float], Image.Image]
"""Gives a fresh picture, twice as fine as the film, of the scene at `t` seconds."""


@dataclass(frozen=True)
class Scene:
    """One film: how its pictures come about, and how it sounds.

    `prepare` draws once what stands still and gives the painter that adds what moves. `sound` is a filter graph of
    ffmpeg's sources whose result is labelled `[sound]`.
    """

    slug: str
    prepare: Callable[[], Painter]
    sound: str


class FilmFailed(RuntimeError):
    """ffmpeg could not make the film; the message holds the end of what it said."""


def frame(scene: Scene, t: float) -> Image.Image:
    """One finished picture of the scene at `t` seconds."""
    return scene.prepare()(t).reduce(FINE)


def shoot(scene: Scene, path: Path, ffmpeg: str, seconds: float = SECONDS) -> None:
    """Draws the scene frame by frame and writes an H.264 and AAC MP4 file to `path`.

    The same scene gives the same pictures every time: all chance in it is seeded. Raises `FilmFailed`.
    """
    paint = scene.prepare()
    part = path.with_name(f".{path.name}.part")
    command = [
        ffmpeg, "-hide_banner", "-loglevel", "error", "-nostdin", "-y",
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "pipe:0",
        "-filter_complex", scene.sound,
        "-map", "0:v:0", "-map", "[sound]", "-t", f"{seconds:g}",
        # A keyframe every 2 s and 4:2:0 let the pipeline copy the picture as it is instead of encoding it again.
        "-c:v", "libx264", "-preset", "superfast", "-crf", "23", "-pix_fmt", "yuv420p", "-profile:v", "high",
        "-g", str(RATE * 2), "-keyint_min", str(RATE * 2), "-sc_threshold", "0",
        "-c:a", "aac", "-b:a", "96k", "-ar", "48000", "-ac", "2",
        "-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4", str(part),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stderr is not None
    try:
        with process.stdin as pipe:
            for number in range(round(seconds * RATE)):
                pipe.write(paint(number / RATE).reduce(FINE).tobytes())
    except BrokenPipeError:
        pass  # ffmpeg ended early: its own words below say why.
    finally:
        said = process.stderr.read().decode(errors="replace")
        process.stderr.close()
        code = process.wait()
    if code != 0:
        part.unlink(missing_ok=True)
        raise FilmFailed(said.strip()[-400:])
    part.replace(path)

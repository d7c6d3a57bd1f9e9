"""How loud a sound is from moment to moment, small enough for a browser to draw: a wave form to write captions by."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ffmpeg as graph

from miitti.foundation import ffmpeg

#: Samples a second of what is measured; the shape of speech is seen well below what is heard.
RATE = 4000
#: Seconds of one peak at the least, and how many peaks there are at the most: an hour then has one every 0.1 s.
EVERY = 0.05
MOST = 36_000
#: A peak is one of these letters, from silence to the loudest moment: 36 kB for the longest video.
LEVELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def arguments(playlist: Path, target: Path) -> list[str]:
    """The arguments of a run that writes a rendition's sound to `target` as one byte a sample."""
    sound = graph.input(str(playlist), protocol_whitelist="file", threads=1)["a:0"]
    return ffmpeg.arguments(
        graph.output(sound, str(target), ac=1, ar=RATE, f="u8", map_metadata=-1, **{"c:a": "pcm_u8"})
    )


def peaks(samples: Path, seconds: float) -> dict[str, Any]:
    """The peaks of what `arguments` wrote for a sound of `seconds`: `{every: seconds of each, peaks: letters}`."""
    every = max(EVERY, seconds / MOST)
    piece = max(1, round(every * RATE))
    found = []
    with samples.open("rb") as file:
        while data := file.read(piece):
            found.append(max(max(data) - 128, 128 - min(data)))
    top = max(found, default=0) or 1
    # A loud click must not flatten the speech, so the scale is that of the square root.
    letters = "".join(LEVELS[round((level / top) ** 0.5 * (len(LEVELS) - 1))] for level in found)
    return {"every": piece / RATE, "peaks": letters}


def write(target: Path, told: dict[str, Any]) -> None:
    """Write what `peaks` found as JSON."""
    target.write_text(json.dumps(told), "ascii")

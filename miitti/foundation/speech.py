"""What is said in a sound, written down by a program of the installation's own: a draft of captions.

Nothing is sent anywhere and nothing is downloaded. Either faster-whisper is installed (the extra `captions`) and
MIITTI_SPEECH_MODEL names the folder of a model, or MIITTI_SPEECH_PROGRAM names a program that is given a WAV file and a
language code and writes WebVTT or SubRip to its standard output. Whichever it is runs in a process of its own, with
limits and without a network. Run as a module this file is the program for faster-whisper:
`python -m miitti.foundation.speech MODEL SOUND.wav LANGUAGE`.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg as graph

from miitti.foundation import confine, ffmpeg
from miitti.foundation.settings import ROOT, Settings

#: Samples a second speech programs listen at.
RATE = 16_000
#: Bytes of the longest answer read.
MOST = 2 * 1024 * 1024
#: Characters of one line of captions and seconds it stands at the most: two lines of 42, which people can read.
LETTERS = 84
SECONDS = 6.0
#: A model of large size takes some gibibytes; maps of its file count too.
LIMITS = confine.Limits(memory=24 * 1024 * confine.MIB, cpu=12 * 3600, file=64 * confine.MIB, network=False, nice=15)


class Failed(Exception):
    """The program gave no captions; the text is for the log."""


def command(settings: Settings) -> list[str] | None:
    """How speech is written down here, without the sound and the language; None when it can't be."""
    if settings.speech_program:
        return [settings.speech_program]
    if settings.speech_model and importlib.util.find_spec("faster_whisper"):
        return [sys.executable, "-m", "miitti.foundation.speech", settings.speech_model]
    return None


def arguments(playlist: Path, target: Path) -> list[str]:
    """FFmpeg's arguments that write a rendition's sound to `target` as speech programs want it."""
    sound = graph.input(str(playlist), protocol_whitelist="file", threads=1)["a:0"]
    return ffmpeg.arguments(
        graph.output(sound, str(target), ac=1, ar=RATE, f="wav", map_metadata=-1, **{"c:a": "pcm_s16le"})
    )


def write_down(
    settings: Settings, sound: Path, language: str, *, timeout: float, stop: Callable[[], bool] = lambda: False
) -> str:
    """What is said in `sound`, as WebVTT or SubRip. `timeout` is in seconds; `stop` is asked now and then.

    Raises `Failed`, also when there is no program.
    """
    start = command(settings)
    if start is None:
        raise Failed("no program is set")
    child = subprocess.Popen(
        confine.command(LIMITS, [*start, str(sound), language]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    left = timeout
    try:
        while True:
            try:
                said, complaints = child.communicate(timeout=min(left, 5.0))
                break
            except subprocess.TimeoutExpired:
                left -= 5.0
                if left <= 0 or stop():
                    raise Failed("it took too long" if left <= 0 else "it was stopped") from None
    finally:
        if child.returncode is None:
            confine.kill_group(child.pid)
            child.communicate()
    if child.returncode != 0:
        raise Failed(complaints.decode("utf-8", "replace").strip()[-300:] or f"it ended with {child.returncode}")
    return said[:MOST].decode("utf-8", "replace")


@dataclass(frozen=True)
class Word:
    """One word and when it is said, in seconds; `text` begins with the space before it, if any."""

    begin: float
    end: float
    text: str


def lines(words: Iterable[Word]) -> list[Word]:
    """Words joined to lines short enough to be read, broken where a sentence ends or somebody pauses."""
    found: list[Word] = []
    for word in words:
        last = found[-1] if found else None
        if last is None or _breaks(last, word):
            found.append(Word(word.begin, word.end, word.text.strip()))
        else:
            found[-1] = Word(last.begin, word.end, last.text + word.text)
    return [line for line in found if line.text and line.end > line.begin]


def _breaks(last: Word, word: Word) -> bool:
    ended = last.text.endswith((".", "!", "?", "…"))
    return (
        len(last.text) + len(word.text) > LETTERS
        or word.end - last.begin > SECONDS
        or word.begin - last.end > 1.0
        or (ended and len(last.text) > LETTERS / 3)
    )


def webvtt(said: Iterable[Word]) -> str:
    """Lines as WebVTT."""
    blocks = [f"{_clock(line.begin)} --> {_clock(line.end)}\n{line.text}" for line in said]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def _clock(seconds: float) -> str:
    whole, milli = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{milli:03}"


def main(argv: list[str]) -> int:
    """Writes down what is said, with faster-whisper and a model that lies on this machine."""
    from faster_whisper import WhisperModel

    model, sound, language = argv
    whisper: Any = WhisperModel(model, device="cpu", compute_type="int8", local_files_only=True)
    segments, _ = whisper.transcribe(sound, language=language, word_timestamps=True, vad_filter=True)
    said = (Word(word.start, word.end, word.word) for segment in segments for word in segment.words or ())
    sys.stdout.write(webvtt(lines(said)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

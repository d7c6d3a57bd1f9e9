"""FFmpeg from outside: which binary, how untrusted files are opened, and one runner with limits and progress.

Graphs are built with `ffmpeg-python` by whoever needs one; `arguments` compiles them and `run` runs the list.
"""

from __future__ import annotations

import errno
import functools
import os
import selectors
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import ffmpeg as graph

from miitti.foundation import confine
from miitti.foundation.confine import Limits

__all__ = [
    "CODECS",
    "FORMATS",
    "MAX_PIXELS",
    "Failed",
    "Limits",
    "OutOfMemory",
    "Progress",
    "Report",
    "TimedOut",
    "arguments",
    "binary",
    "hardened",
    "run",
]

#: Demuxers an upload may meet. Playlists and concatenation scripts are not here: a 50-byte one named `.mp4` would
#: make FFmpeg copy somebody else's file into the output.
FORMATS = ("mov", "matroska", "webm", "avi", "mpegts")

#: Decoders an upload may meet: what phones, cameras, browsers and editing programs write.
VIDEO_CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "mjpeg")
AUDIO_CODECS = ("aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "pcm_s16le", "amr_nb", "amrnb")
CODECS = VIDEO_CODECS + AUDIO_CODECS

#: Pixels of one picture, 36 million: above 8K. A 424 kB picture of 12000 x 12000 would cost 741 MB of memory.
MAX_PIXELS = 36_000_000

#: What FFmpeg and its encoder say when they get no more memory.
_NO_MEMORY = ("Cannot allocate memory", "malloc of size")

#: Lines of FFmpeg's complaints kept for the log.
_TAIL = 100


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    #: Seconds of output written.
    seconds: float
    #: Seconds of output per second of clock; 0 when not known yet.
    speed: float
    #: Frames written.
    frames: int


@dataclass(frozen=True)
class Report:
    """What a finished run used."""

    #: Seconds by the clock.
    wall: float
    #: The last complaints FFmpeg wrote, newest last.
    complaints: tuple[str, ...]


class Failed(Exception):
    """FFmpeg ended with an error; `code` is its exit code (negative: the signal), `tail` its last words."""

    def __init__(self, code: int, tail: Sequence[str]) -> None:
        self.code = code
        self.tail = tuple(tail)
        super().__init__(f"ffmpeg ended with {code}: " + " | ".join(self.tail[-3:]))


class TimedOut(Failed):
    """The wall clock ran out and the process group was killed."""


class OutOfMemory(Failed):
    """It needed more memory than it may have; FFmpeg itself often calls that a success with pictures missing."""


@functools.cache
def binary(choice: str | None = None) -> str:
    """The FFmpeg to run: `choice` when set, else the one of the `imageio-ffmpeg` wheel, else the one on PATH.

    Raises `FileNotFoundError` when there is none.
    """
    if choice:
        found = shutil.which(choice)
        if found is None:
            raise FileNotFoundError(f"no ffmpeg at {choice}")
        return found
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        found = shutil.which("ffmpeg")
        if found is None:
            raise FileNotFoundError("no ffmpeg: neither in the imageio-ffmpeg package nor on PATH") from None
        return found


def hardened(threads: int = 2) -> dict[str, str | int]:
    """The options that stand before `-i` of every file a person sent, as `ffmpeg.input(path, **hardened())`.

    Each of the decoder's `threads` keeps a picture more.
    """
    return {
        "protocol_whitelist": "file,pipe",
        "format_whitelist": ",".join(FORMATS),
        "codec_whitelist": ",".join(CODECS),
        "max_pixels": MAX_PIXELS,
        "threads": threads,
    }


def arguments(*outputs: Any) -> list[str]:
    """Compiles `ffmpeg-python` outputs to the arguments after the binary's name."""
    node = outputs[0] if len(outputs) == 1 else graph.merge_outputs(*outputs)
    return cast(list[str], graph.get_args(node))


def run(
    args: Sequence[str],
    *,
    on_progress: Callable[[Progress], None] | None = None,
    timeout: float = 3600.0,
    limits: Limits | None = None,
    choice: str | None = None,
    view: confine.View | None = None,
) -> Report:
    """Runs FFmpeg with `args` and waits for it, at most `timeout` seconds by the clock.

    With a `view` it sees no more of what is stored here, where that can be held (`confine.View`).
    `on_progress` is called about twice a second; an error it raises ends the run. However this function ends, the
    child's process group is dead when it does, and on Linux the child also dies when we are killed outright.
    Raises `TimedOut`, `OutOfMemory`, `Failed`, and `OSError` (ENOSPC) when the disk is full, which FFmpeg itself often
    calls a success.
    """
    argv = [binary(choice), "-nostdin", "-hide_banner", "-nostats", "-loglevel", "warning"]
    argv += ["-progress", "pipe:1", "-stats_period", "0.5", "-y"]
    # the usual is one a core, so that memory would depend on the machine
    argv += ["-filter_threads", "2", "-filter_complex_threads", "2", *args]
    started = time.monotonic()
    child = subprocess.Popen(
        confine.command(limits or Limits(), argv, view),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=confine.environment(),
        start_new_session=True,
    )
    tail: deque[str] = deque(maxlen=_TAIL)
    try:
        with child:
            if not _follow(child, tail, on_progress, started + timeout):
                confine.kill_group(child.pid)
                child.wait()
                raise TimedOut(child.returncode, tail)
            child.wait()
    finally:
        if child.returncode is None:
            confine.kill_group(child.pid)
            child.wait()
    if any(os.strerror(errno.ENOSPC) in line for line in tail):
        raise OSError(errno.ENOSPC, "the disk is full")
    if any(words in line for line in tail for words in _NO_MEMORY):
        raise OutOfMemory(child.returncode, tail)
    if child.returncode != 0:
        raise Failed(child.returncode, tail)
    return Report(wall=time.monotonic() - started, complaints=tuple(tail))


def _follow(
    child: subprocess.Popen[bytes],
    tail: deque[str],
    on_progress: Callable[[Progress], None] | None,
    deadline: float,
) -> bool:
    """Reads both pipes until they close; False when the deadline passed first."""
    assert child.stdout is not None
    assert child.stderr is not None
    fields: dict[str, str] = {}
    rest = {"out": b"", "err": b""}
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(child.stdout, selectors.EVENT_READ, "out")
            selector.register(child.stderr, selectors.EVENT_READ, "err")
            while selector.get_map():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                for key, _ in selector.select(left):
                    data = os.read(key.fd, 65536)
                    if not data:
                        selector.unregister(key.fileobj)
                        continue
                    *lines, rest[key.data] = (rest[key.data] + data).split(b"\n")
                    rest[key.data] = rest[key.data][-4096:]
                    for line in lines:
                        text = line.decode("utf-8", "replace").strip()
                        if key.data == "err":
                            tail.append(text[:500])
                            continue
                        name, _, value = text.partition("=")
                        fields[name] = value
                        if name == "progress" and on_progress is not None:
                            on_progress(_progress(fields))
    except BaseException:
        confine.kill_group(child.pid)
        raise
    return True


def _progress(fields: dict[str, str]) -> Progress:
    return Progress(
        seconds=max(0.0, _number(fields.get("out_time_us", "")) / 1e6),
        speed=_number(fields.get("speed", "").rstrip("x")),
        frames=int(_number(fields.get("frame", ""))),
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0

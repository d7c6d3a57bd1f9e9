"""A live FFmpeg: one supervised child between a source and a channel's renditions.

Its input and outputs are socket pairs instead of pipes: reading and writing them gives way to others in a process
that is monkey-patched for eventlet or gevent, and blocks only its own thread in one that is not.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from miitti.foundation import boxes, confine, ffmpeg, renditions
from miitti.foundation.packager import HIGH, LOW, SOUND, Channel, Rendition

NAMES = (HIGH, LOW, SOUND)

PART_US = 333_000
"""Microseconds after which FFmpeg ends a fragment."""
LOW_HEIGHT = 360
STUCK = 10.0
"""Seconds FFmpeg may take to read what it is given before it is taken for dead."""
_LIMITS = confine.Limits(cpu=0, file=1, nice=0)

#: What a live source may be: FLV from RTMP, WebM or MP4 from a browser, MPEG-TS from SRT.
_FORMATS = {"flv": "flv,live_flv", "webm": "matroska,webm", "mp4": "mov", "mpegts": "mpegts"}


@dataclass(frozen=True)
class Source:
    """What is to be sent: arguments up to and including the inputs, and where each rendition takes its streams."""

    before: tuple[str, ...]
    outputs: tuple[tuple[str, ...], ...]
    """One list of output options a rendition, in the order of NAMES."""
    fed: bool = False
    """Whether bytes are written to its standard input."""


@dataclass
class Health:
    """What a source is like just now."""

    seconds: float = 0.0
    """Seconds sent on so far."""
    frames: int = 0
    """Pictures sent on so far."""


def film(folder: Path, high: str, low: str, sound: str | None, at: float) -> Source:
    """A finished video's renditions in `folder`, at the pace of the clock from `at` seconds on, copied.

    `high`, `low` and `sound` name the rungs' folders; without `sound` silence is added.
    """
    before: list[str] = []
    # Reading begins at a segment; a moment inside it is meant, or the one before would be sent in a hurry.
    at = at - at % renditions.SEGMENT + 0.3 if at >= renditions.SEGMENT else 0.0
    for rung in (high, low, *([sound] if sound else [])):
        before += ["-protocol_whitelist", "file", "-readrate", "1"]
        before += ["-ss", f"{at:.3f}"] if at else []
        before += ["-i", str(folder / rung / renditions.PLAYLIST)]
    copied = ("-c", "copy")
    if sound:
        maps = [("0:v:0", "0:a:0"), ("1:v:0", "1:a:0"), ("2:a:0",)]
        return Source(tuple(before), tuple((*_maps(*streams), *copied) for streams in maps))
    before += _SILENCE
    quiet = ("-c:v", "copy", "-c:a", "aac", "-b:a", "32k", "-shortest")
    outputs = ((*_maps("0:v:0", "2:a"), *quiet), (*_maps("1:v:0", "2:a"), *quiet), (*_maps("2:a"), *quiet))
    # silence alone never ends, so it is cut where the film is
    return Source(tuple(before), outputs)


def slate(picture: Path) -> Source:
    """A still picture with silence, for ever."""
    before = ("-readrate", "1", "-loop", "1", "-framerate", "5", "-i", str(picture), *_SILENCE)
    encoded = ("-c:v", "libx264", "-preset", "veryfast", "-tune", "stillimage", "-pix_fmt", "yuv420p", "-g", "10")
    sound = ("-c:a", "aac", "-b:a", "32k")
    return Source(
        before,
        (
            (*_maps("0:v", "1:a"), *encoded, *sound),
            (*_maps("0:v", "1:a"), "-vf", f"scale=-2:{LOW_HEIGHT}", *encoded, *sound),
            (*_maps("1:a"), *sound),
        ),
    )


def sent(form: str, *, copied: bool, sound: bool, copied_sound: bool = True) -> Source:
    """What somebody sends live in `form` ("flv", "webm", "mp4", "mpegts").

    `copied` keeps the picture as it is (H.264 4:2:0 with keyframes near each other); otherwise it is encoded anew.
    Without `sound` silence is added. The light rung is always encoded, with its keyframes where the source has them.
    """
    before = [
        "-fflags", "nobuffer", "-protocol_whitelist", "pipe,fd", "-format_whitelist", _FORMATS[form],
        "-codec_whitelist", ",".join(ffmpeg.CODECS), "-max_pixels", str(ffmpeg.MAX_PIXELS), "-threads", "2",
        "-probesize", "1000000", "-analyzeduration", "1500000", "-f", "live_flv" if form == "flv" else form,
        "-i", "pipe:0",
    ]  # fmt: skip
    heard = "0:a:0" if sound else "1:a"
    if not sound:
        before += _SILENCE
    voice = ("-c:a", "copy") if copied and sound and copied_sound else _VOICE
    high: tuple[str, ...]
    if copied:
        high = ("-c:v", "copy", "-tag:v", "avc1")
        keys = ("-force_key_frames", "source")
    else:
        keys = ("-force_key_frames", "expr:gte(t,n_forced*2)")
        high = (*_PICTURE, "-vf", "scale='min(1280,iw)':-2", "-maxrate", "2500k", "-bufsize", "2500k", *keys)
    low = (*_PICTURE, "-vf", f"scale=-2:{LOW_HEIGHT}", "-maxrate", "600k", "-bufsize", "600k", *keys)
    return Source(
        tuple(before),
        (
            (*_maps("0:v:0", heard), *high, *voice),
            (*_maps("0:v:0", heard), *low, *_VOICE),
            (*_maps(heard), *_VOICE),
        ),
        fed=True,
    )


_SILENCE = ("-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo")
_VOICE = ("-c:a", "aac", "-b:a", "64k", "-ac", "2", "-af", "aresample=48000:async=1000")
_PICTURE = (
    "-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-profile:v", "main", "-pix_fmt", "yuv420p",
    "-crf", "26", "-sc_threshold", "0", "-threads", "2", "-fps_mode", "vfr",
)  # fmt: skip


def _maps(*streams: str) -> tuple[str, ...]:
    return tuple(word for stream in streams for word in ("-map", stream))


class Run:
    """One child from its start to its end; `done` is set when it has given all it had."""

    def __init__(
        self,
        source: Source,
        channel: Channel,
        *,
        choice: str | None = None,
        replaces: Run | None = None,
        after: Run | None = None,
        woken: Callable[[], None] = lambda: None,
    ) -> None:
        """Start. What `replaces` sends goes on until the first piece is here; `woken()` is called at the end.

        With `after` it stands ready, and begins when that one has given all it had.
        """
        self._replaces = replaces
        self._after = after
        self.done = threading.Event()
        self.health = Health()
        self.tail: deque[str] = deque(maxlen=20)
        self._woken = woken
        self._stopped = False
        self._open = len(source.outputs)
        self._ours: list[socket.socket] = []
        theirs: list[socket.socket] = []
        argv = [ffmpeg.binary(choice), "-hide_banner", "-nostats", "-loglevel", "warning", *source.before]
        for options in source.outputs:
            mine, its = socket.socketpair()
            self._ours.append(mine)
            theirs.append(its)
            argv += [*options, "-map_metadata", "-1", "-map_chapters", "-1", "-flags", "+global_header"]
            argv += ["-movflags", "frag_keyframe+empty_moov+default_base_moof+skip_trailer"]
            argv += ["-frag_duration", str(PART_US), "-flush_packets", "1", "-muxdelay", "0"]
            argv += ["-f", "mp4", f"pipe:{its.fileno()}"]
        self._input: socket.socket | None = None
        given: socket.socket | None = None
        if source.fed:
            self._input, given = socket.socketpair()
            self._input.settimeout(STUCK)
            theirs.append(given)
        mine, said = socket.socketpair()
        theirs.append(said)
        self._said = mine
        for end in theirs:
            os.set_inheritable(end.fileno(), True)
        self._child = subprocess.Popen(
            confine.command(_LIMITS, argv),
            stdin=subprocess.DEVNULL if given is None else given.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=said.fileno(),
            pass_fds=[end.fileno() for end in theirs],
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        for end in theirs:
            end.close()
        self.started = time.monotonic()
        for number, name in enumerate(NAMES):
            _thread(self._read, self._ours[number], channel.renditions[name], number == 0)
        _thread(self._hear)

    def write(self, data: bytes) -> bool:
        """Give bytes to the child; False when it does not take them any more."""
        if self._input is None or self._stopped:
            return False
        try:
            self._input.sendall(data)
        except OSError:
            return False
        return True

    def finish(self) -> None:
        """Nothing more comes in; what is there is still sent."""
        if self._input is not None:
            with contextlib.suppress(OSError):
                self._input.shutdown(socket.SHUT_WR)

    def stop(self) -> None:
        """End the child now; nothing of it reaches the channel any more."""
        self._stopped = True
        if self._replaces is not None:
            self._replaces.stop()
        if not self.done.is_set():
            confine.kill_group(self._child.pid)
        for end in (*self._ours, self._said, *([self._input] if self._input else [])):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _is_stopped(self) -> bool:
        return self._stopped

    def _read(self, end: socket.socket, rendition: Rendition, leading: bool) -> None:
        reader = boxes.Reader()
        if self._after is not None:
            self._after.done.wait()
        try:
            while not self._stopped and (data := end.recv(262_144)):
                for piece in reader.feed(data):
                    if self._is_stopped():  # by somebody else, while this one waited
                        break
                    if self._replaces is not None:
                        before, self._replaces = self._replaces, None
                        before.stop()
                    if isinstance(piece, boxes.Init):
                        rendition.begin(piece)
                        continue
                    rendition.add(piece)
                    if leading:
                        self.health.seconds += piece.seconds
                        self.health.frames += piece.samples
        except (OSError, boxes.Broken) as error:
            if not self._stopped:
                self.tail.append(f"{rendition.name}: {error}")
        end.close()
        self._open -= 1
        if self._open == 0:
            self._ended()

    def _ended(self) -> None:
        try:
            self._child.wait(3)
        except subprocess.TimeoutExpired:
            confine.kill_group(self._child.pid)
            self._child.wait()
        if self._input is not None:
            self._input.close()
        self.done.set()
        self._woken()

    def _hear(self) -> None:
        rest = b""
        with contextlib.suppress(OSError):
            while data := self._said.recv(8192):
                *lines, rest = (rest + data).split(b"\n")
                self.tail.extend(line.decode("utf-8", "replace")[:300] for line in lines)
                rest = rest[-1000:]
        self._said.close()


def _thread(target: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, daemon=True).start()


def shortened(source: Source, seconds: float) -> Source:
    """The same, ended after `seconds` of output."""
    return replace(source, outputs=tuple((*options, "-t", f"{seconds:.3f}") for options in source.outputs))

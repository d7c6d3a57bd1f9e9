"""Looks into a file somebody sent: what is in it, and whether it can be taken at all.

The looking is done by PyAV in a process of its own with limits (`python -m miitti.foundation.probe FILE`), because the
file is hostile until shown otherwise and because opening it blocks for 36 to 128 ms.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from miitti.foundation import confine
from miitti.foundation.ffmpeg import AUDIO_CODECS, CODECS, FORMATS, MAX_PIXELS, VIDEO_CODECS

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

#: What the probe's process may use: it decodes one frame and reads an index.
LIMITS = confine.Limits(cpu=60, file=confine.MIB, files=64, network=False)

#: Bytes of one decoded picture: 8K in eight bits, or 5K in ten, fits; 8K in ten takes FFmpeg more than a GiB.
MAX_PICTURE = MAX_PIXELS * 3 // 2

#: What FFmpeg says of a picture over the limit.
_OVER = "exceeds specified max pixel count"

#: First bytes of containers we take, so that a broken one is called damaged and not "no video".
_OURS = ((4, b"ftyp"), (4, b"moov"), (4, b"mdat"), (0, b"\x1a\x45\xdf\xa3"), (8, b"AVI "), (0, b"\x47"))
#: First bytes of video containers we do not take.
_OTHERS = ((0, b"OggS"), (0, b"\x30\x26\xb2\x75"), (0, b"FLV"), (0, b"\x00\x00\x01\xba"), (0, b".RMF"))


class Fault(StrEnum):
    """Why a file cannot be taken."""

    EMPTY = "empty"
    NOT_A_VIDEO = "not_a_video"
    NO_PICTURE = "no_picture"
    CODEC = "codec"
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"


class Unreadable(Exception):
    """The file cannot be taken; `fault` says why, `detail` is for the log."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        self.fault = fault
        self.detail = detail
        super().__init__(f"{fault}: {detail}")


@dataclass(frozen=True)
class Picture:
    """The video stream that is used."""

    index: int
    codec: str
    profile: str
    pixels: str
    #: As it is seen: turned upright and with square pixels.
    width: int
    height: int
    #: Degrees the decoded picture must be turned, counter-clockwise.
    rotation: int
    square: bool
    #: Frames a second, as "30000/1001"; a guess for files with a varying rate.
    rate: str
    #: Transfer characteristics by their number in H.273: 16 is PQ, 18 is HLG.
    transfer: int
    #: Bits a second; 0 when not known.
    bit_rate: int
    #: Seconds; 0 when not known.
    duration: float
    #: Seconds at which the keyframes stand, from the stream's first picture.
    keyframes: tuple[float, ...]
    #: Seconds between the two keyframes farthest apart, the end included.
    keyframe_gap: float

    @property
    def frames_a_second(self) -> float:
        """The rate as a number."""
        return float(Fraction(self.rate))


@dataclass(frozen=True)
class Sound:
    """The audio stream that is used."""

    index: int
    codec: str
    profile: str
    channels: int
    sample_rate: int
    #: Seconds; 0 when not known.
    duration: float


@dataclass(frozen=True)
class Media:
    """What a file holds."""

    container: str
    #: Seconds.
    duration: float
    #: Bytes.
    size: int
    picture: Picture
    sound: Sound | None


def look(path: Path, *, timeout: float = 90.0, hidden: tuple[Path, ...] = ()) -> Media:
    """Probes the file in a process of its own, which sees nothing else of the folders `hidden`. Raises `Unreadable`."""
    path = path.absolute()
    argv = [sys.executable, "-m", "miitti.foundation.probe", str(path)]
    child = subprocess.Popen(
        confine.command(LIMITS, argv, confine.View(reads=(path,), hidden=hidden)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=confine.ROOT,
        env=confine.environment(),
        start_new_session=True,
    )
    try:
        out, err = child.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Unreadable(Fault.DAMAGED, f"no answer in {timeout:.0f} s") from None
    finally:
        if child.returncode is None:
            confine.kill_group(child.pid)
            child.communicate()
    if child.returncode != 0:
        detail = err.decode("utf-8", "replace").strip()[-400:]
        raise Unreadable(Fault.DAMAGED, f"probe ended with {child.returncode}: {detail}")
    answer: dict[str, Any] = json.loads(out)
    if "fault" in answer:
        raise Unreadable(Fault(answer["fault"]), answer["detail"])
    picture = answer.pop("picture")
    sound = answer.pop("sound")
    return Media(
        **answer,
        picture=Picture(**{**picture, "keyframes": tuple(picture["keyframes"])}),
        sound=Sound(**sound) if sound else None,
    )


def open_and_read(path: Path) -> Media:
    """The probing itself, in this process. Raises `Unreadable`."""
    import av

    # A picture over the limit is left out without an error: only this complaint tells what size it has.
    av.logging.set_level(av.logging.ERROR)
    size = path.stat().st_size
    if size == 0:
        raise Unreadable(Fault.EMPTY)
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": ",".join(FORMATS),
        "codec_whitelist": ",".join(CODECS),
        "max_pixels": str(MAX_PIXELS),
    }
    with av.logging.Capture(local=False) as complaints:
        try:
            with av.open(str(path), options=options) as container:
                return _read(container, size)
        except (av.FFmpegError, ValueError) as error:
            refusal = Unreadable(_sniff(path), str(error))
        except Unreadable as error:
            refusal = error
    if refusal.fault == Fault.DAMAGED and any(_OVER in words for _level, _where, words in complaints):
        refusal = Unreadable(Fault.TOO_MANY_PIXELS, refusal.detail)
    raise refusal from None


def _sniff(path: Path) -> Fault:
    """What to call a file that would not open, by its first bytes."""
    with path.open("rb") as file:
        head = file.read(192)
    if any(head[at : at + len(mark)] == mark for at, mark in _OTHERS):
        return Fault.CODEC
    for at, mark in _OURS:
        if head[at : at + len(mark)] == mark and (mark != b"\x47" or head[188:189] == b"\x47"):
            return Fault.DAMAGED
    return Fault.NOT_A_VIDEO


def _read(container: InputContainer, size: int) -> Media:
    from av.stream import Disposition

    video = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    audio = list(container.streams.audio)
    if not video:
        raise Unreadable(Fault.NO_PICTURE)
    stream = next((s for s in video if _codec(s) in VIDEO_CODECS), None)
    if stream is None:
        raise Unreadable(Fault.CODEC, ",".join(_codec(s) for s in video))
    sound = next((s for s in audio if _codec(s) in AUDIO_CODECS), None)
    if audio and sound is None:
        # Taking the picture alone would lose the words without a word.
        raise Unreadable(Fault.CODEC, ",".join(_codec(s) for s in audio))
    context = stream.codec_context
    _small_enough(context)
    if context.width < 16 or context.height < 16:
        raise Unreadable(Fault.DAMAGED, f"{context.width}x{context.height}")
    rotation = _first_frame(container, stream)
    keyframes, end, whole = _index(container, stream, sound, size)
    if not whole:
        raise Unreadable(Fault.DAMAGED, "the file is shorter than its own index says")
    duration = _promised(container, stream)
    own = _own(container, stream)
    duration = duration or own or end
    if duration <= 0:
        raise Unreadable(Fault.DAMAGED, "no duration")
    aspect = stream.sample_aspect_ratio or Fraction(1)
    if not Fraction(1, 10) < aspect < 10:
        aspect = Fraction(1)
    width, height = round(context.width * aspect), context.height
    if rotation % 180:
        width, height = height, width
    gaps = [b - a for a, b in zip(keyframes, [*keyframes[1:], own or end or duration], strict=True)]
    picture = Picture(
        index=stream.index,
        codec=_codec(stream),
        profile=context.profile or "",
        pixels=context.pix_fmt or "",
        width=width,
        height=height,
        rotation=rotation,
        square=aspect == 1,
        rate=str(stream.guessed_rate or stream.average_rate or Fraction(30)),
        transfer=int(context.color_trc or 0),
        bit_rate=context.bit_rate or round(size * 8 / duration),
        duration=own or end,
        keyframes=tuple(round(t, 4) for t in keyframes),
        keyframe_gap=round(max(gaps, default=duration), 3),
    )
    return Media(
        container=container.format.name,
        duration=round(duration, 3),
        size=size,
        picture=picture,
        sound=None
        if sound is None
        else Sound(
            index=sound.index,
            codec=_codec(sound),
            profile=sound.codec_context.profile or "",
            channels=sound.codec_context.channels,
            sample_rate=sound.codec_context.sample_rate or 0,
            duration=_own(container, sound),
        ),
    )


def _own(container: InputContainer, stream: VideoStream | AudioStream) -> float:
    """Seconds a stream says it lasts; 0 when it can't be told without reading it."""
    if _fragmented(container, stream) or not stream.duration or not stream.time_base:
        return 0.0
    return float(stream.duration * stream.time_base)


def _fragmented(container: InputContainer, stream: VideoStream | AudioStream) -> bool:
    """Whether it is an MP4 in pieces: its index names no pictures, and its lengths count from zero."""
    return "mov" in container.format.name and not stream.frames


def _promised(container: InputContainer, stream: VideoStream) -> float:
    """Seconds the container says it lasts, from its own beginning; 0 when it says nothing."""
    promised = (container.duration or 0) / 1_000_000
    if _fragmented(container, stream):
        # from zero, wherever its first picture or sound lies
        begins = [
            float(each.start_time * each.time_base) for each in container.streams if each.start_time and each.time_base
        ]
        promised -= max(begins, default=0.0)
    return promised


def _small_enough(context: VideoCodecContext) -> None:
    """Refuses a picture of which FFmpeg keeps more than it may have: a dozen stand between a file and its renditions.

    Raises `Unreadable`.
    """
    depth = 12  # bits a pixel, as most have
    if context.pix_fmt:
        import av

        depth = av.VideoFormat(context.pix_fmt).padded_bits_per_pixel or depth
    pixels = context.width * context.height
    if pixels > MAX_PIXELS or pixels * depth // 8 > MAX_PICTURE:
        raise Unreadable(Fault.TOO_MANY_PIXELS, f"{context.width}x{context.height} {context.pix_fmt}")


def _codec(stream: Stream) -> str:
    context = getattr(stream, "codec_context", None)
    return context.name if context is not None else "unknown"


def _first_frame(container: InputContainer, stream: VideoStream) -> int:
    """Decodes the first picture and gives its rotation, which only a decoded picture tells."""
    # `av.open` hands its options to the container only: the decoder gets its own.
    stream.codec_context.options = {"codec_whitelist": ",".join(CODECS), "max_pixels": str(MAX_PIXELS)}
    stream.codec_context.thread_count = 1
    for number, packet in enumerate(container.demux(stream)):
        for frame in packet.decode():
            return round(frame.rotation / 90) * 90 % 360
        if number > 600:
            break
    raise Unreadable(Fault.DAMAGED, "no picture could be decoded")


def _index(
    container: InputContainer, stream: VideoStream, sound: AudioStream | None, size: int
) -> tuple[list[float], float, bool]:
    """Keyframe times, the end of the last picture (both in seconds from the first), and whether all of it is there.

    An MP4 brings its index along. Other files, and fragmented MP4, are read through without decoding.
    """
    base = stream.time_base or Fraction(1, 90000)
    entries = list(stream.index_entries)
    if "mov" in container.format.name and len(entries) > 1 and len(entries) >= stream.frames > 0:
        whole = all(entry.pos + entry.size <= size for entry in entries)
        start = entries[0].timestamp
        step = entries[-1].timestamp - entries[-2].timestamp
        keys = [float((e.timestamp - start) * base) for e in entries if e.is_keyframe]
        return keys or [0.0], float((entries[-1].timestamp + step - start) * base), whole
    container.seek(0)
    first: float | None = None
    ends = {stream.index: 0.0}
    keys = []
    for packet in container.demux([stream, sound] if sound else [stream]):
        moment = packet.pts if packet.pts is not None else packet.dts
        if moment is None or packet.time_base is None:
            continue
        at = float(moment * packet.time_base)
        until = at + float((packet.duration or 0) * packet.time_base)
        ends[packet.stream.index] = max(ends.get(packet.stream.index, 0.0), until)
        if packet.stream.index == stream.index:
            first = at if first is None else min(first, at)
            if packet.is_keyframe:
                keys.append(at)
    begin = first or 0.0
    start_s = (container.start_time or 0) / 1_000_000
    whole = max(ends.values()) - start_s >= _promised(container, stream) * 0.98 - 0.25
    return [k - begin for k in keys] or [0.0], ends[stream.index] - begin, whole


def main(argv: list[str]) -> int:
    """Probes `argv[0]` and writes one JSON object; 0 also when the file cannot be taken."""
    try:
        answer: dict[str, Any] = dataclasses.asdict(open_and_read(Path(argv[0])))
    except Unreadable as refusal:
        answer = {"fault": str(refusal.fault), "detail": refusal.detail}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    # Leave without PyAV's own tidying: a hostile file has no further say.
    os._exit(code)

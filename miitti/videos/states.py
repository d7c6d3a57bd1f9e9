"""What a video can be, why one can't be taken, and the pure rules of the ladder.

The ladder's figures: a rung's picture rate and size follow the source, its bit rates are ceilings for an encoder that
aims at constant quality, so plain scenes cost less.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from miitti.foundation.probe import Media, Picture
from miitti.foundation.renditions import KEYFRAME, SEGMENT, Rung

#: Bytes of the largest file taken: an hour from a phone in Full HD.
MAX_BYTES = 4 * 1024**3
#: Seconds of the longest video taken.
MAX_SECONDS = 60 * 60
#: The share of the source's duration that must come out. A truncated file encodes without an error.
WHOLE = 0.98

#: Languages captions may be in.
CAPTION_LANGUAGES = ("fi", "sv", "en")
#: Characters of the longest captions file taken: about three hours of speech.
MAX_CAPTIONS = 400_000


#: Pictures offered as the poster, and how far into the video each is taken.
POSTERS = ("poster", "poster2", "poster3")
POSTERS_AT = {"poster": 0.15, "poster2": 0.45, "poster3": 0.75}
#: Bytes of the largest picture taken as a poster.
MAX_PICTURE = 20 * 1024**2
#: Chapters of one video, and characters of one's title.
MAX_CHAPTERS = 60
MAX_CHAPTER = 80
#: How long a recording may be up without captions: the 14 days of the Act on the Provision of Digital Services.
CAPTIONED_WITHIN = timedelta(days=14)


class State(StrEnum):
    """How far a video is."""

    RECEIVED = "received"
    """The file is here whole; nothing was done yet."""
    WORKING = "working"
    """Being looked at and encoded; nothing can be seen yet."""
    PLAYABLE = "playable"
    """Plays in one quality; the others are being made."""
    READY = "ready"
    """Everything is made."""
    UNPLAYABLE = "unplayable"
    """Nothing can be made of it; the reason says why."""


#: States in which visitors can see the video.
SEEN = (State.PLAYABLE, State.READY)
#: States in which the worker still has something to do.
UNDER_WAY = (State.RECEIVED, State.WORKING, State.PLAYABLE)


class Reason(StrEnum):
    """Why nothing can be made of a file. The first six are the probe's own words."""

    EMPTY = "empty"
    NOT_A_VIDEO = "not_a_video"
    NO_PICTURE = "no_picture"
    CODEC = "codec"
    DAMAGED = "damaged"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    OUR_FAULT = "our_fault"


@dataclass(frozen=True)
class Plan:
    """What is made of a source, and in which order: `first` is published at once, `rest` in one pass after it."""

    first: Rung
    rest: tuple[Rung, ...]
    #: Whether the colours must be brought from HDR to what every screen shows.
    tone_map: bool
    #: Whether an audio-only rendition is made.
    audio_only: bool
    #: Seconds at which every rung has a keyframe; empty: every `KEYFRAME` seconds.
    keyframes: tuple[float, ...]

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """All rungs, the lightest first."""
        return tuple(sorted((self.first, *self.rest), key=lambda rung: rung.width * rung.height))


#: Short edge, kbit/s of picture and of sound. The 240 rung with its sound stays near 150 kbit/s: one bar of signal.
_LADDER = ((240, 108, 40), (360, 560, 64), (720, 2200, 128), (1080, 4500, 128))
#: kbit/s of the audio-only rendition.
AUDIO_ONLY_KBIT = 64

_RATES = tuple(Fraction(n, d) for n, d in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1)))
_FAST = {Fraction(50): Fraction(25), Fraction(60): Fraction(30), Fraction(60000, 1001): Fraction(30000, 1001)}
#: H.273 transfer characteristics that mean HDR: PQ and HLG.
_HDR = (16, 18)


def rate(picture: Picture) -> Fraction:
    """The forced picture rate: the nearest usual one up to 30. An average rate is never trusted as it is."""
    given = Fraction(picture.rate)
    for fast, half in _FAST.items():
        if abs(given - fast) < Fraction(1, 2):
            return half
    if given > 31:
        return Fraction(30)
    if given < 12:
        return Fraction(15)
    if given < 20:
        return Fraction(round(given))
    return min(_RATES, key=lambda usual: abs(usual - given))


def eligible(media: Media) -> bool:
    """Whether the source's own picture may be served as it is, only cut into segments."""
    picture = media.picture
    return (
        picture.codec == "h264"
        and picture.pixels in ("yuv420p", "yuvj420p")
        and picture.profile in ("Constrained Baseline", "Baseline", "Main", "High", "Progressive High")
        and picture.rotation == 0
        and picture.square
        and picture.transfer not in _HDR
        and picture.keyframe_gap <= SEGMENT
        and picture.keyframes[0] < 0.1
        and 0 < picture.bit_rate <= 8_000_000
        and min(picture.width, picture.height) <= 1080
        and max(picture.width, picture.height) <= 1920
        and picture.frames_a_second <= 61
    )


def plan(media: Media) -> Plan:
    """Which rungs are made of a source. Portrait stays portrait; nothing is made larger than it was."""
    picture = media.picture
    short = min(picture.width, picture.height)
    frames = rate(picture)
    encoded = [
        Rung(
            f"{edge}p",
            *_fit(picture, min(edge, short)),
            frames / 2 if edge == 240 and frames > 20 else frames,
            video,
            audio,
        )
        for edge, video, audio in _LADDER
        # a source a few lines short of a rung, such as 1072, still counts as that rung
        if edge == 240 or short >= edge * 0.95
    ]
    top = encoded[-1]
    if short > 1.15 * min(top.width, top.height) and short < 0.95 * _LADDER[-1][0]:
        # A source between two rungs, such as 480p, keeps its own size; bits go with the picture's area.
        edge, video, audio = next(rung for rung in reversed(_LADDER) if short >= rung[0] * 0.95)
        encoded.append(Rung(f"{short}p", *_fit(picture, short), frames, round(video * (short / edge) ** 2), audio))
    sound = media.sound is not None
    tone_map = picture.transfer in _HDR
    if not eligible(media):
        return Plan(encoded[0], tuple(encoded[1:]), tone_map, sound, ())
    own = Rung(
        "source",
        picture.width,
        picture.height,
        Fraction(picture.rate),
        max(1, picture.bit_rate // 1000),
        128,
        copied=True,
    )
    # The copy stands for the rung of its own size unless it is far heavier; a light source needs none beside it.
    below = [
        rung
        for rung in encoded
        if (rung.width * rung.height < 0.9 * own.width * own.height and rung.video_kbit < 0.8 * own.video_kbit)
        or rung.video_kbit * 2.5 < own.video_kbit
    ]
    return Plan(own, tuple(below), tone_map, sound, anchors(picture.keyframes))


def anchors(keyframes: Sequence[float]) -> tuple[float, ...]:
    """Those of the source's keyframes where the other rungs have one too, in seconds.

    Segments are cut at the first keyframe at or after each multiple of `SEGMENT`; a source may have many more, which
    would cost the others bits and make the command too long for the kernel.
    """
    kept: list[float] = []
    cuts = 0
    for at in keyframes:
        if at >= cuts * SEGMENT - 0.001:
            cuts += 1
        elif kept and at - kept[-1] < KEYFRAME - 0.001:
            continue
        kept.append(at)
    return tuple(kept)


def _fit(picture: Picture, short: int) -> tuple[int, int]:
    """Width and height with that short edge, both even as 4:2:0 needs, and the long one at most 1920."""
    scale = min(short / min(picture.width, picture.height), 1920 / max(picture.width, picture.height))
    return _even(picture.width * scale), _even(picture.height * scale)


def _even(length: float) -> int:
    return max(16, 2 * round(length / 2))


def chapters(text: str, duration: float | None) -> list[dict[str, object]]:
    """Chapters written a line each, `1:05 Title`. Raises ValueError with the number of the line that can't be read."""
    found: list[dict[str, object]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _CHAPTER.fullmatch(line.strip())
        if match is None or len(found) >= MAX_CHAPTERS:
            raise ValueError(number)
        at = int(match[1] or 0) * 3600 + int(match[2]) * 60 + int(match[3])
        if (found and at <= int(str(found[-1]["at"]))) or (duration and at >= duration):
            raise ValueError(number)
        found.append({"at": at, "title": match[4][:MAX_CHAPTER]})
    return found


def clock(seconds: float) -> str:
    """Seconds as people write them: 1:05, or 1:02:03."""
    whole_s = int(seconds)
    hours, minutes, rest = whole_s // 3600, whole_s // 60 % 60, whole_s % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def days_to_caption(recorded_at: datetime | None, now: datetime) -> int | None:
    """Days left to caption a recording, negative when it is late; None for a video that is no recording."""
    return None if recorded_at is None else (recorded_at + CAPTIONED_WITHIN - now).days


_CHAPTER = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):([0-5]\d)\s+(\S.*)")


def whole(made: float, source: float) -> bool:
    """Whether `made` seconds are all of a source of `source` seconds, give or take a quarter of a second."""
    return made >= source * WHOLE - 0.25


def fraction(stage: int, of_stage: float, plan: Plan) -> float:
    """How much of all work is done, 0 to 1, `of_stage` into stage 0 (the first rung) or 1 (the rest)."""
    if not plan.rest and not plan.audio_only:
        share = 1.0
    else:
        share = 0.05 if plan.first.copied else 0.25
    done = min(1.0, max(0.0, of_stage))
    return done * share if stage == 0 else share + done * (1 - share)

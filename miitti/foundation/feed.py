"""What a publisher sends, looked at on its way: whether it can be kept as it is, how it fares, and where it begins."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from miitti.foundation import rtmp

KEEPABLE = {66, 77, 88, 100}
"""H.264 profiles every browser plays: Baseline, Main, Extended, High. Others (4:2:2, 4:4:4, 10 bits) are encoded."""
SPARSE = 7.0
"""Seconds without a keyframe after which the picture is encoded anew, or viewers would wait that long."""
HELD = 24 * 1024 * 1024
"""Bytes kept since the last keyframe, for a child that begins later."""
SOUND_LATE = 0.7
"""Seconds of picture after which a source without sound is taken for silent."""


class Taker(Protocol):
    """Who reads the feed: a running FFmpeg."""

    def write(self, data: bytes) -> bool:
        """Take bytes; False when it does not any more."""
        ...


@dataclass(frozen=True)
class Vitals:
    """How a source fares; figures over the last seconds."""

    kbit_s: int
    fps: float
    keyframe_s: float
    """Seconds between the last two keyframes; 0 while not known."""
    quiet_s: float
    """Seconds since anything came."""
    behind_s: float
    """Seconds its own clock has lost against ours since it began: pictures that wait on a thin line."""


class Feed:
    """One publisher's tags."""

    form = "flv"

    def __init__(self, *, gone: Callable[[Feed], None], woken: Callable[[], None] = lambda: None) -> None:
        self.since = time.time()
        self.copied = True
        """Whether the picture may be kept as it is."""
        self.copied_sound = True
        self.sound = False
        self.alive = True
        self.unwanted = False
        """Set to end the connection at its next word."""
        self._gone = gone
        self._woken = woken
        self._heads: dict[int, bytes] = {}
        self._group: list[bytes] = []
        self._held = 0
        self._taker: Taker | None = None
        self._handing = False
        self._first_picture: tuple[float, int] | None = None
        self._key_at: float | None = None
        self._keyframe_s = 0.0
        self._last = time.monotonic()
        self._sizes: deque[tuple[float, int, bool]] = deque(maxlen=900)
        self._behind = 0.0
        self._lead = 0.0

    # -- from the publisher ----------------------------------------------------------------------------------

    def take(self, kind: int, at: int, data: bytes) -> bool:
        """Take a tag; False when this publisher is not wanted any more."""
        if self.unwanted:
            return False
        now = self._last = time.monotonic()
        self._sizes.append((now, len(data), kind == rtmp.VIDEO))
        whole = rtmp.tag(kind, at, data)
        if kind == rtmp.DATA:
            return True
        header = self._look(kind, at, data, now)
        if header:
            self._heads[kind] = rtmp.tag(kind, 0, data)
        elif kind == rtmp.VIDEO and data[0] >> 4 & 7 == 1:
            self._group, self._held = [], 0
        if not header and (self._group or (kind == rtmp.VIDEO and data[0] >> 4 & 7 == 1)):
            self._held += len(whole)
            if self._held <= HELD:
                self._group.append(whole)
        taker = self._taker
        if taker is not None:
            self._handing = True
            taken = taker.write(whole)
            self._handing, self._last = False, time.monotonic()
            if not taken:
                self._taker = None
                self._woken()
        return True

    def _look(self, kind: int, at: int, data: bytes, now: float) -> bool:
        """Note what the tag tells; whether it is a header that has to come first."""
        if kind == rtmp.AUDIO:
            self.sound = True
            aac = data[0] >> 4 == 10
            self.copied_sound = self.copied_sound and aac
            return aac and len(data) > 1 and data[1] == 0
        wide = bool(data[0] & 0x80)  # enhanced RTMP: HEVC, AV1
        if wide and data[0] & 15 == 0:
            self.copied = False
            return True
        avc = not wide and data[0] & 15 == 7
        if avc and len(data) > 1 and data[1] == 0:
            if len(data) > 6 and data[6] not in KEEPABLE:
                self.copied = False
            return True
        if not avc:
            self.copied = False
        if self._first_picture is None:
            self._first_picture = (now, at)
            self._woken()
        # The least that ever lay between our clock and the source's is its beginning; what is above it waits.
        lead = (now - self._first_picture[0]) - (at - self._first_picture[1]) / 1000
        self._lead = min(self._lead, lead)
        self._behind = lead - self._lead
        if data[0] >> 4 & 7 == 1:
            if self._key_at is not None:
                self._keyframe_s = now - self._key_at
            self._key_at = now
        elif self._key_at is not None and now - self._key_at > SPARSE and self.copied:
            self.copied = False
            self._woken()
        return False

    def gone(self) -> None:
        """The publisher is gone."""
        self.alive = False
        self._taker = None
        self._gone(self)

    # -- to the encoder --------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether enough is known to begin: a keyframe, and sound or the certainty of none."""
        if not self.alive or not self._group or self._first_picture is None:
            return False
        return self.sound or time.monotonic() - self._first_picture[0] >= SOUND_LATE

    @property
    def quiet(self) -> float:
        """Seconds since anything came; 0 while it is we who keep the source waiting."""
        return 0.0 if self._handing else time.monotonic() - self._last

    def attach(self, taker: Taker) -> None:
        """Let `taker` have everything from the last keyframe on."""
        head = b"FLV\x01" + bytes([5 if self.sound else 1]) + b"\0\0\0\x09\0\0\0\0"
        begun = head + b"".join(self._heads.get(kind, b"") for kind in (rtmp.VIDEO, rtmp.AUDIO))
        self._taker = None
        group, given = self._group, 0
        if not taker.write(begun):
            return
        # more may come while this is written
        while group is not self._group or given < len(group):
            if group is not self._group:
                group, given = self._group, 0
            batch = group[given:]
            given += len(batch)
            if not taker.write(b"".join(batch)):
                return
        self._taker = taker

    @property
    def attached(self) -> bool:
        """Whether somebody takes it."""
        return self._taker is not None

    def detach(self) -> None:
        """Nobody takes it any more."""
        self._taker = None

    def vitals(self) -> Vitals:
        """How it fares."""
        now = time.monotonic()
        late = [entry for entry in self._sizes if now - entry[0] <= 5]
        span = max(1.0, min(5.0, now - late[0][0])) if late else 1.0
        waited = now - self._key_at if self._key_at is not None else 0.0
        return Vitals(
            kbit_s=round(sum(size for _, size, _ in late) * 8 / span / 1000),
            fps=round(sum(picture for _, _, picture in late) / span, 1),
            keyframe_s=round(max(self._keyframe_s, waited if waited > SPARSE else 0.0), 1),
            quiet_s=round(self.quiet, 1),
            behind_s=round(self._behind, 1),
        )

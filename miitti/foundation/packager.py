"""Live HLS from fragmented MP4: parts, segments, playlists that wait for what comes, and whoever keeps a copy.

A `Channel` is what one show sends: the same minutes as several `Rendition`s. Each gets fragments from a pipe, makes
them parts (about a third of a second) and closes a segment at a keyframe. Only the last minute lies in memory. Every
fresh source is a new run: its clock begins anew, so its first segment follows an EXT-X-DISCONTINUITY (RFC 8216bis).
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from miitti.foundation.boxes import Fragment, Init

HIGH, LOW, SOUND = "high", "low", "audio"
"""The renditions of a channel: the source's own picture, a light one for bad lines, sound alone."""

WINDOW = 60.0
"""Seconds kept in memory: 6 Mbit/s cost 45 MB."""
SHORTEST = 1.0
"""Seconds a segment lasts at least; it is then closed at the next keyframe."""
LONGEST = 12.0
"""Seconds after which a segment is closed without a keyframe, so that a source without any still moves on."""
PART_TARGET = 0.5
"""The promise about parts: FFmpeg cuts after 333 ms, at the next frame."""
TARGET = 2
"""EXT-X-TARGETDURATION in seconds, unless a segment in the window is longer."""
PATIENCE = 8.0
"""Seconds a request waits for what it asked."""


@dataclass
class Segment:
    """A piece of a rendition that begins with a keyframe (save where a source gives none)."""

    number: int
    init: int
    began: datetime
    fresh: bool
    """Whether it is the first of a run."""
    parts: list[Fragment] = field(default_factory=list)
    done: bool = False

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return sum(part.seconds for part in self.parts)

    @property
    def data(self) -> bytes:
        """Its bytes."""
        return b"".join(part.data for part in self.parts)


Keep = Callable[["Rendition", Segment], None]
"""Told of every closed segment; it must not raise and not dawdle."""


class Rendition:
    """One quality of a channel."""

    def __init__(self, name: str, first: int, changed: threading.Condition, keep: Keep) -> None:
        self.name = name
        self.inits: dict[int, Init] = {}
        self.segments: deque[Segment] = deque()
        self.ended = False
        self._next = first
        # Higher after a restart as well, yet small: hls.js keeps a list as long as this number and walks along it.
        self._discontinuities = first // 10 % 8640
        self._init = first
        self._fresh = True
        self._clock = datetime.now(UTC)
        self._changed = changed
        self._keep = keep

    # -- what comes in ---------------------------------------------------------------------------------------

    def begin(self, init: Init) -> None:
        """A new run: other clocks, other codecs perhaps."""
        with self._changed:
            self._close()
            self._init += 1
            self.inits[self._init] = init
            self._fresh = True
            self.ended = False

    def add(self, part: Fragment) -> None:
        """Take the next fragment."""
        with self._changed:
            last = self.segments[-1] if self.segments and not self.segments[-1].done else None
            if part.begins < 0:
                if last is not None and last.parts:
                    kept = last.parts[-1]
                    last.parts[-1] = Fragment(
                        kept.data + part.data, kept.begins, kept.seconds, kept.independent, kept.samples
                    )
                return
            if last is None or (part.independent and last.seconds >= SHORTEST) or last.seconds >= LONGEST:
                self._close()
                last = self._open()
            last.parts.append(part)
            self._clock += timedelta(seconds=part.seconds)
            self._changed.notify_all()

    def rest(self, *, ended: bool = False) -> None:
        """The run is over; with `ended` the whole show."""
        with self._changed:
            self._close()
            self.ended = ended
            self._changed.notify_all()

    def _open(self) -> Segment:
        now = datetime.now(UTC)
        # The wall clock sets a run's beginning; inside a run the media's own clock goes on, unless they part by far.
        if self._fresh or abs((now - self._clock).total_seconds()) > 2:
            self._clock = now
        made = Segment(self._next, self._init, self._clock, self._fresh)
        self._next += 1
        self._fresh = False
        self.segments.append(made)
        return made

    def _close(self) -> None:
        if not self.segments or self.segments[-1].done:
            return
        last = self.segments[-1]
        last.done = True
        self._keep(self, last)
        kept = sum(segment.seconds for segment in self.segments)
        while kept > WINDOW and len(self.segments) > 3:
            gone = self.segments.popleft()
            kept -= gone.seconds
            self._discontinuities += gone.fresh
        used = {segment.init for segment in self.segments} | {self._init}
        self.inits = {number: init for number, init in self.inits.items() if number in used}

    # -- what goes out ---------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether a player has something to begin with."""
        return bool(self.segments)

    def has(self, number: int, part: int | None) -> bool:
        """Whether the playlist would tell of that segment, or of that part of it."""
        if not self.segments:
            return False
        last = self.segments[-1]
        if last.number > number or self.ended:
            return True
        if last.number < number:
            return False
        return last.done if part is None else last.done or len(last.parts) > part

    @property
    def newest(self) -> int:
        """Number of the last segment."""
        return self.segments[-1].number if self.segments else self._next

    def playlist(self) -> str:
        """The media playlist as of now."""
        target = max([TARGET, *(round(s.seconds) for s in self.segments if s.done)])
        longest = max([PART_TARGET, *(p.seconds for s in self.segments for p in s.parts)])
        first = self.segments[0].number if self.segments else self._next
        lines = [
            "#EXTM3U",
            "#EXT-X-VERSION:9",
            f"#EXT-X-TARGETDURATION:{target}",
            f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={longest * 3:.3f},HOLD-BACK={target * 3}",
            f"#EXT-X-PART-INF:PART-TARGET={longest:.3f}",
            f"#EXT-X-MEDIA-SEQUENCE:{first}",
            f"#EXT-X-DISCONTINUITY-SEQUENCE:{self._discontinuities}",
        ]
        init = None
        for place, segment in enumerate(self.segments):
            if segment.fresh and place:
                lines.append("#EXT-X-DISCONTINUITY")
            if segment.init != init:
                lines.append(f'#EXT-X-MAP:URI="{self.name}/init{segment.init}.mp4"')
                init = segment.init
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{stamp(segment.began)}")
            if place >= len(self.segments) - 3:
                for number, part in enumerate(segment.parts):
                    free = ",INDEPENDENT=YES" if part.independent else ""
                    uri = f"{self.name}/{segment.number}.{number}.m4s"
                    lines.append(f'#EXT-X-PART:DURATION={part.seconds:.5f},URI="{uri}"{free}')
            if segment.done:
                lines += [f"#EXTINF:{segment.seconds:.5f},", f"{self.name}/{segment.number}.m4s"]
        if self.ended:
            lines.append("#EXT-X-ENDLIST")
        elif self.segments:
            last = self.segments[-1]
            number, part_ = (self._next, 0) if last.done else (last.number, len(last.parts))
            lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{self.name}/{number}.{part_}.m4s"')
        return "\n".join(lines) + "\n"

    def segment(self, number: int) -> bytes | None:
        """A whole segment, or None when it is gone or not there yet."""
        found = self._found(number)
        return found.data if found is not None and found.done else None

    def part(self, number: int, part: int) -> bytes | None:
        """A part of a segment, or None."""
        found = self._found(number)
        return found.parts[part].data if found is not None and part < len(found.parts) else None

    def _found(self, number: int) -> Segment | None:
        if not self.segments:
            return None
        at = number - self.segments[0].number
        return self.segments[at] if 0 <= at < len(self.segments) else None


class Channel:
    """What one show sends."""

    def __init__(self, names: Sequence[str], keep: Keep = lambda _rendition, _segment: None) -> None:
        # Numbers begin at the time of day: after a restart they are above every number given out before.
        first = int(time.time())
        self.changed = threading.Condition()
        self.renditions = {name: Rendition(name, first, self.changed, keep) for name in names}

    @property
    def ready(self) -> bool:
        """Whether every rendition has something to begin with."""
        return all(rendition.ready for rendition in self.renditions.values())

    def wait(self, ready: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        """Wait until `ready()`; False when the time is up."""
        until = time.monotonic() + seconds
        with self.changed:
            while not ready():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self.changed.wait(left)
        return True

    def rest(self, *, ended: bool = False) -> None:
        """The source is gone; with `ended` the show is over."""
        for rendition in self.renditions.values():
            rendition.rest(ended=ended)

    def master(self, address: str = "{}.m3u8") -> str:
        """The master playlist of what is sent now, the best first for players that do not choose; sound alone last.

        `address` is where a rendition's own playlist lies, with `{}` for its name.
        """
        lines = ["#EXTM3U", "#EXT-X-VERSION:9", "#EXT-X-INDEPENDENT-SEGMENTS"]
        for name, rendition in self.renditions.items():
            if not rendition.inits:
                continue
            init = rendition.inits[max(rendition.inits)]
            done = [segment for segment in rendition.segments if segment.done and segment.seconds >= SHORTEST / 2]
            rates = [len(segment.data) * 8 / segment.seconds for segment in done]
            peak = math.ceil(max(rates, default=600_000 if init.width else 80_000))
            average = math.ceil(sum(rates) / len(rates)) if rates else peak
            told = [f"BANDWIDTH={peak}", f"AVERAGE-BANDWIDTH={average}", f'CODECS="{init.codecs}"']
            if init.width:
                told.append(f"RESOLUTION={init.width}x{init.height}")
            lines += ["#EXT-X-STREAM-INF:" + ",".join(told), address.format(name)]
        return "\n".join(lines) + "\n"


def stamp(at: datetime) -> str:
    """A moment as playlists write it, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

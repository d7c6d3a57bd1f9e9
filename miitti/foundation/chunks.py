"""A browser's recording on its way in: numbered chunks, acknowledged, gone on with after a dropped line.

MediaRecorder writes its header into the first chunk only. So a session is one recording from chunk 0 on; whoever comes
too late for its beginning asks the browser to begin a new one.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from miitti.foundation.feed import Taker, Vitals
from miitti.foundation.rtmp import Refused

CHUNK = 4 * 1024 * 1024
"""Bytes of one chunk; a quarter of a second at 4 Mbit/s is 125 kB."""
HELD = 16 * 1024 * 1024
"""Bytes kept from the beginning for an encoder that begins a moment later."""
EARLY = 8
"""Chunks after which a recording that lost its encoder is begun anew: what was shown already would be shown again."""
SILENCE = 20.0
"""Seconds after which a session that sends nothing is over; a shorter tunnel is gone on with."""

_NAME = re.compile(r"([A-Za-z0-9_.-]{1,120})~([A-Za-z0-9_-]{6,40})/(\d{1,9}|next|end)")

Environ = dict[str, Any]
Answer = tuple[str, str, bytes, dict[str, str]]


class Chunks:
    """One session; it stands where a `Feed` stands."""

    copied = False
    copied_sound = False
    sound = True

    def __init__(self, form: str, *, gone: Callable[[Chunks], None], woken: Callable[[], None]) -> None:
        self.form = form
        self.since = time.time()
        self.next = 0
        self.alive = True
        self.unwanted = False
        self._gone = gone
        self._woken = woken
        self._lock = threading.Lock()
        self._taker: Taker | None = None
        self._begun = False
        self._held: list[bytes] | None = []
        self._bytes = 0
        self._last = time.monotonic()
        self._sizes: deque[tuple[float, int]] = deque(maxlen=120)

    def take(self, number: int, data: bytes) -> bool:
        """Take a chunk when it is the next; one that is here already is right too. False for one too early."""
        with self._lock:
            self._last = time.monotonic()
            if number != self.next:
                return number < self.next
            self.next += 1
            self._sizes.append((self._last, len(data)))
            if self._held is not None:
                self._bytes += len(data)
                self._held.append(data)
                if self._bytes > HELD:
                    self._held = None
            if self._taker is not None and not self._taker.write(data):
                self._taker = None
                self._woken()
        if number == 0:
            self._woken()
        return True

    def end(self) -> None:
        """The browser has ended, or nothing was heard of it."""
        if self.alive:
            self.alive = False
            self._taker = None
            self._gone(self)

    @property
    def ready(self) -> bool:
        """Whether there is something to begin with."""
        return self.alive and self.next > 0 and not self.unwanted

    @property
    def quiet(self) -> float:
        """Seconds since anything came."""
        return time.monotonic() - self._last

    @property
    def attached(self) -> bool:
        """Whether somebody takes it."""
        return self._taker is not None

    def attach(self, taker: Taker) -> None:
        """Let `taker` have everything from the beginning; when that is not held any more, ask for a new one."""
        with self._lock:
            if self._held is None:
                self.unwanted = True
                return
            self._begun = True
            if taker.write(b"".join(self._held)):
                self._taker = taker

    def detach(self) -> None:
        """Nobody takes it any more; an encoder that begins later needs a new recording, save in its first moments."""
        with self._lock:
            self._taker = None
            if self._begun and self.next > EARLY:
                self._held = None

    def vitals(self) -> Vitals:
        """How it fares."""
        now = time.monotonic()
        late = [entry for entry in self._sizes if now - entry[0] <= 5]
        span = max(1.0, now - late[0][0]) if late else 1.0
        rate = round(sum(size for _, size in late) * 8 / span / 1000)
        return Vitals(kbit_s=rate, fps=0.0, keyframe_s=0.0, quiet_s=round(self.quiet, 1), behind_s=0.0)


Admit = Callable[[str, str, str, bool], Chunks]
"""Gives a session for (show, token, form, whether it takes over from whoever sends), or raises Refused."""


class Inbox:
    """The HTTP side: `POST .../<token>~<session>/<number>`, `GET .../next`, `POST .../end`.

    Chunk 0 says `?form=webm` or `mp4`, and `?take=1` to take over. Chunks come without a type of their own: with one a
    browser would ask for leave before each, and a quarter of a second has no time for two journeys.
    """

    def __init__(self, admit: Admit) -> None:
        self._admit = admit
        self._sessions: dict[str, Chunks] = {}

    def __call__(self, environ: Environ, show: str, rest: str) -> Answer:
        """Answer one request with `{"next": number}`, or say that a new session is needed (410)."""
        named = _NAME.fullmatch(rest)
        if named is None:
            return _said("404 Not Found", {})
        token, session, what = named.groups()
        name = f"{show}/{token}~{session}"
        for old, chunks in list(self._sessions.items()):
            if chunks.quiet > SILENCE or not chunks.alive:
                chunks.end()
                del self._sessions[old]
        found = self._sessions.get(name)
        if what == "next" or environ["REQUEST_METHOD"] != "POST":
            return _said("200 OK", {"next": found.next if found else 0})
        size = environ.get("CONTENT_LENGTH", "")
        if not size.isdigit() or int(size) > CHUNK:
            return _said("413 Content Too Large", {})
        data = environ["wsgi.input"].read(int(size))
        if len(data) != int(size):
            return _said("400 Bad Request", {})
        if what == "end":
            if found is not None:
                found.end()
                self._sessions.pop(name, None)
            return _said("200 OK", {"next": 0})
        if found is None:
            if what != "0":
                return _said("410 Gone", {"next": 0})
            asked = parse_qs(environ.get("QUERY_STRING", ""))
            form = "mp4" if asked.get("form") == ["mp4"] else "webm"
            try:
                found = self._sessions[name] = self._admit(show, token, form, asked.get("take") == ["1"])
            except Refused as refused:
                return _said("403 Forbidden", {"why": str(refused)})
        if found.unwanted or not found.alive:
            self._sessions.pop(name, None)
            found.end()
            return _said("410 Gone", {"next": 0})
        if not found.take(int(what), data):
            return _said("409 Conflict", {"next": found.next})
        return _said("200 OK", {"next": found.next})


def _said(status: str, words: dict[str, Any]) -> Answer:
    body = json.dumps(words).encode() + b"\n"
    return status, "application/json", body, {"Cache-Control": "no-store"}

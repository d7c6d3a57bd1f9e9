"""Answers that are the same for everybody, given before Flask is asked.

A hall that comes in together asks for one and the same state of a channel; through Flask each costs a millisecond, from
here a twentieth. An answer is kept under a tag and is true until somebody drops the tag: the commit of a change in this
process, or the journal's dispatcher for a change in another. In any case it is forgotten after a second, because time
alone changes what is open. Only a process that follows the journal keeps anything.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, current_app, request

from miitti.foundation.gate import App, Environ, Start

LONGEST_S = 1.0
"""How long an answer is kept, in seconds: doors open and close by the clock."""
MOST = 256
"""Answers kept at once."""
SLOT = "miitti.ready"

PRIVATE = frozenset({"set-cookie", "content-length", "content-encoding", "date", "vary", "etag"})
"""Headers of the answer that belong to one asker or are made anew."""


@dataclass(slots=True)
class _Slot:
    """An answer being made."""

    tag: str | None = None
    void: bool = False
    """Whether its tag was dropped meanwhile; it is given once and not kept."""
    etag: str = ""
    plain: bytes = b""
    zipped: bytes = b""


@dataclass(frozen=True, slots=True)
class _Kept:
    tag: str
    until: float
    etag: str
    headers: tuple[tuple[str, str], ...]
    plain: bytes
    zipped: bytes

    def answer(self, environ: Environ, start: Start) -> Iterable[bytes]:
        headers = [*self.headers, ("ETag", self.etag), ("Vary", "Accept-Encoding")]
        if self.etag in environ.get("HTTP_IF_NONE_MATCH", "").replace("W/", ""):
            start("304 NOT MODIFIED", headers)
            return [b""]
        body = self.plain
        if "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "") and "gzip;q=0" not in environ["HTTP_ACCEPT_ENCODING"]:
            headers.append(("Content-Encoding", "gzip"))
            body = self.zipped
        start("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]


class Shelf:
    """WSGI middleware that keeps such answers by their address."""

    def __init__(self, inner: App) -> None:
        self.inner = inner
        self.following = False
        """Whether this process hears of every change; until then nothing is kept."""
        self._kept: dict[str, _Kept] = {}
        self._making: list[_Slot] = []

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer one request."""
        if not self.following or environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING"):
            return self.inner(environ, start)
        path = environ["PATH_INFO"]
        kept = self._kept.get(path)
        if kept is not None:
            if time.monotonic() < kept.until:
                return kept.answer(environ, start)
            self._kept.pop(path, None)
        return self._ask(path, environ, start)

    def _ask(self, path: str, environ: Environ, start: Start) -> Iterable[bytes]:
        slot = environ[SLOT] = _Slot()
        asked = time.monotonic()

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            if slot.plain and not slot.void and slot.tag and status.startswith("200"):
                shared = tuple((name, value) for name, value in headers if name.lower() not in PRIVATE)
                while len(self._kept) >= MOST:
                    self._kept.pop(next(iter(self._kept)))
                self._kept[path] = _Kept(slot.tag, asked + LONGEST_S, slot.etag, shared, slot.plain, slot.zipped)
            return start(status, headers, *more)

        self._making.append(slot)
        try:
            return self.inner(environ, started)
        finally:
            self._making.remove(slot)

    def drop(self, tag: str) -> None:
        """What was answered under `tag` is true no more."""
        for slot in self._making:
            slot.void = slot.void or slot.tag == tag
        for path in [path for path, kept in self._kept.items() if kept.tag == tag]:
            del self._kept[path]


def plug(app: Flask) -> None:
    """Put the shelf before the application."""
    shelf = app.extensions["miitti_shelf"] = Shelf(app.wsgi_app)
    app.wsgi_app = shelf  # type: ignore[method-assign,assignment]


def shelf(app: Flask | None = None) -> Shelf:
    """The shelf of the application."""
    return cast(Shelf, (app or current_app).extensions["miitti_shelf"])


def begin(tag: str) -> None:
    """In a view, before it reads anything: the answer to this request depends on what `tag` names."""
    slot = request.environ.get(SLOT)
    if isinstance(slot, _Slot):
        slot.tag = tag


def keep(etag: str, plain: bytes, zipped: bytes) -> None:
    """In a view: the answer may be given to everybody else who asks for the same address."""
    slot = request.environ.get(SLOT)
    if isinstance(slot, _Slot):
        slot.etag, slot.plain, slot.zipped = etag, plain, zipped

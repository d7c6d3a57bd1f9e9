"""The address live streams are fetched from: a small WSGI application that answers from memory.

It knows no pages, people or cookies. Everything here is public, the same for everybody, and may be cached: playlists
for less than a part's length, segments for an hour (a number is never given twice).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from miitti.foundation import gate
from miitti.foundation.packager import Channel, Rendition

Environ = dict[str, Any]
Start = Callable[..., Any]
Answer = tuple[str, str, bytes, dict[str, str]]
Inbox = Callable[[Environ, str, str], Answer]
"""Takes what a browser's studio posts: environ, show, rest of the path."""

PLAYLIST = "application/vnd.apple.mpegurl"
AHEAD = 2
"""How many segments ahead of what is there a request may wait for (RFC 8216bis 6.2.5.2)."""

_PATH = re.compile(
    r"/live/([a-z0-9-]{1,80})/(?:(main)\.m3u8|(high|low|audio)\.m3u8"
    r"|(high|low|audio)/(?:init(\d{1,12})\.mp4|(\d{1,12})(?:\.(\d{1,3}))?\.m4s))"
)
_SENT = re.compile(r"/live/([a-z0-9-]{1,80})/studio/([A-Za-z0-9_.~-]{1,200}/\w{1,20})")


class Origin:
    """The WSGI application."""

    def __init__(self, base_url: str, channels: Mapping[str, Channel], inbox: Inbox | None = None) -> None:
        self._origins = frozenset(gate.origins(base_url))
        self._channels = channels
        self._inbox = inbox

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer one request."""
        status, kind, body, more = self._answer(environ)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Vary": "Origin",
            **more,
        }
        origin = environ.get("HTTP_ORIGIN", "")
        if origin in self._origins:
            headers["Access-Control-Allow-Origin"] = origin
        start_response(status, list(headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _answer(self, environ: Environ) -> Answer:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            allowed = {"Access-Control-Allow-Methods": "GET, POST", "Access-Control-Allow-Headers": "Content-Type"}
            return "204 No Content", "text/plain", b"", {**allowed, "Access-Control-Max-Age": "600"}
        if path == "/healthz":
            return "200 OK", "application/json", b'{"ok":true}\n', {"Cache-Control": "no-store"}
        sent = _SENT.fullmatch(path)
        if sent and self._inbox is not None and method in ("POST", "GET"):
            if method == "POST" and environ.get("HTTP_ORIGIN") not in (None, *self._origins):
                return _none("403 Forbidden")
            return self._inbox(environ, sent[1], sent[2])
        found = _PATH.fullmatch(path)
        if found is None:
            return _none("404 Not Found")
        if method not in ("GET", "HEAD"):
            return _none("405 Method Not Allowed")
        slug, main, listed, name, init, number, part = found.groups()
        channel = self._channels.get(slug)
        if channel is None:
            return _none("503 Service Unavailable" if main or listed else "404 Not Found")
        if main:
            # a player that comes in a run's first moment waits for it instead of being sent away
            if not channel.wait(lambda: channel.ready, 5):
                return _none("503 Service Unavailable")
            return "200 OK", PLAYLIST, channel.master().encode(), {"Cache-Control": "no-cache"}
        rendition = channel.renditions[listed or name]
        if listed:
            return _listed(channel, rendition, environ.get("QUERY_STRING", ""))
        return _media(channel, rendition, init, number, part)


def _listed(channel: Channel, rendition: Rendition, query: str) -> Answer:
    """A media playlist, waited for when a segment or part is named."""
    asked = parse_qs(query)
    try:
        number = int(asked["_HLS_msn"][0]) if "_HLS_msn" in asked else None
        part = int(asked["_HLS_part"][0]) if "_HLS_part" in asked else None
    except ValueError:
        return _none("400 Bad Request")
    if part is not None and number is None:
        return _none("400 Bad Request")
    if number is None:
        if not channel.wait(lambda: rendition.ready, 5):
            return _none("503 Service Unavailable")
    else:
        if number > rendition.newest + AHEAD:
            return _none("400 Bad Request")
        # What does not come in time is told as it is: the source may be changing just now.
        channel.wait(lambda: rendition.has(number, part))
    return "200 OK", PLAYLIST, rendition.playlist().encode(), {"Cache-Control": "no-cache"}


def _media(channel: Channel, rendition: Rendition, init: str | None, number: str | None, part: str | None) -> Answer:
    data: bytes | None
    if init is not None:
        known = rendition.inits.get(int(init))
        data = known.data if known else None
    else:
        at = int(number or 0)
        if part is not None and at <= rendition.newest + 1:
            # a hinted part is asked for before it is there
            channel.wait(lambda: rendition.has(at, int(part)), 4)
        data = rendition.segment(at) if part is None else rendition.part(at, int(part))
    if data is None:
        return _none("404 Not Found")
    return "200 OK", "video/mp4", data, {"Cache-Control": "public, max-age=3600, immutable"}


def _none(status: str) -> Answer:
    more = {"Cache-Control": "no-store"}
    if status.startswith("503"):
        more["Retry-After"] = "3"
    return status, "text/plain; charset=utf-8", status[4:].encode() + b"\n", more

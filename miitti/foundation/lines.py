"""One websocket of the socket server: only packets come in, and a frame for many goes out without a detour.

Engine.IO gives every client a queue and a greenlet, and wakes both for every message: 70 % of the CPU of a broadcast
(measured with 1 000 clients). A `Line` takes the short way when nothing waits for its client: the frame, built once
for everybody, is written straight to the socket without blocking. Whatever does not fit goes the ordinary way, so order
is kept and nothing is lost. This leans on private names of engineio, eventlet and gevent-websocket, whose versions are
pinned; where they don't look as expected, everything goes the ordinary way.
"""

import _socket
import socket
from collections.abc import Callable
from typing import Any

NAME = "miitti_line"


class Line:
    """A websocket that hands on only what can be an Engine.IO packet; anything else ends the connection.

    Engine.IO decodes frames outside its own error handling, so one frame of nonsense would end in a traceback.
    """

    def __init__(self, inner: Any, limit: int) -> None:
        self._inner = inner
        self.close = inner.close
        self._plain_send = inner.send
        inner.send = self.send  # also what the library itself answers (pong) takes its turn
        self._busy = 0
        self._rest = b""
        self._green, self._raw = _sockets_of(inner)
        sock: Any = getattr(inner, "_sock", None)
        if sock is not None and hasattr(sock, "raw_read"):
            # gevent-websocket has no limit of its own: a frame of a gigabyte would be read to its end
            read = sock.raw_read

            def limited(size: int) -> Any:
                if size > limit:
                    raise ValueError("frame is too large")
                return read(size)

            sock.raw_read = limited

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def wait(self) -> str | bytes | None:
        """The next packet, or None when the connection is to end."""
        message = self._inner.wait()
        if isinstance(message, str) and message[:1] in {"0", "1", "2", "3", "4", "5", "6"}:
            return message
        if isinstance(message, bytes | bytearray):
            # a binary attachment; the handler's wrapper refuses it with an answer
            return bytes(message)
        return None

    def send(self, message: Any, *args: Any, **kwargs: Any) -> Any:
        """Send a message the ordinary way, after what is left of a shared frame."""
        self._busy += 1
        try:
            if self._rest:
                rest, self._rest = self._rest, b""
                self._green.sendall(rest)
            return self._plain_send(message, *args, **kwargs)
        finally:
            self._busy -= 1

    def push(self, connection: Any, frame: bytes, noop: Any) -> bool:
        """Write a ready frame at once; False when it has to go through the queue of `connection`.

        `noop` is a packet without meaning, queued to have what did not fit written next.
        """
        if (
            self._raw is None
            or self._busy
            or self._rest
            or connection.closed
            or connection.closing
            or not connection.upgraded
            or connection.queue.qsize()
        ):
            return False
        try:
            sent = self._raw.send(frame, socket.MSG_DONTWAIT)
        except OSError:  # full, or gone: the ordinary way finds out which
            return False
        if sent < len(frame):
            self._rest = frame[sent:]
            connection.queue.put(noop)
        return True


def _sockets_of(inner: Any) -> tuple[Any, Any]:
    """The green socket under a websocket and the real one under that; (None, None) when it is not as expected."""
    green = getattr(inner, "socket", None)  # eventlet
    raw = getattr(green, "fd", None)
    if raw is None:  # gevent-websocket, as engineio wraps it
        stream = getattr(getattr(inner, "_sock", None), "stream", None)
        green = getattr(getattr(stream, "handler", None), "socket", None)
        raw = getattr(green, "_sock", None)
    if isinstance(raw, _socket.socket) and raw.gettimeout() == 0 and hasattr(green, "sendall"):
        return green, raw
    return None, None


def text_frame(payload: bytes) -> bytes:
    """An unmasked, unfragmented websocket text frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def guard(engine: Any, limit: int) -> None:
    """Put a `Line` around every websocket of an Engine.IO server; frames over `limit` bytes end it."""
    plain = engine._async["websocket"]
    if plain is None:
        return

    def guarded(handler: Callable[[Any], Any], server: Any) -> Any:
        def handle(ws: Any) -> Any:
            line = Line(ws, limit)
            setattr(handler.__self__, NAME, line)  # type: ignore[attr-defined]
            return handler(line)

        return plain(handle, server)

    engine._async = {**engine._async, "websocket": guarded}

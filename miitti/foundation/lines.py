"""One client of the socket server, over a websocket or long polling.

Engine.IO gives every client a queue, a greenlet that empties it, and another one for each ping: most of the CPU of a
broadcast and of a join (measured with 1 000 clients). A `Line` writes to the socket at once, without blocking. Only
what does not fit waits, in order and up to a limit, and only then a greenlet comes and writes on; who does not read
is cut off, comes back with its cursor, and nobody else notices. Pings are one task's for everybody, see `beat`.

This leans on private names of engineio, eventlet and gevent-websocket, whose versions are pinned. `take_over` looks at
them at the start; where they are not as expected, the library's own ways stay, slower and right.
"""

import _socket
import contextlib
import inspect
import logging
import random
import socket
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engineio import json
from engineio.exceptions import SocketIsClosedError
from engineio.packet import MESSAGE, NOOP, OPEN, PING, Packet
from engineio.socket import Socket
from socketio.packet import EVENT

from miitti.foundation import frames

log = logging.getLogger("miitti.realtime")

MOST_BYTES = 1 << 20
"""Bytes waiting for one client before it is cut off: some 3 000 events of 300 bytes, a minute of a busy stage."""
MOST_PACKETS = 2_000
"""The same for a client that polls, in packets."""
SEND_BUFFER = 256 * 1024
"""The kernel's part of what may wait for a client; by itself it would grow to several MB for one who does not read."""
READ_AT_ONCE = 4096

EXPECTED = {
    "close": ("self", "wait", "abort", "reason"),
    "send": ("self", "pkt"),
    "poll": ("self",),
    "schedule_ping": ("self",),
    "check_ping_timeout": ("self",),
    "handle_get_request": ("self", "environ", "start_response"),
    "_upgrade_websocket": ("self", "environ", "start_response"),
    "_websocket_handler": ("self", "ws"),
}
"""Methods of engineio's socket that a Line overrides or relies on, with their parameters."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message for many, encoded once: as a packet for whoever polls, as a frame for websockets."""

    packet: Packet
    frame: bytes


def said(server: Any, event: str, data: Any, namespace: str) -> Said:
    """Encode a Socket.IO event."""
    encoded = server.packet_class(EVENT, namespace=namespace, data=[event, data]).encode()
    packet = Packet(MESSAGE, encoded)
    return Said(packet, frames.text_frame(packet.encode().encode()))


class Line(Socket):  # type: ignore[misc]
    """A connected client. Its `send` never blocks over a websocket."""

    def __init__(self, engine: Any, sid: str) -> None:
        super().__init__(engine, sid)
        self.connected = False
        self.last_ping: float | None = None
        # spread, so that a thousand who came together are not pinged together
        self._ping_at = time.monotonic() + engine.ping_interval * random.uniform(0.5, 1)  # noqa: S311
        self._green: Any = None
        self._raw: Any = None
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._writing = False

    # -- sending ---------------------------------------------------------------------------------------------

    def send(self, pkt: Any) -> None:
        """Send a packet. Raises SocketIsClosedError."""
        if self.closed:
            raise SocketIsClosedError
        if self._raw is None:
            self._queue(pkt)
        else:
            self.write(_framed(pkt))

    def tell(self, blob: bytes, told: Sequence[Said]) -> None:
        """Send messages for many; `blob` is their frames, one after the other."""
        if self.closed:
            return
        if self._raw is not None:
            self.write(blob)
            return
        for each in told:
            self._queue(each.packet)

    def write(self, data: bytes) -> None:
        """Write whole frames: at once as far as they fit, the rest in its turn."""
        if not self._waiting:
            try:
                sent = self._raw.send(data, socket.MSG_DONTWAIT)
            except BlockingIOError:
                sent = 0
            except OSError:
                return  # gone; the reading side finds out and ends the connection
            if sent == len(data):
                return
            data = data[sent:]
        self._waiting.append(data)
        self._bytes += len(data)
        if self._bytes > MOST_BYTES:
            self._cut_off()
        elif not self._writing:
            self._writing = True
            self.server.start_background_task(self._write_on)

    def _write_on(self) -> None:
        try:
            while self._waiting:
                self._green.sendall(self._waiting[0])
                self._bytes -= len(self._waiting.popleft())
        except (OSError, IndexError):  # gone, deaf for longer than the ping time-out, or cut off meanwhile
            self._forget()
            self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR)
        finally:
            self._writing = False
        if self.closed:
            self._hang_up()

    def _queue(self, pkt: Any) -> None:
        if self.queue.qsize() >= MOST_PACKETS:
            self._cut_off()
        else:
            self.queue.put(pkt)

    def _cut_off(self) -> None:
        log.info("a client reads nothing; its connection is closed")
        self._forget()
        self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR)

    def _forget(self) -> None:
        self._waiting.clear()
        self._bytes = 0

    # -- ending ----------------------------------------------------------------------------------------------

    def close(self, wait: bool = True, abort: bool = False, reason: Any = None) -> None:
        """End the connection; what waits is still written unless `abort`."""
        if self.closed or self.closing:
            return
        super().close(wait=wait and self._raw is None, abort=abort, reason=reason)
        if self._raw is not None and (abort or not self._waiting):
            self._hang_up()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self._raw.send(frames.GOODBYE, socket.MSG_DONTWAIT)
        with contextlib.suppress(OSError):
            self._raw.shutdown(socket.SHUT_RDWR)

    # -- pings -----------------------------------------------------------------------------------------------

    def schedule_ping(self) -> None:
        """Note a sign of life; the next ping is due an interval later."""
        self.last_ping = None
        self._ping_at = time.monotonic() + self.server.ping_interval

    def check_ping_timeout(self) -> bool:
        """Whether packets may be sent; `beat` ends those who don't answer."""
        if self.closed:
            raise SocketIsClosedError
        return True

    def beat(self, now: float) -> None:
        """Ping when it is due at the monotonic time `now`; end the connection when the last ping got no answer."""
        if self.last_ping is not None:
            if now - self.last_ping > self.server.ping_timeout:
                self.close(wait=False, abort=True, reason=self.server.reason.PING_TIMEOUT)
        elif now >= self._ping_at:
            self.last_ping = now
            self.send(Packet(PING))

    # -- receiving -------------------------------------------------------------------------------------------

    def _websocket_handler(self, ws: Any) -> list[Any]:
        green, raw = _sockets_of(ws)
        if raw is None:
            ws.wait = _sober(ws.wait)
            return list(super()._websocket_handler(ws))
        green.settimeout(self.server.ping_interval + self.server.ping_timeout)
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        messages = self._messages(green)
        if self.connected and not self._upgrade(messages, green):
            return []
        self.connected = self.upgraded = True
        self._green, self._raw = green, raw
        while not self.queue.empty():
            packet = self.queue.get(block=False)
            self.queue.task_done()
            if packet is not None:
                self.write(_framed(packet))
        for message in messages:
            if self.closed or not self._take(message):
                break
        self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
        return []

    def _upgrade(self, messages: Iterator[str | bytes], green: Any) -> bool:
        """Change over from polling, as Engine.IO's protocol 4 says; False when the client does not."""
        self.upgrading = True  # polls answer with nothing meanwhile
        try:
            if next(messages, None) != "2probe":
                return False
            green.sendall(frames.text_frame(b"3probe"))
            self.queue.put(Packet(NOOP))  # ends the poll that is waiting
            return next(messages, None) == "5"
        except OSError:
            return False
        finally:
            self.upgrading = False

    def _messages(self, green: Any) -> Iterator[str | bytes]:
        reader = frames.Reader(self.server.max_http_buffer_size)
        try:
            while data := green.recv(READ_AT_ONCE):
                yield from reader.feed(data)
                while reader.pings:
                    self.write(frames.frame(frames.PONG, reader.pings.pop()))
        except (OSError, frames.BadFrame, frames.Closed):
            return

    def _take(self, message: str | bytes) -> bool:
        """Carry one Engine.IO packet out; False ends the connection."""
        if isinstance(message, bytes):
            # a binary attachment; the handler's wrapper refuses it with an answer
            self.server._trigger_event("message", self.sid, message, run_async=False)
            return True
        kind = message[:1]
        if kind == "4":
            self.server._trigger_event("message", self.sid, message[1:], run_async=False)
        elif kind == "3":
            self.schedule_ping()
        elif kind == "1":
            self.close(wait=False, abort=True, reason=self.server.reason.CLIENT_DISCONNECT)
            return False
        return kind in PACKET_KINDS


PACKET_KINDS = frozenset("0123456")


def _sober(wait: Any) -> Any:
    """For the library's own loop: hand on only what can be a packet; its decoder ends in a traceback otherwise."""

    def wait_for_packet() -> str | bytes | None:
        message = wait()
        if isinstance(message, bytes | bytearray):
            return bytes(message)
        return message if isinstance(message, str) and message[:1] in PACKET_KINDS else None

    return wait_for_packet


def _framed(pkt: Any) -> bytes:
    encoded = pkt.encode()
    if isinstance(encoded, str):
        return frames.text_frame(encoded.encode())
    return frames.frame(frames.BINARY, bytes(encoded))


def _sockets_of(ws: Any) -> tuple[Any, Any]:
    """The green socket under a websocket and the real one under that; (None, None) when it is not as expected."""
    green = getattr(ws, "socket", None)  # eventlet
    raw = getattr(green, "fd", None)
    if raw is None:  # gevent-websocket, as engineio wraps it
        stream = getattr(getattr(ws, "_sock", None), "stream", None)
        green = getattr(getattr(stream, "handler", None), "socket", None)
        raw = getattr(green, "_sock", None)
    if isinstance(raw, _socket.socket) and raw.gettimeout() == 0 and hasattr(green, "sendall"):
        return green, raw
    return None, None


# -- taking over ---------------------------------------------------------------------------------------------


def fits(engine: Any) -> bool:
    """Whether the library looks inside as this module expects it."""
    try:
        found = {name: tuple(inspect.signature(getattr(Socket, name)).parameters) for name in EXPECTED}
        connect = tuple(inspect.signature(engine._handle_connect).parameters)
    except (AttributeError, TypeError, ValueError):
        return False
    needed = ("sockets", "generate_id", "_trigger_event", "_upgrades", "_ok", "_bad_request", "_unauthorized")
    return (
        found == EXPECTED
        and connect == ("environ", "start_response", "transport", "jsonp_index")
        and all(hasattr(engine, name) for name in needed)
    )


def take_over(engine: Any) -> bool:
    """Have an Engine.IO server make its clients Lines; says whether it does, with a warning when not."""
    if not fits(engine):
        log.warning("the socket library is not of the expected make: messages take the ordinary, slower way")
        return False
    rest = json.dumps(
        {
            "pingTimeout": int(engine.ping_timeout * 1000),
            "pingInterval": int(engine.ping_interval * 1000),
            "maxPayload": engine.max_http_buffer_size,
        }
    )[1:]

    def connect(environ: Any, start_response: Any, transport: str, jsonp_index: int | None = None) -> Any:
        sid = engine.generate_id()
        line = engine.sockets[sid] = Line(engine, sid)
        upgrades = json.dumps(engine._upgrades(sid, transport))
        line.send(Packet(OPEN, f'{{"sid":"{sid}","upgrades":{upgrades},{rest}'))
        if engine._trigger_event("connect", sid, environ, run_async=False) not in (None, True):
            del engine.sockets[sid]
            return engine._unauthorized()
        if transport == "websocket":
            try:
                return line.handle_get_request(environ, start_response)
            finally:
                if line.closed:
                    engine.sockets.pop(sid, None)
        line.connected = True
        return engine._ok(line.poll(), jsonp_index=jsonp_index)

    engine._handle_connect = connect
    engine.start_service_task = False  # `beat_all` watches them
    return True


def beat_all(engine: Any) -> None:
    """Ping whoever is due, and forget the ended."""
    now = time.monotonic()
    for sid, line in list(engine.sockets.items()):
        if line.closed:
            engine.sockets.pop(sid, None)
        else:
            with contextlib.suppress(SocketIsClosedError):
                line.beat(now)

"""An RTMP front for publishers (Adobe's RTMP specification 1.0): one port, many connections, keys checked at `publish`.

FFmpeg's own listener takes one connection, only warns of a wrong key and ends at any knock, so it is never put before
the network. Here a connection that says nothing, says nonsense, or names a wrong key is closed without anybody else
noticing. What a publisher sends is handed on as FLV tags.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from miitti.foundation import amf

log = logging.getLogger(__name__)

CONNECTIONS = 64
"""Connections held at once; each beyond is closed at once."""
EACH = 12
"""Of them, those of one address that have shown no key yet."""
PATIENCE = 10.0
"""Seconds until a key must have been shown."""
SILENCE = 8.0
"""Seconds a publisher may send nothing before its line is taken for dead."""
MESSAGE = 8 * 1024 * 1024
"""Bytes of one message; a keyframe of 4K stays below 2 MB."""
STREAMS = 32
"""Chunk streams of one connection; publishers use four or five."""
WINDOW = 2_500_000
_BEFORE_KEY = 64 * 1024
"""Bytes of one message, and altogether twice that, before a key was shown."""

AUDIO, VIDEO, DATA = 8, 9, 18
FLV_HEADER = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"


class Refused(Exception):
    """This publisher may not send; the text goes into its log."""


class Hung(Exception):
    """The connection is over, for the reason told."""


class Sink(Protocol):
    """Where a publisher's tags go."""

    def take(self, kind: int, at: int, data: bytes) -> bool:
        """Take a tag of a kind with its time in milliseconds; False ends the connection."""
        ...

    def gone(self) -> None:
        """The publisher is gone."""
        ...


Admit = Callable[[str, "Connection"], Sink]
"""Gives the sink of a stream key, or raises Refused."""


def tag(kind: int, at: int, data: bytes) -> bytes:
    """One FLV tag with the length that follows it (Adobe's FLV specification 10.1, E.4.1)."""
    head = struct.pack(">B", kind) + len(data).to_bytes(3, "big")
    head += (at & 0xFFFFFF).to_bytes(3, "big") + bytes([at >> 24 & 0xFF]) + b"\0\0\0"
    return head + data + struct.pack(">I", len(head) + len(data))


class Server:
    """Listens and serves each connection in a thread of its own (a green one where threads are green)."""

    def __init__(self, host: str, port: int, admit: Admit) -> None:
        """Bind. Raises OSError."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((host, port))
        self._socket.listen(64)
        self._admit = admit
        self._here: dict[int, tuple[str, Connection]] = {}
        self.port: int = self._socket.getsockname()[1]

    def start(self) -> None:
        """Begin to accept, in the background."""
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Close the port and every connection."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for _address, connection in list(self._here.values()):
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                line, address = self._socket.accept()
            except OSError:
                if self._socket.fileno() < 0:
                    return
                time.sleep(0.1)  # out of open files, say: the next one may get in
                continue
            unknown = sum(host == address[0] and not c.publishing for host, c in self._here.values())
            if len(self._here) >= CONNECTIONS or unknown >= EACH:
                line.close()
                continue
            connection = Connection(line, self._admit)
            self._here[id(connection)] = (address[0], connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        try:
            connection.serve()
        except (Hung, OSError, amf.Malformed, struct.error) as error:
            log.info("a publisher's connection ended: %s", error)
        except Exception:
            log.exception("a publisher's connection broke")
        finally:
            self._here.pop(id(connection), None)
            connection.close()


class Connection:
    """One connection from handshake to end."""

    def __init__(self, line: socket.socket, admit: Admit) -> None:
        self._line = line
        self._admit = admit
        self._sink: Sink | None = None
        self._until = time.monotonic() + PATIENCE
        self._rest = bytearray()
        self._read = self._told = 0
        self._chunk = 128
        self._streams: dict[int, _Stream] = {}

    @property
    def publishing(self) -> bool:
        """Whether it has shown a right key."""
        return self._sink is not None

    def close(self) -> None:
        """End it; its sink is told once."""
        sink, self._sink = self._sink, None
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()
        if sink is not None:
            sink.gone()

    def serve(self) -> None:
        """Shake hands, then read until the end. Raises Hung, OSError, amf.Malformed."""
        with contextlib.suppress(OSError):
            self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._shake()
        while True:
            self._message()

    # -- bytes -----------------------------------------------------------------------------------------------

    def _need(self, count: int) -> bytes:
        while len(self._rest) < count:
            left = SILENCE if self._sink is not None else self._until - time.monotonic()
            if left <= 0:
                raise Hung("no key was shown in time")
            self._line.settimeout(left)
            data = self._line.recv(65_536)
            if not data:
                raise Hung("closed from the other side")
            self._rest += data
            self._read += len(data)
            if self._sink is None and self._read > 2 * _BEFORE_KEY:
                raise Hung("much was sent before a key")
            if self._read - self._told >= WINDOW:
                self._told = self._read
                self._send(2, 3, 0, struct.pack(">I", self._read & 0xFFFFFFFF))
        taken = bytes(self._rest[:count])
        del self._rest[:count]
        return taken

    def _shake(self) -> None:
        first = self._need(1537)
        if first[0] != 3:
            raise Hung(f"version {first[0]} of RTMP")
        self._line.settimeout(PATIENCE)
        # the plain handshake: our own random bytes, and theirs sent back
        self._line.sendall(b"\x03" + struct.pack(">II", 0, 0) + os.urandom(1528) + first[1:])
        self._need(1536)

    def _message(self) -> None:
        """Read one chunk; what is whole by it is handled (RTMP 1.0, 5.3)."""
        lead = self._need(1)[0]
        shape, number = lead >> 6, lead & 63
        if number == 0:
            number = 64 + self._need(1)[0]
        elif number == 1:
            number = 64 + int.from_bytes(self._need(2), "little")
        stream = self._streams.get(number)
        if stream is None:
            if len(self._streams) >= STREAMS or shape != 0:
                raise Hung("a chunk stream that was never begun")
            stream = self._streams[number] = _Stream()
        if shape < 3:
            head = self._need((11, 7, 3)[shape])
            stream.field = int.from_bytes(head[:3], "big")
            stream.wide = stream.field == 0xFFFFFF
            if shape < 2:
                stream.size, stream.kind = int.from_bytes(head[3:6], "big"), head[6]
                stream.data.clear()
            if stream.wide:
                stream.field = int.from_bytes(self._need(4), "big")
        elif stream.wide:
            self._need(4)
        if not stream.data:
            # After a full header the step is nothing until one is told, as other servers read it too.
            if shape == 0:
                stream.at, stream.step = stream.field, 0
            else:
                stream.step = stream.field if shape < 3 else stream.step
                stream.at = (stream.at + stream.step) & 0xFFFFFFFF
        if stream.size > (MESSAGE if self._sink is not None else _BEFORE_KEY):
            raise Hung(f"a message of {stream.size} bytes")
        stream.data += self._need(min(self._chunk, stream.size - len(stream.data)))
        if len(stream.data) >= stream.size:
            data = bytes(stream.data)
            stream.data.clear()
            self._handle(stream.kind, stream.at, data)

    # -- messages --------------------------------------------------------------------------------------------

    def _handle(self, kind: int, at: int, data: bytes) -> None:
        match kind:
            case 1:
                size = struct.unpack(">I", data[:4])[0] & 0x7FFFFFFF
                if not 1 <= size <= MESSAGE:
                    raise Hung(f"chunks of {size} bytes")
                self._chunk = size
            case 2:
                abandoned = self._streams.get(struct.unpack(">I", data[:4])[0])
                if abandoned is not None:
                    abandoned.data.clear()
            case 8 | 9 | 18 | 15:
                if self._sink is not None and data:
                    self._tag(DATA if kind == 15 else kind, at, data)
            case 20 | 17:
                self._command(data[1:] if kind == 17 else data)

    def _tag(self, kind: int, at: int, data: bytes) -> None:
        assert self._sink is not None
        if not self._sink.take(kind, at, data):
            raise Hung("ended by us")

    def _command(self, data: bytes) -> None:
        words = amf.decode(data)
        name = words[0] if words else None
        number = words[1] if len(words) > 1 and isinstance(words[1], (int, float)) else 0
        match name:
            case "connect":
                self._send(2, 5, 0, struct.pack(">I", WINDOW))
                self._send(2, 6, 0, struct.pack(">IB", WINDOW, 2))
                about = {"fmsVer": "FMS/3,0,1,123", "capabilities": 31}
                said = {"level": "status", "code": "NetConnection.Connect.Success", "objectEncoding": 0}
                self._answer("_result", number, about, said)
            case "createStream":
                self._answer("_result", number, None, 1)
            case "releaseStream" | "FCPublish":
                self._answer("_result", number, None, None)
            case "publish":
                self._publish(words[3] if len(words) > 3 and isinstance(words[3], str) else "")
            case "deleteStream" | "closeStream" | "FCUnpublish":
                if self._sink is not None and name != "FCUnpublish":
                    raise Hung("the publisher ended")
            case "play":
                self._status("error", "NetStream.Play.StreamNotFound", "nothing is played here")
                raise Hung("somebody wanted to play")

    def _publish(self, name: str) -> None:
        if self._sink is not None:
            raise Hung("published twice")
        try:
            self._sink = self._admit(name.partition("?")[0].rpartition("/")[2], self)
        except Refused as refused:
            self._status("error", "NetStream.Publish.BadName", str(refused))
            raise Hung(f"refused: {refused}") from None
        self._status("status", "NetStream.Publish.Start", "welcome")

    def _answer(self, *words: Any) -> None:
        self._send(3, 20, 0, amf.encode(*words))

    def _status(self, level: str, code: str, words: str) -> None:
        said = {"level": level, "code": code, "description": words}
        self._send(5, 20, 1, amf.encode("onStatus", 0, None, said))

    def _send(self, number: int, kind: int, stream: int, data: bytes) -> None:
        # answers are short: in chunks of the usual 128 bytes, so no size has to be agreed on
        out = bytes([number]) + b"\0\0\0" + len(data).to_bytes(3, "big") + bytes([kind]) + struct.pack("<I", stream)
        for at in range(0, max(len(data), 1), 128):
            out += (bytes([0xC0 | number]) if at else b"") + data[at : at + 128]
        self._line.settimeout(PATIENCE)
        self._line.sendall(out)


class _Stream:
    """What is known of one chunk stream."""

    __slots__ = ("at", "data", "field", "kind", "size", "step", "wide")

    def __init__(self) -> None:
        self.data = bytearray()
        self.at = self.field = self.step = self.size = self.kind = 0
        self.wide = False

"""Websocket frames (RFC 6455), both ways and without a socket: bytes in, messages out."""

from collections.abc import Iterator

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
GOODBYE = b"\x88\x02\x03\xe8"
"""A close frame that says 1000, normal."""


class BadFrame(ValueError):
    """What came is no frame we take; the connection is to end."""


class Closed(Exception):
    """The other end has said goodbye."""


def text_frame(payload: bytes) -> bytes:
    """An unmasked, unfragmented text frame (5.2)."""
    return frame(TEXT, payload)


def frame(opcode: int, payload: bytes) -> bytes:
    """An unmasked, unfragmented frame, as a server sends it."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, size)) + payload
    if size < 1 << 16:
        return bytes((0x80 | opcode, 126)) + size.to_bytes(2, "big") + payload
    return bytes((0x80 | opcode, 127)) + size.to_bytes(8, "big") + payload


class Reader:
    """Takes a client's bytes as they come and gives whole messages; pings are collected in `pings` to be answered."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = b""
        self._parts: list[bytes] = []
        self._kind = 0
        self.pings: list[bytes] = []

    def feed(self, data: bytes) -> Iterator[str | bytes]:
        """The messages that `data` completes: text, or bytes of a binary one.

        Raises BadFrame when the bytes are no client's frames or a message is over the limit, Closed after a goodbye.
        """
        self._buffer = self._buffer + data if self._buffer else data
        while (found := self._next()) is not None:
            first, payload = found
            opcode, final = first & 0x0F, bool(first & 0x80)
            if opcode >= CLOSE:
                self._control(opcode, final, payload)
                continue
            if (opcode == 0) is (self._kind == 0) or opcode not in (0, TEXT, BINARY):
                raise BadFrame("fragments out of order")
            self._kind = self._kind or opcode
            self._parts.append(payload)
            if sum(map(len, self._parts)) > self._limit:
                raise BadFrame("message is too large")
            if final:
                whole, kind = b"".join(self._parts), self._kind
                self._parts, self._kind = [], 0
                yield _text(whole) if kind == TEXT else whole

    def _next(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        first, second = buffer[0], buffer[1]
        if first & 0x70 or not second & 0x80:
            raise BadFrame("extension bits, or no mask")
        size, at = second & 0x7F, 2
        if size >= 126:
            wide = 2 if size == 126 else 8
            size, at = int.from_bytes(buffer[2 : 2 + wide], "big"), 2 + wide
            if len(buffer) < at:
                return None
        if size > self._limit:
            raise BadFrame("frame is too large")
        end = at + 4 + size
        if len(buffer) < end:
            return None
        self._buffer = buffer[end:]
        return first, _unmasked(buffer[at : at + 4], buffer[at + 4 : end])

    def _control(self, opcode: int, final: bool, payload: bytes) -> None:
        if not final or len(payload) > 125 or opcode not in (CLOSE, PING, PONG):
            raise BadFrame("not a control frame")
        if opcode == CLOSE:
            raise Closed
        if opcode == PING:
            self.pings.append(payload)


def _unmasked(mask: bytes, payload: bytes) -> bytes:
    size = len(payload)
    if mask == b"\0\0\0\0" or not size:
        return payload
    # one exclusive or over the whole payload as a number, instead of one per byte
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise BadFrame("not UTF-8") from None

"""AMF0, the notation of RTMP's commands (Adobe, "Action Message Format, AMF 0", 2007): what publishers use of it."""

from __future__ import annotations

import struct
from typing import Any

DEEPEST = 8
"""Levels of objects within objects that are read."""
MOST = 256
"""Values read from one message, and keys of one object."""


class Malformed(Exception):
    """The bytes are not AMF0."""


def encode(*values: Any) -> bytes:
    """Write values one after another: None, bool, numbers, text, and dicts of them."""
    return b"".join(_one(value) for value in values)


def _one(value: Any) -> bytes:
    match value:
        case None:
            return b"\x05"
        case bool():
            return b"\x01" + bytes([value])
        case int() | float():
            return b"\x00" + struct.pack(">d", value)
        case str():
            data = value.encode()
            return b"\x02" + struct.pack(">H", len(data)) + data
        case dict():
            return b"\x03" + b"".join(_one(str(k))[1:] + _one(v) for k, v in value.items()) + b"\x00\x00\x09"
    raise TypeError(f"{type(value).__name__} has no notation in AMF0")


def decode(data: bytes) -> list[Any]:
    """Read values one after another. Raises Malformed."""
    found: list[Any] = []
    at = 0
    try:
        while at < len(data) and len(found) < MOST:
            value, at = _read(data, at, 0)
            found.append(value)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from None
    return found


def _read(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    if depth > DEEPEST:
        raise Malformed("nested too deep")
    kind = data[at]
    at += 1
    match kind:
        case 0x00:
            return struct.unpack_from(">d", data, at)[0], at + 8
        case 0x01:
            return data[at] != 0, at + 1
        case 0x02:
            return _text(data, at)
        case 0x03:
            return _pairs(data, at, depth)
        case 0x05 | 0x06:
            return None, at
        case 0x08:
            return _pairs(data, at + 4, depth)
        case 0x0A:
            count = struct.unpack_from(">I", data, at)[0]
            at += 4
            if count > MOST:
                raise Malformed("a long list")
            values = []
            for _ in range(count):
                value, at = _read(data, at, depth + 1)
                values.append(value)
            return values, at
        case 0x0B:
            return struct.unpack_from(">d", data, at)[0], at + 10
        case 0x0C:
            size = struct.unpack_from(">I", data, at)[0]
            at += 4
            return data[at : at + size].decode(), at + size
    raise Malformed(f"kind {kind}")


def _text(data: bytes, at: int) -> tuple[str, int]:
    size = struct.unpack_from(">H", data, at)[0]
    at += 2
    if at + size > len(data):
        raise Malformed("a text longer than its message")
    return data[at : at + size].decode(), at + size


def _pairs(data: bytes, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    for _ in range(MOST):
        name, at = _text(data, at)
        if not name and data[at] == 9:
            return found, at + 1
        found[name], at = _read(data, at, depth + 1)
    raise Malformed("a large object")

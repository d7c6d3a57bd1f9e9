"""The resumable upload protocol tus 1.0: its headers, and bytes from a request to a file.

It knows files and requests, no room: who may upload and what becomes of it is decided elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from flask_babel import lazy_gettext as _l

from miitti.foundation import errors

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination,checksum"
ALGORITHMS = ("sha1", "sha256", "md5")
CONTENT = "application/offset+octet-stream"

#: Bytes read at a time; also all the memory one upload takes.
CHUNK = 256 * 1024
#: Bytes after which the offset is made durable within one long request.
DURABLE_EVERY = 16 * 1024 * 1024

_KEY = re.compile(r"[\x21-\x2b\x2d-\x7e]+")


class BadRequest(errors.Problem):
    """The request breaks the protocol."""

    status: ClassVar[int] = 400


class WrongVersion(errors.Problem):
    """The client speaks another version of the protocol."""

    status: ClassVar[int] = 412
    code: ClassVar[str] = "version"
    default = _l("This server takes uploads by tus 1.0.0.")


class LengthRequired(errors.Problem):
    """The request does not say how many bytes it brings."""

    status: ClassVar[int] = 411
    code: ClassVar[str] = "length_required"
    default = _l("The size was not told. Send the header Content-Length.")


class Locked(errors.Problem):
    """Another request writes this upload just now."""

    status: ClassVar[int] = 423
    code: ClassVar[str] = "locked"
    default = _l("This upload is going on in another window or an earlier line. It goes on here in a moment.")


class WrongChecksum(errors.Problem):
    """The bytes changed on the way; they were not kept."""

    status: ClassVar[int] = 460
    code: ClassVar[str] = "checksum"
    default = _l("A piece of the file broke on the way. It is sent again.")


class Interrupted(errors.Problem):
    """The line broke before all bytes announced had come; those that came are kept."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "interrupted"
    default = _l("The line broke. The upload goes on from where it was.")


def number(text: str | None, name: str) -> int:
    """A header's non-negative whole number. Raises `BadRequest`."""
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadRequest(_l("The header %(name)s must be a whole number.", name=name))
    return int(text)


def metadata(header: str) -> dict[str, str]:
    """Reads Upload-Metadata: `key base64,key base64`. Raises `BadRequest`."""
    found: dict[str, str] = {}
    for pair in header.split(",") if header.strip() else []:
        key, _, value = pair.strip().partition(" ")
        try:
            if not _KEY.fullmatch(key) or key in found:
                raise ValueError(key)
            found[key] = base64.b64decode(value.strip(), validate=True).decode("utf-8")
        except (ValueError, binascii.Error):
            raise BadRequest(_l("The header Upload-Metadata can't be read.")) from None
    return found


@dataclass(frozen=True)
class Checksum:
    """What the bytes of one request must hash to."""

    algorithm: str
    digest: bytes


def checksum(header: str | None) -> Checksum | None:
    """Reads Upload-Checksum: `algorithm base64`. Raises `BadRequest`."""
    if header is None:
        return None
    algorithm, _, value = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadRequest(_l("This kind of checksum is not known here."))
    try:
        return Checksum(algorithm, base64.b64decode(value, validate=True))
    except (ValueError, binascii.Error):
        raise BadRequest(_l("The header Upload-Checksum can't be read.")) from None


@contextmanager
def locked(path: Path) -> Iterator[IO[bytes]]:
    """The file opened for writing by us alone, also among several processes; a dead one holds nothing.

    Raises `Locked`, and `errors.NotFound` when the file is gone.
    """
    try:
        file = path.open("r+b", buffering=0)
    except FileNotFoundError:
        raise errors.NotFound from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked from None
        yield file


def write(
    file: IO[bytes],
    stream: IO[bytes],
    *,
    offset: int,
    length: int,
    expected: Checksum | None,
    durable: Callable[[int], None],
) -> int:
    """Writes `length` bytes of a request at `offset`, and returns the new offset.

    `durable(offset)` is called when bytes up to that offset are on the disk; whatever lies behind it in the file is
    worth nothing. With a checksum that is only once all are there and right. A broken line keeps what came.
    Raises `WrongChecksum`, `Interrupted`.
    """
    # What a killed process wrote beyond its last report may not be whole.
    file.truncate(offset)
    file.seek(offset)
    hashed = hashlib.new(expected.algorithm, usedforsecurity=False) if expected else None
    left = length
    told = offset
    broken = False
    try:
        while left:
            try:
                data = stream.read(min(CHUNK, left))
            except (OSError, ValueError):
                data = b""
            if not data:
                broken = True
                break
            _all(file, data)
            left -= len(data)
            if hashed:
                hashed.update(data)
            here = offset + length - left
            if not hashed and left and here - told >= DURABLE_EVERY:
                os.fdatasync(file.fileno())
                durable(here)
                told = here
            # A fast line always has bytes ready: let the others of this process have their turn.
            time.sleep(0)
    finally:
        here = offset + length - left
        if expected and hashed and (left or hashed.digest() != expected.digest):
            file.truncate(offset)
            here = offset
        elif here > told or not length:
            os.fdatasync(file.fileno())
            durable(here)
    if broken:
        raise Interrupted
    if expected and here != offset + length:
        raise WrongChecksum
    return here


def _all(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]

"""The resumable upload protocol tus 1.0: its headers, and bytes from a request to a file.

It knows files and requests, no room: who may upload and what becomes of it is decided elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import errno
import fcntl
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import ClientDisconnected

from miitti.foundation import errors, realtime

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination,checksum"
ALGORITHMS = ("sha1", "sha256", "md5")
CONTENT = "application/offset+octet-stream"

#: Bytes read at a time from a slow line and from a fast one; also all the memory one upload takes. Half a MiB stays in
#: a core's own cache from reading to writing: a whole one costs twice the processor time.
CHUNK = 128 * 1024
FAST_CHUNK = 512 * 1024
#: Seconds without a byte after which another request may go on with the upload.
STALE = 4.0
#: Seconds the lock of one write is waited for.
LOCK_PATIENCE = 5.0
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


class Full(errors.Problem):
    """The disk is full; the upload waits for room, as a client does that meets a 5xx."""

    status: ClassVar[int] = 507
    code: ClassVar[str] = "disk_full"
    default = _l("There is no room on the server just now. The upload goes on from where it was when there is some.")


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


class Hold:
    """The right to write one upload's file, and the file itself.

    Whoever holds it has laid a claim beside the file, and touches the claim whenever bytes come. A phone that changed
    its network leaves a request behind that waits for bytes which never come: its claim grows stale, and the next
    request may take it over at once. The one left behind finds that out before it writes another byte, because each
    write looks at the claim under the file's lock. A dead process holds nothing.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.file = file
        self._claim = path.with_name("claim")
        aside = path.with_name(f".claim.{secrets.token_hex(4)}")
        self._own = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.replace(aside, self._claim)
        self._touched = time.monotonic()

    def ours(self) -> bool:
        """Whether nobody has taken the upload over. Only under the lock does the answer last."""
        try:
            return os.path.samestat(os.stat(self._claim), os.fstat(self._own))
        except FileNotFoundError:
            return False

    @contextmanager
    def writing(self) -> Iterator[None]:
        """The lock for one write. Raises `Locked` when the upload was taken over, `Full` when the disk is full."""
        with _exclusively(self.file):
            if not self.ours():
                raise Locked
            try:
                if time.monotonic() - self._touched > 0.5:
                    os.utime(self._own)
                    self._touched = time.monotonic()
                yield
            except OSError as error:
                if error.errno in (errno.ENOSPC, errno.EDQUOT):
                    raise Full from None
                raise

    def release(self) -> None:
        """Give the upload free for the next request."""
        try:
            if self.ours():
                self._claim.unlink(missing_ok=True)
        finally:
            os.close(self._own)


@contextmanager
def _exclusively(file: IO[bytes]) -> Iterator[None]:
    """The file's own lock, which no process outlives; held for one write at a time, so it is waited for."""
    until = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > until:
                raise Locked from None
            time.sleep(0.01)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def locked(path: Path) -> Iterator[Hold]:
    """The upload at `path` to be written by us alone, also among several processes.

    Raises `Locked` while another request brings bytes, and `errors.NotFound` when the file is gone.
    """
    try:
        file = path.open("r+b", buffering=0)
    except FileNotFoundError:
        raise errors.NotFound from None
    with file:
        with _exclusively(file):
            try:
                fresh = time.time() - path.with_name("claim").stat().st_mtime < STALE
            except FileNotFoundError:
                fresh = False
            if fresh:
                raise Locked
            hold = Hold(path, file)
        try:
            yield hold
        finally:
            hold.release()


def write(
    hold: Hold,
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
    Raises `WrongChecksum`, `Interrupted`, `Full`, and `Locked` when another request took over.
    """
    file = hold.file
    with hold.writing():
        # What a killed process wrote beyond its last report may not be whole.
        file.truncate(offset)
        file.seek(offset)
    hashed = hashlib.new(expected.algorithm, usedforsecurity=False) if expected else None
    here = told = offset
    end = offset + length
    size = CHUNK
    broken = False
    while here < end:
        began = time.monotonic()
        try:
            data = stream.read(min(size, end - here))
        except (OSError, ValueError, ClientDisconnected):
            data = b""
        if not data:
            broken = True
            break
        # A fast line is read in larger pieces; a slow one in small ones, so that it shows that it lives.
        size = FAST_CHUNK if time.monotonic() - began < 0.1 else CHUNK
        with hold.writing():
            _all(file, data)
            here += len(data)
            if hashed:
                hashed.update(data)
            elif here < end and here - told >= DURABLE_EVERY:
                realtime.aside(os.fdatasync, file.fileno())
                durable(here)
                told = here
        # A fast line always has bytes ready: let the others of this process have their turn.
        time.sleep(0)
    with hold.writing():
        if expected and hashed and (here < end or hashed.digest() != expected.digest):
            file.truncate(offset)
            here = offset
        elif here > told or not length:
            realtime.aside(os.fdatasync, file.fileno())
            durable(here)
    if broken:
        raise Interrupted
    if expected and here != end:
        raise WrongChecksum
    return here


def _all(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]

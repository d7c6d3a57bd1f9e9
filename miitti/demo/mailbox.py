"""Reading the letters the demo's mail server has kept."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from miitti.foundation import errors

NEWEST = 200
"""Letters the list shows at most."""

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,80}\.eml")


@dataclass(frozen=True)
class Enclosed:
    """A file that came with a letter; `size` in bytes."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True)
class Kept:
    """One letter as the pages show it."""

    name: str
    subject: str
    sender: str
    to: str
    at: datetime | None
    text: str
    html: str
    enclosed: tuple[Enclosed, ...]


def letters(folder: Path) -> list[Kept]:
    """The letters of the folder, the newest first; none when the folder is not there yet."""
    names = sorted((path.name for path in folder.glob("*.eml")), reverse=True) if folder.is_dir() else []
    return [_read(folder / name) for name in names[:NEWEST]]


def letter(folder: Path, name: str) -> Kept:
    """One letter by its file's name. Raises NotFound, also for a name that points elsewhere."""
    path = folder / name
    if not _NAME.fullmatch(name) or not path.is_file():
        raise errors.NotFound
    return _read(path)


def _read(path: Path) -> Kept:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    at = None
    with suppress(TypeError, ValueError):
        at = parsedate_to_datetime(str(message["Date"]))
    return Kept(
        name=path.name,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        at=at,
        text=_body(message, "plain"),
        html=_body(message, "html"),
        enclosed=tuple(_enclosed(message)),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # a character set nobody knows
        content = part.get_payload(decode=True)
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _enclosed(message: EmailMessage) -> Iterator[Enclosed]:
    for part in message.iter_attachments():
        content = part.get_payload(decode=True)
        size = len(content) if isinstance(content, bytes) else 0
        yield Enclosed(part.get_filename() or part.get_content_type(), part.get_content_type(), size)

"""Where media lie: a local folder, names made by us, and signed paths that expire.

The signature is a part of the path (`/media/s/<expires>/<sig>/<path>`), so that relative addresses inside a
playlist keep it, and nginx's secure_link can compute it with a key of its own.
"""

import base64
import hashlib
import hmac
import os
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from miitti.foundation import clock, ids, settings
from miitti.foundation.errors import NotFound

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,120}")
DAY_S = 86_400


def new_name() -> str:
    """A fresh name for a file or folder; a name given by a person never becomes one."""
    return ids.new("m")


def place(*parts: str) -> Path:
    """The path of a stored thing. Raises NotFound for a name we would not have made."""
    if not parts or not all(_NAME.fullmatch(part) for part in parts):
        raise NotFound
    return settings.current().media.joinpath(*parts)


def private() -> tuple[Path, ...]:
    """The folders that hold what is stored: whoever reads a stranger's file sees nothing of them but that file."""
    current = settings.current()
    return (current.data, current.media)


def publish(made: Path, *parts: str) -> Path:
    """Put a finished folder or file in its place at once; what stood there goes."""
    target = place(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        aside = target.with_name(f".{target.name}.{ids.new()}")
        target.rename(aside)
        made.rename(target)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        os.replace(made, target)
    return target


def remove_tree(*parts: str) -> None:
    """Remove a stored file or folder; nothing happens when it isn't there."""
    target = place(*parts)
    if target.is_dir():
        shutil.rmtree(target, ignore_errors=True)
    else:
        target.unlink(missing_ok=True)


def media_key(given: settings.Settings | None = None) -> bytes:
    """The key of the signatures, derived so that nginx may have it without knowing the main one."""
    return (
        hmac.new((given or settings.current()).secret_key.encode(), b"media paths", hashlib.sha256).hexdigest().encode()
    )


def signature(expires: int, folder: str) -> str:
    """The signature of one stored folder until a moment: MD5 over key and both, as nginx's secure_link makes it."""
    digest = hashlib.md5(b"%d/%s %s" % (expires, folder.encode(), media_key()), usedforsecurity=False).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def signed(path: str, *, now: datetime | None = None) -> str:
    """The public address of a stored file for at least a day; the same all day, so that caches hit.

    The signature covers the first two parts of the path: a video's folder, with all its renditions.
    """
    at = now or clock.now()
    expires = (int((at + timedelta(days=1)).timestamp()) // DAY_S + 1) * DAY_S
    return f"/media/s/{expires}/{signature(expires, folder_of(path))}/{path}"


def folder_of(path: str) -> str:
    """The part of a stored path that one signature covers."""
    return "/".join(path.split("/")[:2])


def opened(expires: int, given: str, path: str) -> Path:
    """The stored file behind a signed address. Raises NotFound when it is expired, forged or not there."""
    if expires < clock.now().timestamp() or not hmac.compare_digest(signature(expires, folder_of(path)), given):
        raise NotFound
    found = place(*path.split("/"))
    if not found.is_file():
        raise NotFound
    return found


def free_bytes() -> int:
    """Room left where media lie."""
    return shutil.disk_usage(settings.current().media).free

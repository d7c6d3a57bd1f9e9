"""`miitti backup` and `miitti restore`: one moment of the whole installation kept, and put back.

A restore also mends what an old copy gets wrong: details erased since are erased again, sign-ins and one-time addresses
that were used up or ended since stay so, and everybody who follows a live page begins anew.
"""

import contextlib
import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from miitti import app as application
from miitti.accounts import actions as accounts
from miitti.accounts import queries as people
from miitti.foundation import backup, clock, db, journal
from miitti.foundation.settings import Settings
from miitti.retention import actions as retention
from miitti.retention import states as erasures

NAMED = 5
"""Missing files that are named; the rest are counted."""
KEY = "secret_key"


def keep(current: Settings, target: Path) -> Iterator[str]:
    """Make a backup; gives lines for the person at the keyboard. Raises BackupError."""
    about = backup.take(current, target)
    yield f"{target}: the database at schema {about.schema}, {target.stat().st_size / 1e6:.1f} MB."
    yield f"It lists {about.files} media files ({about.bytes / 1e6:.1f} MB) of {current.media}: copy that folder too."
    if not (current.data / KEY).exists():
        yield "The key of MIITTI_SECRET_KEY is not in it: keep it elsewhere."


def put_back(current: Settings, source: Path) -> Iterator[str]:
    """Put a backup in the place of what is there; gives lines for the person at the keyboard. Raises BackupError."""
    about = backup.about(source)
    open_now = _open_now(current)
    if _is_there(current):
        spare = current.data / f"before-restore-{clock.now():%Y%m%dT%H%M%S%f}.zip"
        backup.take(current, spare)
        yield f"What was there is kept in {spare}; it holds personal data, so remove it when you are sure."
    backup.put_back(current, source)
    db.migrate(current)
    kept = backup.kept(source)
    _add_erasures(current, kept.get(erasures.LOG_NAME, b""))
    erased = _mend(current, open_now)
    key = kept.get(KEY, b"").decode().strip()
    if key and key != current.secret_key and (current.data / KEY).exists():
        # links in letters and the erasures of the old installation are known by its key
        _write(current.data / KEY, key.encode())
        erased += _mend(dataclasses.replace(current, secret_key=key), open_now)
    yield f"The database is as it was at {about.taken_at}; whoever was removed since has to be removed again."
    if erased:
        yield f"{erased} contacts that had been erased since were erased again."
    yield from _compare(current, source)


def _open_now(current: Settings) -> frozenset[str]:
    """What opens a door before the restore; nothing where there is no database or none that can be read."""
    try:
        with _inside(current):
            return people.open_doors()
    except DBAPIError:
        return frozenset()


def _is_there(current: Settings) -> bool:
    try:
        return backup.schema(current) is not None
    except DBAPIError:
        return False


def _mend(current: Settings, open_now: frozenset[str]) -> int:
    """Bring the old rows to what is true today; gives how many contacts were erased again."""
    with _inside(current):
        accounts.keep_open(only=open_now)
        erased = retention.erase_again()
        journal.renew()
        db.scrub()
    return erased


@contextlib.contextmanager
def _inside(current: Settings) -> Iterator[None]:
    """An application with these settings, for as long as the block; its connections end with it."""
    with application.create_app(current).app_context():
        try:
            yield
        finally:
            db.extension.session.remove()
            db.extension.engine.dispose()


def _add_erasures(current: Settings, old: bytes) -> None:
    """Keep every erasure known here or there, each once."""
    path = current.data / erasures.LOG_NAME
    here = path.read_bytes() if path.exists() else b""
    lines = dict.fromkeys([*old.splitlines(), *here.splitlines()])
    if old and list(lines) != here.splitlines():
        _write(path, b"".join(line + b"\n" for line in lines))


def _write(path: Path, content: bytes) -> None:
    """Put a file of ours in its place whole, readable by this user only."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _compare(current: Settings, source: Path) -> Iterator[str]:
    found = backup.missing(current, source)
    for words, names in (("are not in", found.gone), ("are not as they were in", found.changed)):
        if names:
            shown = ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
            yield f"{len(names)} of {found.files} media files {words} {current.media}: {shown}"
    if not found.gone and not found.changed:
        yield f"All {found.files} media files are there."

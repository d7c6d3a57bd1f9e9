"""Backups: one file with the database, what must outlive it, and a list of the media that belong to it.

A zip, so that any system's own tools open it: `about.json`, `database.sqlite3` or `database.sql`, `media.jsonl` and
the folder `kept/`. The database is copied by its own tool (SQLite's online backup, pg_dump), which gives one moment's
state while others go on writing. Media files themselves stay where they are: they are large, never change once made,
and any file copier takes them; the list tells what a copy lacks.
"""

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from miitti.foundation import clock, db
from miitti.foundation.settings import Settings

FORMAT = 1
KEPT = ("secret_key", "erasures.log", "*.pem")
"""Files of the data folder that letters, links and erasures made so far stand on."""

ROWS = {"sqlite": "database.sqlite3", "postgresql": "database.sql"}
"""The name of the rows in the archive, by the kind of database."""
PAGES = 256
"""SQLite pages copied at a time; between two rounds others may write."""
PATIENCE_S = 30.0
"""How long a restore waits for the writers of a running server."""

EMPTY_SCHEMA = """
DO $$ DECLARE found record; BEGIN
    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', found.tablename);
    END LOOP;
    FOR found IN SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = current_schema()
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', found.name);
    END LOOP;
END $$
"""
"""Takes everything of ours out of a PostgreSQL database, what extensions brought excepted."""


class BackupError(Exception):
    """The file can't be made or used; the text says why, for the person at the keyboard."""


@dataclass(frozen=True)
class About:
    """What a backup says of itself."""

    format: int
    taken_at: str
    database: str
    """`sqlite` or `postgresql`; one can't be put back into the other."""
    schema: str
    files: int
    bytes: int


@dataclass(frozen=True)
class Missing:
    """Media that a backup counts on: how many there are, which are not there, which are not as they were."""

    files: int
    gone: list[str]
    changed: list[str]


def take(current: Settings, target: Path) -> About:
    """Write a backup to `target`, readable by this user only; it appears whole or not at all.

    Raises BackupError when there is nothing to copy or no room.
    """
    target = target.absolute()
    with _explained(), tempfile.TemporaryDirectory(prefix=".backup-", dir=current.data) as folder:
        rows, here = _copy_database(current, Path(folder))
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                about = _pack(current, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED), rows, here)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return about


def _copy_database(current: Settings, folder: Path) -> tuple[Path, str]:
    here = schema(current)
    if here is None:
        raise BackupError("the database is empty: there is nothing to keep yet")
    if _kind(current) == "sqlite":
        rows = folder / ROWS["sqlite"]
        with contextlib.closing(_opened(current)) as source, contextlib.closing(sqlite3.connect(rows)) as copy:
            source.backup(copy, pages=PAGES)
        return rows, here
    rows = folder / ROWS["postgresql"]
    _run_postgresql(current, "pg_dump", "--no-owner", "--no-privileges", "--file", str(rows))
    return rows, here


def _pack(current: Settings, archive: zipfile.ZipFile, rows: Path, here: str) -> About:
    with archive:
        archive.write(rows, rows.name)
        for pattern in KEPT:
            for kept in sorted(current.data.glob(pattern)):
                archive.write(kept, f"kept/{kept.name}")
        files = size = 0
        with archive.open("media.jsonl", "w", force_zip64=True) as lines:
            for line in _media(current.media):
                files, size = files + 1, size + int(line["bytes"])
                lines.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        kind = _kind(current)
        about = About(FORMAT, clock.stamp(clock.now()), kind, here, files, size)
        archive.writestr("about.json", json.dumps(asdict(about), indent=2))
    return about


def _media(folder: Path) -> Iterator[dict[str, str | int]]:
    """Every finished media file; what goes away while it is looked at is left out, and so are unfinished ones."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_symlink() or any(part.startswith(".") for part in name.parts):
            continue
        with contextlib.suppress(FileNotFoundError):
            if path.is_file():
                yield {"path": name.as_posix(), "bytes": path.stat().st_size, "sha256": _sum(path)}


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def about(source: Path) -> About:
    """What the file says of itself. Raises BackupError for anything but a backup this program can read."""
    try:
        with zipfile.ZipFile(source) as archive:
            found = About(**json.loads(archive.read("about.json")))
            needed = {ROWS[found.database], "media.jsonl"}
            damaged = archive.testzip() is not None or not needed <= set(archive.namelist())
    except FileNotFoundError:
        raise BackupError(f"there is no file {source}") from None
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile, EOFError, NotImplementedError):
        raise _damaged(source) from None
    if damaged:
        raise _damaged(source)
    if found.format != FORMAT or not _known(found.schema):
        raise BackupError("the backup was made by a newer Miitti; update this one first")
    return found


def _damaged(source: Path) -> BackupError:
    return BackupError(f"{source} is not a backup of Miitti, or it is damaged")


def put_back(current: Settings, source: Path) -> None:
    """Put the database of a backup in the place of the present one, in one transaction, also under a running server.

    Its schema may be older than the program's; whoever calls migrates it. Raises BackupError; nothing is changed then.
    """
    said = about(source)
    kind = _kind(current)
    if said.database != kind:
        raise BackupError(f"the backup is of {said.database}, this installation runs on {kind}")
    with _explained(), tempfile.TemporaryDirectory(prefix=".restore-", dir=current.data) as folder:
        with zipfile.ZipFile(source) as archive:
            rows = Path(archive.extract(ROWS[kind], folder))
        if kind == "postgresql":
            _run_postgresql(
                current, "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
                "--output", os.devnull, "--command", EMPTY_SCHEMA, "--file", str(rows),
            )  # fmt: skip
            return
        _put_aside_what_is_broken(current)
        with contextlib.closing(sqlite3.connect(rows)) as copy, contextlib.closing(_opened(current)) as live:
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise _damaged(source)
            copy.backup(live)
            # what stood here before is not left in the write-ahead log
            live.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def kept(source: Path) -> dict[str, bytes]:
    """The files beside the database, by name; only names that a backup may hold."""
    with zipfile.ZipFile(source) as archive:
        names = [Path(name).name for name in archive.namelist() if name.startswith("kept/")]
        return {name: archive.read(f"kept/{name}") for name in names if any(Path(name).match(one) for one in KEPT)}


def missing(current: Settings, source: Path) -> Missing:
    """Hold the backup's list of media against what lies in the media folder."""
    files, gone, changed = 0, [], []
    with zipfile.ZipFile(source) as archive, archive.open("media.jsonl") as lines:
        for raw in lines:
            line = json.loads(raw)
            files += 1
            path = current.media / line["path"]
            if not path.is_file():
                gone.append(line["path"])
            elif path.stat().st_size != line["bytes"] or _sum(path) != line["sha256"]:
                changed.append(line["path"])
    return Missing(files, gone, changed)


def _kind(current: Settings) -> str:
    return "sqlite" if current.database_url.startswith("sqlite") else "postgresql"


def _opened(current: Settings) -> sqlite3.Connection:
    path = sa.make_url(current.database_url).database or ""
    return sqlite3.connect(path, timeout=PATIENCE_S)


def _put_aside_what_is_broken(current: Settings) -> None:
    """A file that SQLite can't read any more can't be written into either: it gets another name."""
    path = Path(sa.make_url(current.database_url).database or "")
    try:
        with contextlib.closing(_opened(current)) as live:
            live.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        raise  # locked, or the disk: not a broken file
    except sqlite3.DatabaseError:
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            with contextlib.suppress(FileNotFoundError):
                path.with_name(name).rename(path.with_name(f"{name}.broken-{clock.now():%Y%m%dT%H%M%S}"))


def schema(current: Settings) -> str | None:
    """The schema of the database, None when it is empty. Raises DBAPIError when it can't be read."""
    engine = db.make_engine(current)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def _known(schema: str) -> bool:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    try:
        return ScriptDirectory.from_config(config).get_revision(schema) is not None
    except CommandError:
        return False


def _run_postgresql(current: Settings, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs on our database; the password never stands among the arguments."""
    url = sa.make_url(current.database_url)
    given = {
        "PGHOST": url.query.get("host") or url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    environ = {**os.environ, **{name: str(value) for name, value in given.items() if value}}
    done = subprocess.run([_program(program), *arguments], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise BackupError(f"{program}: {last}")


def _program(name: str) -> str:
    """Where the program is: on the path, else the newest that Debian's packages brought."""
    debian = [path for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}") if path.parts[4].isdigit()]
    found = shutil.which(name) or max(map(str, debian), key=lambda path: int(Path(path).parts[4]), default=None)
    if found is None:
        raise BackupError(f"{name} is needed for it; on Debian type: apt-get install postgresql-client")
    return found


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Say in one line what the disk or SQLite would not do."""
    try:
        yield
    except OSError as error:
        raise BackupError(f"{error.filename or 'the file'}: {error.strerror}") from error
    except sqlite3.Error as error:
        raise BackupError(f"the database can't be copied now: {error}") from error

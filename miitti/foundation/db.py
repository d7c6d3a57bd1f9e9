"""The database: one Base, typed columns, read sessions, and the one way to write.

Reads begin deferred. An action is wrapped in `writing`: it ends the read transaction, begins IMMEDIATE, runs,
commits, and is run again from its start when the database was busy. Upgrading a read lock instead fails at once
in SQLite whatever the time-out, and SQLite's own waiting sleeps in C and stops every greenlet of a web process;
so the time-out there is short and the waiting is done here, by a sleep that is green where it must be. SQLite has one
writer anyway, so those of a process take turns: only the one whose turn it is asks the database.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from miitti.foundation.errors import Busy, NotFound
from miitti.foundation.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound="Base")

WEB_BUSY_MS = 5
"""Short: while SQLite waits it stops every greenlet. With 50 the median post of a lead took twice as long."""
WORKER_BUSY_MS = 5_000
WORKER_CHECKPOINT = 1_000
WEB_CHECKPOINT = 20_000
"""Pages in the write-ahead log before a commit copies them into the file: 4 and 80 MB. The worker does it all along;
in the web process it would stop every greenlet for two more fsyncs, so there it only bounds a log no worker empties."""
PATIENCE_S = 5.0
"""How long an action is tried again while the database is busy, in seconds."""
LONGEST_PAUSE_S = 0.02
"""Between two tries: the other process's transactions take a few milliseconds each."""

busy_timeout_ms = WORKER_BUSY_MS
"""SQLite's own waiting in milliseconds, per process; the web process sets WEB_BUSY_MS before it connects."""
checkpoint_pages = WORKER_CHECKPOINT
"""Per process, as above; the web process sets WEB_CHECKPOINT."""

_turns = threading.Lock()


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out, also on SQLite, which keeps no zone. A naive time is an error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


UtcTime = datetime
"""How a column of UtcDateTime is annotated: `Mapped[db.UtcTime]`."""

Id = Annotated[int, mapped_column(primary_key=True)]
"""A row's own number: `id: Mapped[db.Id]`."""

Json = dict[str, Any]
"""How a JSON object column is annotated: `Mapped[db.Json]`."""


def words(kind: type[StrEnum]) -> Enum:
    """The column type of a word: kept as its value in plain text, so that a new word needs no migration."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """The parent of every model."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: JSON(), list[str]: JSON()}  # noqa: RUF012


extension = SQLAlchemy(metadata=Base.metadata)


def plug(app: Flask, settings: Settings) -> None:
    """Connect the application to its database."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings)
    extension.init_app(app)


def engine_options(settings: Settings) -> dict[str, Any]:
    """Pool sizes: a request holds a connection briefly, so a few serve thousands of sockets."""
    return {"pool_size": 10, "max_overflow": 40, "pool_timeout": 10}


def session() -> Session:
    """The session of this request, socket event or job."""
    return extension.session()


def row(model: type[M], key: Any) -> M:
    """The row with that primary key. Raises NotFound."""
    found = session().get(model, key)
    if found is None:
        raise NotFound
    return found


@event.listens_for(Engine, "connect")
def _on_connect(connection: Any, _entry: ConnectionPoolEntry) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, see _on_begin
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={busy_timeout_ms}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute(f"PRAGMA wal_autocheckpoint={checkpoint_pages}")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    # what is erased is overwritten in the file, free pages included, not only unlinked
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


@event.listens_for(Engine, "begin")
def _on_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writing_now = connection.get_execution_options().get("miitti_writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing_now else "BEGIN")


def writing(action: Callable[P, R]) -> Callable[P, R]:
    """Make `action` one transaction; inside another action it joins that one.

    Raises errors.Busy after PATIENCE_S of a busy database; nothing is changed then.
    """

    @wraps(action)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        current = session()
        if current.info.get("writing"):
            return action(*args, **kwargs)
        until = time.monotonic() + PATIENCE_S
        current.rollback()  # nothing is held while others have their turn
        with _turn(current, until):
            result = _until_free(until, current, action, *args, **kwargs)
        for callback in current.info.pop("after_commit", []):
            callback()
        return result

    return run


@contextlib.contextmanager
def _turn(current: Session, until: float) -> Iterator[None]:
    """Wait for this process's turn to write, on SQLite. Raises Busy at `until`, on the clock of `time.monotonic`.

    Without turns each of twenty waiting requests stops the others for WEB_BUSY_MS at every try, and who comes last
    may be first. PostgreSQL lets several write: there a turn would only make one wait for another's row.
    """
    if current.get_bind().dialect.name != "sqlite":
        yield
        return
    if not _turns.acquire(timeout=max(0.0, until - time.monotonic())):
        raise Busy
    try:
        yield
    finally:
        _turns.release()


def _until_free(until: float, current: Session, action: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    pause = 0.005
    while True:
        try:
            return _once(current, action, *args, **kwargs)
        except OperationalError as error:
            if not is_busy(error):
                raise
            if time.monotonic() > until:
                raise Busy from error
        time.sleep(pause * (0.5 + random.random()))  # noqa: S311 - spreading, not secrecy
        pause = min(pause * 1.6, LONGEST_PAUSE_S)


def _once(current: Session, action: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    current.rollback()
    current.info["writing"] = True
    current.info["after_commit"] = []
    try:
        current.connection(execution_options={"miitti_writing": True})
        result = action(*args, **kwargs)
        current.commit()
        return result
    except BaseException:
        current.rollback()
        current.info.pop("after_commit", None)
        raise
    finally:
        current.info["writing"] = False


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the surrounding action is committed; not at all if it fails."""
    current = session()
    if not current.info.get("writing"):
        raise RuntimeError("after_commit belongs inside an action")
    current.info["after_commit"].append(callback)


def is_busy(error: DBAPIError) -> bool:
    """Whether trying the same again soon may succeed."""
    if getattr(error.orig, "sqlstate", None) in ("40001", "40P01", "55P03"):
        return True
    text = str(error.orig)
    return "database is locked" in text or "database table is locked" in text


def insert_or_skip(table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row unless a unique constraint already holds one; says whether it was inserted."""
    statement = _skipping(table, session().get_bind().dialect.name)
    result = session().execute(statement, values, execution_options={"preserve_rowcount": True})
    return getattr(result, "rowcount", 0) == 1


def insert_new(table: Table, values: Mapping[str, Any]) -> int | None:
    """`insert_or_skip` that gives the new row's `id`, or None when it was not inserted."""
    statement = _skipping(table, session().get_bind().dialect.name).returning(table.c.id)
    return session().execute(statement, values).scalar_one_or_none()


@cache
def _skipping(table: Table, dialect: str) -> Any:
    """The statement without its values: made once and compiled once, it costs a third of one made each time."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


def table(model: type[Base]) -> Table:
    """The table of a model, for inserts that need no object."""
    return cast(Table, model.__table__)


def scrub() -> bool:
    """Leave no old copy of what was erased in the database's files; says whether it worked.

    SQLite's write-ahead log is emptied into the file. It waits for readers no longer than the busy timeout; another try
    a moment later gets it. On PostgreSQL a vacuum frees the old row versions, which later rows then take the place of.
    """
    current = session()
    current.rollback()
    if extension.engine.dialect.name != "sqlite":
        with extension.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
        return True
    driver = extension.engine.raw_connection()
    try:
        busy = driver.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        driver.close()
    return not busy


def make_engine(settings: Settings) -> Engine:
    """An engine outside an application, for migrations and checks."""
    return create_engine(settings.database_url)


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema. Safe to run again."""
    from alembic import command  # costs every process 0.2 s of CPU, and one in an installation's life needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations"))
    engine = make_engine(settings)
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        engine.dispose()

"""The journal of what happened: rows committed together with the change they tell of.

A stream has an epoch and a gapless `seq`, given inside the transaction of the change. Unsequenced rows travel
beside them (progress, a word to one person). Every web process follows the table with one dispatcher and tells
its listeners; nobody emits anything before it is committed.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import BigInteger, Index, Integer, String, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import clock, db, ids
from miitti.foundation.bell import Bell
from miitti.foundation.settings import Settings

log = logging.getLogger(__name__)

KEEP_UNSEQUENCED = timedelta(hours=1)
OVERLAP = timedelta(seconds=10)
"""On PostgreSQL ids become visible out of order; rows this young are read again and known by id."""
BATCH = 500
INSTALLATION = "installation"
"""A stream without entries whose epoch changes when the whole database was put back."""

RowId = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts by itself in SQLite


class JournalStream(db.Base):
    """A stream's present state: one row, updated in the writing transaction, which makes `seq` gapless."""

    __tablename__ = "journal_stream"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    epoch: Mapped[str] = mapped_column(String(32))
    head: Mapped[int]


class JournalEntry(db.Base):
    """One thing that happened."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        Index("uq_journal_entry_stream_seq", "stream", "seq", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    stream: Mapped[str] = mapped_column(String(200))
    seq: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(40))
    data: Mapped[db.Json]
    audience: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[db.UtcTime]


_ENTRY = insert(db.table(JournalEntry))
_HEAD = select(JournalStream.epoch, JournalStream.head).where(JournalStream.name == bindparam("stream"))
"""Made once: with a hall coming in, putting it together cost as much as the answer."""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream stands. A cursor from another epoch is worth nothing."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A committed row of the journal, as listeners get it."""

    id: int
    stream: str
    seq: int | None
    kind: str
    data: dict[str, Any]
    audience: str | None
    at: datetime


def append(
    stream: str, kind: str, data: dict[str, Any], *, sequenced: bool = True, audience: str | None = None
) -> int | None:
    """Add an entry inside the surrounding action; gives its `seq`, or None when it has none."""
    session = db.session()
    if not session.info.get("writing"):
        raise RuntimeError("the journal is written inside an action")
    session.flush()
    seq = _next(stream) if sequenced else None
    session.execute(
        _ENTRY, {"stream": stream, "seq": seq, "kind": kind, "data": data, "audience": audience, "at": clock.now()}
    )
    db.after_commit(lambda: _committed(stream))
    return seq


_on_commit: list[tuple[str, Callable[[str], None]]] = []


def on_commit(prefix: str, listener: Callable[[str], None]) -> None:
    """Have `listener(stream)` called as soon as this process has committed an entry of such a stream.

    For forgetting what is no longer true; telling is the dispatcher's, which hears other processes too.
    """
    if (prefix, listener) not in _on_commit:
        _on_commit.append((prefix, listener))


def _committed(stream: str) -> None:
    for prefix, listener in _on_commit:
        if stream.startswith(prefix):
            listener(stream)


def _next(stream: str) -> int:
    session = db.session()
    step = (
        update(JournalStream)
        .where(JournalStream.name == stream)
        .values(head=JournalStream.head + 1)
        .returning(JournalStream.head)
        .execution_options(synchronize_session=False)
    )
    seq = session.scalar(step)
    if seq is None:
        _open(stream)
        seq = session.scalar(step)
    assert seq is not None
    return seq


def _open(stream: str) -> None:
    db.insert_or_skip(JournalStream.__table__, {"name": stream, "epoch": ids.new(), "head": 0})  # type: ignore[arg-type]


@db.writing
def opened(stream: str) -> Head:
    """The stream's head; the stream is made when it isn't there yet, so that its epoch is fixed."""
    _open(stream)
    return head(stream)


def head(stream: str) -> Head:
    """Where the stream stands now; an unwritten stream has an empty epoch and seq 0."""
    found = db.session().execute(_HEAD, {"stream": stream}).one_or_none()
    return Head("", 0) if found is None else Head(found.epoch, found.head)


def since(stream: str, seq: int, limit: int = BATCH) -> list[Entry]:
    """The sequenced entries after `seq`, oldest first."""
    rows = db.session().scalars(
        select(JournalEntry)
        .where(JournalEntry.stream == stream, JournalEntry.seq > seq)
        .order_by(JournalEntry.seq)
        .limit(limit)
    )
    return [_entry(row) for row in rows]


@db.writing
def new_epoch(stream: str) -> Head:
    """Forget every cursor of the stream: after a restore or a clear."""
    _open(stream)
    db.session().execute(update(JournalStream).where(JournalStream.name == stream).values(epoch=ids.new(), head=0))
    db.session().execute(delete(JournalEntry).where(JournalEntry.stream == stream, JournalEntry.seq.is_not(None)))
    return head(stream)


@db.writing
def renew() -> None:
    """Begin every stream anew, as after a restore: what anybody remembers of before is worth nothing."""
    session = db.session()
    session.execute(delete(JournalEntry))
    for name in session.scalars(select(JournalStream.name)).all():
        session.execute(update(JournalStream).where(JournalStream.name == name).values(epoch=ids.new(), head=0))
    _open(INSTALLATION)


@db.writing
def prune() -> None:
    """Drop unsequenced entries nobody can still be waiting for."""
    old = clock.now() - KEEP_UNSEQUENCED
    db.session().execute(delete(JournalEntry).where(JournalEntry.seq.is_(None), JournalEntry.at < old))


def _entry(row: JournalEntry) -> Entry:
    return Entry(row.id, row.stream, row.seq, row.kind, row.data, row.audience, row.at)


Listener = Callable[[Entry], None]


def on(app: Flask, prefix: str, listener: Listener) -> None:
    """Have this process's dispatcher call `listener` for each entry of streams that begin with `prefix`."""
    app.extensions.setdefault("miitti_journal", []).append((prefix, listener))


class Follower:
    """The dispatcher's reading position: each committed entry is given once, in order within its stream."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._seen: dict[int, datetime] = {}
        with app.app_context():
            self._floor: int = db.session().scalar(select(func.max(JournalEntry.id))) or 0
            self._overlap = db.session().get_bind().dialect.name == "postgresql"

    def step(self) -> int:
        """Read what is new and tell the listeners; gives how many entries there were."""
        with self._app.app_context():
            rows = db.session().scalars(
                select(JournalEntry)
                .where(JournalEntry.id > self._floor)
                .order_by(JournalEntry.id)
                .limit(BATCH + len(self._seen))
            )
            entries = [_entry(row) for row in rows if row.id not in self._seen]
            self._advance(entries)
            for entry in entries:
                self._tell(entry)
        return len(entries)

    def _advance(self, entries: list[Entry]) -> None:
        if not self._overlap:
            self._floor = max([self._floor, *(entry.id for entry in entries)])
            return
        self._seen.update((entry.id, entry.at) for entry in entries)
        settled = clock.now() - OVERLAP
        old = [key for key, at in self._seen.items() if at < settled]
        self._floor = max([self._floor, *old])
        self._seen = {key: at for key, at in self._seen.items() if key > self._floor}

    def _tell(self, entry: Entry) -> None:
        for prefix, listener in self._app.extensions.get("miitti_journal", []):
            if entry.stream.startswith(prefix):
                try:
                    listener(entry)
                except Exception:
                    log.exception("journal listener failed", extra={"stream": entry.stream.split(":")[0]})


def follow(app: Flask, settings: Settings, stopped: Callable[[], bool]) -> None:
    """Be the dispatcher of this process until `stopped`. Runs in a thread, green in a web process."""
    follower = Follower(app)
    with Bell(settings) as bell:
        while not stopped():
            try:
                if follower.step() < BATCH:
                    bell.wait(1.0)
            except SQLAlchemyError:
                log.exception("the journal could not be read")
                bell.wait(1.0)

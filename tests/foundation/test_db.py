"""Writing: one transaction, all or nothing, tried again while the database is busy."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from miitti.foundation import clock, db, errors, health, journal


def test_sqlite_is_set_up_to_be_durable(app: Flask) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    for pragma, value in wanted.items():
        assert db.session().scalar(text(f"PRAGMA {pragma}")) == value
    assert db.session().scalar(text("PRAGMA busy_timeout")) == db.busy_timeout_ms


def test_a_failed_action_leaves_nothing(any_app: Flask) -> None:
    called = []

    @db.writing
    def half() -> None:
        journal.append("s", "first", {})
        db.after_commit(lambda: called.append(1))
        raise errors.Refused

    with any_app.app_context():
        with pytest.raises(errors.Refused):
            half()
        assert journal.since("s", 0) == []
        assert called == []


def test_actions_nest_into_one_transaction(any_app: Flask) -> None:
    @db.writing
    def inner() -> None:
        journal.append("s", "inner", {})

    @db.writing
    def outer() -> None:
        inner()
        raise errors.Refused

    with any_app.app_context():
        with pytest.raises(errors.Refused):
            outer()
        assert journal.head("s") == journal.Head("", 0)


def test_times_come_back_aware_and_naive_ones_are_refused(any_app: Flask) -> None:
    at = datetime(2026, 10, 25, 3, 30, tzinfo=timezone(timedelta(hours=2)))

    @db.writing
    def store(when: datetime) -> None:
        db.session().add(health.Heartbeat(name="t", at=when))

    with any_app.app_context():
        store(at)
        assert db.row(health.Heartbeat, "t").at == at
        assert db.row(health.Heartbeat, "t").at.tzinfo == UTC
        with pytest.raises(StatementError):
            store(datetime(2026, 1, 1))  # noqa: DTZ001 - the very thing that must be refused


def test_a_busy_database_is_waited_for(app: Flask, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "miitti.sqlite3", check_same_thread=False, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    releaser = threading.Timer(0.4, lambda: other.execute("ROLLBACK"))
    releaser.start()
    health.beat("web")
    releaser.join()
    other.close()
    assert clock.now() - db.row(health.Heartbeat, "web").at < timedelta(seconds=5)


def test_a_database_busy_for_too_long_is_said_and_works_again_afterwards(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "PATIENCE_S", 0.3)
    monkeypatch.setattr(db, "busy_timeout_ms", 20)
    db.session().rollback()
    db.extension.engine.dispose()
    other = sqlite3.connect(tmp_path / "miitti.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(errors.Busy):
        health.beat("web")
    other.execute("ROLLBACK")
    other.close()
    health.beat("web")


def test_writers_of_one_process_take_turns(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "busy_timeout_ms", 1)
    db.session().rollback()
    db.extension.engine.dispose()
    collisions: list[object] = []

    def busy(error: object) -> bool:
        collisions.append(error)
        return True

    monkeypatch.setattr(db, "is_busy", busy)

    def write(number: int) -> None:
        with app.app_context():
            for _ in range(5):
                health.beat(f"w{number}")
            db.extension.session.remove()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert collisions == [], "nobody asks the database out of turn"
    assert db.row(health.Heartbeat, "w7")


def test_waiting_for_a_turn_ends_too(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "PATIENCE_S", 0.1)
    with db._turns, pytest.raises(errors.Busy):
        health.beat("web")
    health.beat("web")


def test_reading_then_writing_never_upgrades_a_lock(app: Flask, tmp_path: Path) -> None:
    """A read transaction that became stale would give SQLITE_BUSY_SNAPSHOT on its first write."""
    health.beat("web")
    db.session().scalar(text("SELECT count(*) FROM heartbeat"))
    other = sqlite3.connect(tmp_path / "miitti.sqlite3", isolation_level=None)
    other.execute("UPDATE heartbeat SET at = at")
    other.close()
    health.beat("web")


def test_scrubbing_leaves_no_old_copies(any_app: Flask) -> None:
    with any_app.app_context():
        health.beat("web")
        assert db.scrub()
        if db.extension.engine.dialect.name == "postgresql":
            asked = text("SELECT last_vacuum FROM pg_stat_user_tables WHERE relname = 'heartbeat'")
            assert db.session().scalar(asked) is not None


def test_insert_or_skip_says_which(any_app: Flask) -> None:
    with any_app.app_context():

        @db.writing
        def twice() -> list[bool]:
            values = {"name": "x", "at": clock.now()}
            return [db.insert_or_skip(health.Heartbeat.__table__, values) for _ in range(2)]  # type: ignore[arg-type]

        assert twice() == [True, False]


def test_a_broken_constraint_is_not_taken_for_busy(any_app: Flask) -> None:
    @db.writing
    def twice() -> None:
        for _ in range(2):
            db.session().execute(text("INSERT INTO heartbeat (name, at) VALUES ('x', '2026-01-01 00:00:00')"))

    with any_app.app_context(), pytest.raises(IntegrityError):
        twice()

"""Backup and restore under a running server, as typed; and on PostgreSQL with its own tools."""

import http.client
import subprocess
import threading
from pathlib import Path

from sqlalchemy import select

from miitti import backups
from miitti.app import create_app
from miitti.events import queries as events
from miitti.foundation import db, settings
from miitti.questions import actions as questions
from miitti.questions.models import Question
from tests import postgres, processes
from tests.letters import until_true
from tests.world import World, make


def _typed(live: processes.Live, *words: str) -> str:
    done = subprocess.run(
        [processes.MIITTI, *words], env=live.environ, cwd=live.folder, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _bodies(live: processes.Live) -> list[str]:
    with live.app.app_context():
        db.session().rollback()
        return sorted(db.session().scalars(select(Question.body)))


def _ask(live: processes.Live, number: int) -> None:
    with live.app.app_context():
        channel = questions.open_channel(event_id=live.world.event_id, ch="stage")
        questions.ask(
            channel_id=channel.id, visitor=f"v{number}", cid=f"question-{number:05}", body=f"Kysymys {number}?"
        )


def _epoch(live: processes.Live) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=5)
    try:
        connection.request("GET", f"/miitti/{live.world.slug}/qa/stage/state")
        answer = connection.getresponse()
        return answer.getheader("ETag") or "" if answer.status == 200 else ""
    except OSError:
        return ""
    finally:
        connection.close()


def test_while_people_ask(live: processes.Live, tmp_path: Path) -> None:
    _ask(live, 0)
    stop = threading.Event()

    def go_on() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            _ask(live, number)

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        until_true(lambda: len(_bodies(live)) > 3, 30, "questions to come")
        assert "schema" in _typed(live, "backup", str(tmp_path / "kept.zip"))
    finally:
        stop.set()
        writer.join()
    before, epoch = live.pids("wsgi.py"), _epoch(live)
    asked_in_all = len(_bodies(live))
    assert "The database is as it was" in _typed(live, "restore", str(tmp_path / "kept.zip"))
    kept = _bodies(live)
    assert "Kysymys 0?" in kept
    assert len(kept) <= asked_in_all
    until_true(lambda: not set(before) & set(live.pids("wsgi.py")), 30, "web and stage to start anew")
    until_true(lambda: _epoch(live) not in ("", epoch), 30, "the page to know the new epoch")
    until_true(live.ready, 30, "all of it to be ready")
    _ask(live, 10_000)
    assert "Kysymys 10000?" in _bodies(live)


def test_on_postgresql(tmp_path: Path) -> None:
    with postgres.cluster() as address:
        current = settings.load(
            {"MIITTI_DATA": str(tmp_path), "MIITTI_MEDIA": str(tmp_path / "media"), "MIITTI_DATABASE_URL": address}
        )
        db.migrate(current)
        app = create_app(current)
        with app.app_context():
            world = make()
            said = list(backups.keep(current, tmp_path / "kept.zip"))
            assert "schema" in said[0]
            _title(world, "Vahingossa muutettu")
            db.extension.session.remove()
            list(backups.put_back(current, tmp_path / "kept.zip"))
            assert _title(world) == "Metallialan Miitti"
            db.extension.session.remove()
            db.extension.engine.dispose()


def _title(world: World, new: str = "") -> str:
    @db.writing
    def act() -> str:
        event = events.by_id(world.event_id)
        assert event is not None
        event.title_fi = new or event.title_fi
        return event.title_fi

    return act()

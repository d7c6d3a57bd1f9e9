"""The room's changes and readings on PostgreSQL, where transactions see other things than on SQLite."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from miitti.app import create_app
from miitti.foundation import db, journal
from miitti.questions import actions, queries, states
from miitti.questions.states import Op, View
from tests import postgres
from tests.conftest import _settings
from tests.questions import rows
from tests.world import make


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    with postgres.cluster() as url:
        settings = _settings(tmp_path, MIITTI_DATABASE_URL=url)
        db.migrate(settings)
        made = create_app(settings)
        yield made
        with made.app_context():
            db.extension.engine.dispose()


def test_ten_people_at_once_and_every_number_is_given_once(app: Flask) -> None:
    with app.app_context():
        world = make()
        channel_id = rows.stage(world).id
        before = queries.snapshot(channel_id, View.MOD)
    problems: list[Exception] = []

    def person(number: int) -> None:
        try:
            with app.app_context():
                channel = rows.stage(world)
                question = rows.moved(world, channel, rows.asked(channel, f"Kysymys {number}?"), Op.APPROVE)
                actions.vote(channel_id=channel_id, visitor=f"v{number}", question_id=question["id"], on=True)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=person, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    with app.app_context():
        now = queries.snapshot(channel_id, View.MOD)
        assert sorted(q["no"] for q in now["questions"]) == list(range(1, 11))
        assert now["vrev"] == 10
        for entry in journal.since(queries.stream(channel_id, View.MOD), before["seq"]):
            assert entry.seq is not None
            before = states.fold(before, entry.seq, entry.kind, entry.data)
        assert [q["id"] for q in before["questions"]] == [q["id"] for q in now["questions"]]

"""The whole house stands on PostgreSQL too: people act, pages come, jobs are done once by many workers."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask

from miitti.app import create_app
from miitti.foundation import db, jobs, journal, limits, settings
from miitti.questions import actions as questions
from miitti.questions import queries as questions_queries
from tests import postgres
from tests.conftest import Client
from tests.world import World, make

DONE: list[str] = []
_lock = threading.Lock()


@jobs.handler("count_once", lane="other")
def _count_once(work: jobs.Work) -> None:
    with _lock:
        DONE.append(work.key)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on a PostgreSQL of its own."""
    folder = tmp_path_factory.mktemp("postgresql")
    with postgres.cluster() as address:
        current = settings.load(
            {
                "MIITTI_DATA": str(folder),
                "MIITTI_MEDIA": str(folder / "media"),
                "MIITTI_BASE_URL": "http://localhost",
                "MIITTI_DATABASE_URL": address,
            }
        )
        db.migrate(current)
        built = create_app(current)
        built.test_client_class = Client
        limits.clear()
        yield built
        with built.app_context():
            db.extension.engine.dispose()


@pytest.fixture(scope="module")
def world(app: Flask) -> World:
    """A small Miitti on it."""
    with app.app_context():
        return make()


def _client(app: Flask, token: str | None = None) -> Client:
    made = app.test_client()
    assert isinstance(made, Client)
    if token is not None:
        with made.session_transaction() as session:
            session["token"] = token
    return made


def test_a_visitor_asks_leaves_details_and_wants_a_reminder(app: Flask, world: World) -> None:
    visitor = _client(app)
    form = visitor.get(f"/miitti/{world.slug}/booths/harju/leads").text
    key = form.split('name="form_key"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    lead = visitor.send(
        f"/miitti/{world.slug}/booths/harju/leads",
        form_key=key,
        name="Aino Hakija",
        email="aino@posti.example",
        message="Hei",
    )
    assert lead.status_code == 303
    assert visitor.get(lead.location).status_code == 200
    with app.app_context():
        channel = questions.open_channel(event_id=world.event_id, ch=questions_queries.STAGE)
        asked = questions.ask(channel_id=channel.id, visitor="v", cid="cid-00000001", body="Mikä on palkka?")
        again = questions.ask(channel_id=channel.id, visitor="v", cid="cid-00000001", body="Mikä on palkka?")
    assert (asked.q["id"], again.dup) == (again.q["id"], True)
    assert visitor.send(f"/miitti/{world.slug}/reminders", email="aino@posti.example").status_code in (200, 303)
    assert visitor.send("/sign-in", email="owner@example.fi").status_code == 303


@pytest.mark.parametrize("who", [None, "organiser", "cohost", "moderator", "owner", "admin"])
def test_every_page_comes(app: Flask, world: World, who: str | None) -> None:
    with app.app_context():
        client = _client(app, world.token(who) if who else None)
    known = {"slug": world.slug, "event": world.slug, "booth": "harju", "ch": "stage", "token": "none"}
    known |= {"vacancy_id": str(world.vacancies["harju"]), "code": "fi"}
    asked = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.arguments <= known.keys():
            continue
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(next(part for part in _parts(path) if part.endswith(f"{name}>")), known[name])
        answer = client.get(path)
        assert answer.status_code < 500 or path.startswith(("/live/", "/readyz")), path
        asked += 1
    assert asked > 20


def _parts(path: str) -> list[str]:
    return [f"<{part.split('>')[0]}>" for part in path.split("<")[1:]]


def test_many_workers_do_each_job_once(app: Flask) -> None:
    @db.writing
    def enqueue() -> None:
        for number in range(40):
            jobs.enqueue("count_once", key=f"count_once:{number}")

    DONE.clear()
    with app.app_context():
        enqueue()
    workers = [threading.Thread(target=jobs.run_until_idle, args=(app, ["other"])) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ours = [key for key in DONE if key.startswith("count_once:")]
    assert len(ours) == len(set(ours)) == 40


def test_many_writers_leave_no_gap_in_the_journal(app: Flask) -> None:
    @db.writing
    def write(number: int) -> None:
        journal.append("gapless", "noted", {"number": number})

    def several(first: int) -> None:
        with app.app_context():
            for number in range(first, first + 10):
                write(number)

    with app.app_context():
        follower = journal.Follower(app)
    writers = [threading.Thread(target=several, args=(first * 10,)) for first in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with app.app_context():
        entries = journal.since("gapless", 0)
    assert [entry.seq for entry in entries] == list(range(1, 41))
    assert sorted(entry.data["number"] for entry in entries) == list(range(40))
    seen = 0
    while step := follower.step():
        seen += step
    assert seen >= 40

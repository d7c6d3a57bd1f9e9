"""One address, many hands at once: exactly one session, on both databases and over HTTP in both async modes."""

import http.client
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from miitti.accounts import actions, queries
from miitti.app import create_app
from miitti.foundation import db, settings
from tests import postgres, processes
from tests.processes import Live

HANDS = 8


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database of each kind."""
    environ = {"MIITTI_DATA": str(tmp_path / "data"), "MIITTI_MEDIA": str(tmp_path / "media")}
    if request.param == "sqlite":
        yield from _application(environ)
        return
    with postgres.cluster() as address:
        yield from _application({**environ, "MIITTI_DATABASE_URL": address})


def _application(environ: dict[str, str]) -> Iterator[Flask]:
    current = settings.load(environ)
    db.migrate(current)
    app = create_app(current)
    yield app
    with app.app_context():
        db.extension.engine.dispose()


def _person() -> int:
    person = actions.invite(email="aino@example.fi")
    actions.grant(person_id=person.id, role="organiser")
    return person.id


def _all_at_once(work: list[threading.Thread]) -> None:
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


def test_parallel_presses_give_one_session(stored: Flask) -> None:
    with stored.app_context():
        person_id = _person()
        token = actions.link(person_id=person_id)
    gate = threading.Barrier(HANDS)
    answers: list[str | None] = []

    def press() -> None:
        with stored.app_context():
            gate.wait()
            answers.append(actions.sign_in(token=token))

    _all_at_once([threading.Thread(target=press) for _ in range(HANDS)])
    assert len(answers) == HANDS
    assert len([answer for answer in answers if answer]) == 1
    with stored.app_context():
        assert len(queries.sessions(person_id)) == 1


@pytest.fixture(scope="module", params=["eventlet", "gevent"])
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A real process tree in each async mode."""
    with processes.running(tmp_path_factory.mktemp("live"), MIITTI_ASYNC_MODE=request.param) as running:
        yield running


def test_parallel_posts_over_http_sign_one_browser_in(live: Live) -> None:
    with live.app.app_context():
        path = live.world.link("organiser")
    browsers = [_browser(live.port, path) for _ in range(HANDS)]
    gate = threading.Barrier(HANDS)
    statuses: list[int] = []

    def press(cookie: str, csrf: str) -> None:
        gate.wait()
        statuses.append(_ask(live.port, "POST", path, cookie, f"csrf_token={csrf}")[0])

    _all_at_once([threading.Thread(target=press, args=browser) for browser in browsers])
    assert sorted(statuses) == [303] + [410] * (HANDS - 1)


def _browser(port: int, path: str) -> tuple[str, str]:
    """Open the address as a fresh browser; gives its cookie and its CSRF value."""
    status, page, cookie = _ask(port, "GET", path)
    assert status == 200
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found
    return cookie, found[1]


def _ask(port: int, method: str, path: str, cookie: str = "", body: str | None = None) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"} if cookie else {}
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, text, (answer.getheader("Set-Cookie") or "").split(";")[0]
    finally:
        connection.close()

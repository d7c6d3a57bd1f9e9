"""A database that is held or can't be written: told within five seconds, nothing half done, well again by itself."""

import contextlib
import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from miitti.foundation import db
from miitti.questions import queries
from miitti.questions.models import Channel, Question
from miitti.questions.states import View
from tests.questions.webs import Follower, Site, Web, cid, site, until


@pytest.fixture(scope="module", params=["eventlet", "gevent"])
def live_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp(request.param), request.param) as made:
        made.web()
        yield made


@contextlib.contextmanager
def held(live_site: Site) -> Iterator[None]:
    """Another program holds the database's write lock for the time of the block."""
    path = live_site.app.config["MIITTI"].database_url.removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextlib.contextmanager
def full(web: Web) -> Iterator[None]:
    """No file of the web process grows past its first kilobyte: every write to the database's log fails."""
    assert web.process is not None
    before = resource.prlimit(web.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(web.process.pid, resource.RLIMIT_FSIZE, (1024, before[1]))
    yield
    resource.prlimit(web.process.pid, resource.RLIMIT_FSIZE, before)


def shown(live_site: Site, body: str) -> tuple[int, int]:
    """Rows of that question, and entries of the moderators' stream that show it."""
    with live_site.app.app_context():
        db.session().rollback()
        channel = db.session().query(Channel).filter_by(ch="stage").one()
        caught = queries.catch_up(
            channel.id, channel.ch, View.MOD, (queries.snapshot(channel.id, View.MOD)["epoch"], 0)
        )
        events = [event for event in caught.events or [] if body in str(event)]
        return db.session().query(Question).filter_by(body=body).count(), len(events)


def told(line: Follower, body: str, name: str) -> tuple[Any, float]:
    """The answer to a question, and after how many seconds it came."""
    began = time.monotonic()
    answer = line.ask(body, name)
    return answer, time.monotonic() - began


def test_a_database_held_for_three_seconds_delays_and_loses_nothing(live_site: Site) -> None:
    web = live_site.webs[0]
    line, reader = live_site.person().connect(web), live_site.person().connect(web)
    body, name = "Odottiko tämä lukkoa?", cid()
    found: list[tuple[Any, float]] = []
    asking = threading.Thread(target=lambda: found.append(told(line, body, name)))
    with held(live_site):
        asking.start()
        until_s = time.monotonic() + 3
        while time.monotonic() < until_s:  # meanwhile others are served
            assert reader.send("sync", {"ch": "stage"})["ok"]
            assert web.answers()
    asking.join(15)
    ((answer, seconds),) = found
    assert seconds < 5 + 3, "within five seconds, and what a busy machine adds"
    assert answer["ok"] or answer["error"]["code"] == "busy", answer
    again = line.ask(body, name)
    assert again["ok"]
    assert again["dup"] == answer["ok"]
    assert shown(live_site, body) == (1, 1)
    for each in (line, reader):
        each.close()


def test_held_longer_it_says_busy_and_the_same_command_is_taken_later(live_site: Site) -> None:
    line = live_site.person().connect(live_site.webs[0])
    body, name = "Liian kauan lukossa?", cid()
    with held(live_site):
        answer, seconds = told(line, body, name)
    assert answer["error"]["code"] == "busy"
    assert seconds < 8
    assert shown(live_site, body) == (0, 0)
    again = line.ask(body, name)
    assert (again["ok"], again["dup"]) == (True, False)
    assert shown(live_site, body) == (1, 1)
    line.close()


def test_a_full_disk_is_told_leaves_no_half_and_needs_no_restart(live_site: Site) -> None:
    web = live_site.webs[0]
    line = live_site.person().connect(web)
    host = live_site.person("organiser").connect(web, view="mod")
    body, name = "Mahtuiko levylle?", cid()
    assert web.process is not None
    pid = web.process.pid
    with full(web):
        answer, seconds = told(line, body, name)
    assert answer["ok"] is False
    assert answer["error"]["code"] in ("busy", "internal"), answer
    assert "disk" not in str(answer).lower(), "what the program's own trouble is stays in its log"
    assert seconds < 8
    assert shown(live_site, body) == (0, 0)
    again = line.ask(body, name)
    assert (again["ok"], again["dup"]) == (True, False)
    until(lambda: host.shows(body), "the question at the moderator's")
    assert shown(live_site, body) == (1, 1)
    assert web.process.pid == pid
    assert web.process.poll() is None
    for each in (line, host):
        each.close()

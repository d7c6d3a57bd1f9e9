"""Two web processes on one PostgreSQL, in both async modes: one is killed, and nobody misses or doubles anything."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from miitti.foundation import db
from miitti.questions import queries
from miitti.questions.models import Channel
from miitti.questions.states import View
from tests import postgres
from tests.questions.crowd import Crowd
from tests.questions.webs import Site, site, until


@pytest.fixture(params=["eventlet", "gevent"])
def live_site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    with postgres.cluster() as url, site(tmp_path, request.param, MIITTI_DATABASE_URL=url) as made:
        yield made


def test_two_processes_tell_the_same_and_one_may_die(live_site: Site) -> None:
    first, second = live_site.web(), live_site.web()
    host = live_site.person("organiser").connect(second, view="mod")
    asker, watcher = live_site.person().connect(first), live_site.person().connect(second)
    crowd = Crowd(live_site.app, first, 20)
    bodies = [f"Kahden palvelimen kysymys {number}?" for number in range(3)]
    questions = [asker.ask(body)["q"] for body in bodies]
    for question, body in zip(questions, bodies, strict=True):
        until(partial(host.shows, body), body)
        assert host.moderate(question, "approve")["ok"]
        until(partial(watcher.shows, body), body)
        until(partial(asker.shows, body), body)
    answers = crowd.ask_all("vote", [{"id": questions[0]["id"], "on": True}] * 20)
    assert all(answer["ok"] for answer in answers)
    until(lambda: watcher.tallies and watcher.tallies[-1]["t"][-1][:2] == [questions[0]["id"], 20], "the tally")
    first.kill()
    asker.close()
    moved = asker.person.connect(second, resume=asker)
    assert moved.modes == ["delta"]
    late = watcher.ask("Toisen kuoltua?")
    assert late["ok"], late
    until(partial(host.shows, "Toisen kuoltua?"), "the late question")
    assert host.moderate(late["q"], "approve")["ok"]
    until(partial(moved.shows, "Toisen kuoltua?"), "the late question on the list")
    until(partial(watcher.shows, "Toisen kuoltua?"), "the late question on the other list")
    with live_site.app.app_context():
        channel = db.session().query(Channel).filter_by(ch="stage").one()
        real = queries.snapshot(channel.id, View.PUB)
    for line in (moved, watcher):
        assert line.state is not None
        assert [q["id"] for q in line.state["questions"]] == [q["id"] for q in real["questions"]]
        numbers = [seq for seq, _kind, _text in line.applied]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    for line in (host, moved, watcher):
        line.close()
    crowd.close()

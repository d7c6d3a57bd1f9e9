"""Questions under fault, in both async modes: nothing lost, nothing twice, nothing leaked."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from miitti.foundation import db
from miitti.questions import queries
from miitti.questions.models import Channel, Question
from miitti.questions.states import View
from tests.questions.webs import EVENT, Follower, Site, cid, raw_frames, site, until


@pytest.fixture(scope="module", params=["eventlet", "gevent"])
def live_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp(request.param), request.param) as made:
        made.web()
        yield made


@pytest.fixture
def lines() -> Iterator[list[Follower]]:
    """Connections to be closed in the end."""
    opened: list[Follower] = []
    yield opened
    for line in opened:
        line.close()


def rows(live_site: Site, body: str) -> int:
    with live_site.app.app_context():
        return db.session().query(Question).filter_by(body=body).count()


def test_killed_between_commit_and_telling_nothing_is_lost_or_twice(live_site: Site, lines: list[Follower]) -> None:
    web = live_site.webs[0]
    host, watcher = live_site.person("organiser"), live_site.person()
    seen = watcher.connect(web)
    asked = []
    for attempt in range(4):
        body = f"Jäikö tämä väliin {attempt}?"
        moderator = host.connect(web, view="mod")
        question = live_site.person().connect(web)
        pending = question.ask(body)["q"]
        # the acknowledgement means committed; the dispatcher reads the journal up to 20 ms later
        assert moderator.moderate(pending, "approve")["ok"]
        web.kill()
        for line in (moderator, question, seen):
            line.close()
        web.start()
        seen = watcher.connect(web, resume=seen)
        assert seen.modes == ["delta"]
        until(partial(seen.shows, body), body)
        asked.append(body)
    lines.append(seen)
    for body in asked:
        assert [text for _seq, kind, text in seen.applied if kind == "q.put"].count(body) == 1
    numbers = [seq for seq, _kind, _text in seen.applied]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "no gap, nothing twice"


def test_the_same_question_twenty_times_over_five_sockets_is_one_row(live_site: Site, lines: list[Follower]) -> None:
    asker = live_site.person()
    lines += [asker.connect(live_site.webs[0]) for _ in range(5)]
    body, name = "Tuplana vai ei?", cid()
    answers: list[Any] = []

    def send(line: Follower) -> None:
        for _ in range(4):
            answers.append(line.ask(body, name))  # noqa: PERF401 - one after the other, as they are answered

    threads = [threading.Thread(target=send, args=(line,)) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 20
    assert all(answer["ok"] for answer in answers), answers
    assert len({answer["q"]["id"] for answer in answers}) == 1
    assert [answer["dup"] for answer in answers].count(False) == 1
    assert rows(live_site, body) == 1


def test_the_same_cid_with_other_words_is_refused(live_site: Site, lines: list[Follower]) -> None:
    line = live_site.person().connect(live_site.webs[0])
    lines.append(line)
    name = cid()
    assert line.ask("Ensimmäiset sanat", name)["ok"]
    assert line.ask("Toiset sanat", name)["error"]["code"] == "cid_reused"
    assert rows(live_site, "Toiset sanat") == 0


def test_two_moderators_one_revision(live_site: Site, lines: list[Follower]) -> None:
    web = live_site.webs[0]
    one, two = (live_site.person(name).connect(web, view="mod") for name in ("organiser", "cohost"))
    asker = live_site.person().connect(web)
    lines += [one, two, asker]
    question = asker.ask("Kumpi ehti ensin?")["q"]
    answers: dict[str, Any] = {}
    threads = [
        threading.Thread(target=lambda line=line, op=op: answers.update({op: line.moderate(question, op)}))
        for line, op in ((one, "approve"), (two, "reject"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    won = [op for op, answer in answers.items() if answer["ok"]]
    lost = [answer["error"]["code"] for answer in answers.values() if not answer["ok"]]
    assert (len(won), lost) == (1, ["conflict"])
    state = {"approve": "live", "reject": "rejected"}[won[0]]

    def shown(line: Follower) -> str:
        assert line.state is not None
        return next((str(q["state"]) for q in line.state["questions"] if q["id"] == question["id"]), "")

    until(lambda: shown(one) == shown(two) == state, "the same on both screens")
    until(lambda: shown(asker) == ("live" if won == ["approve"] else ""), "what attendees may see")


def test_attendees_hear_not_one_byte_about_pending_questions(live_site: Site, lines: list[Follower]) -> None:
    web = live_site.webs[0]
    host, watcher = live_site.person("organiser").connect(web, view="mod"), live_site.person().connect(web)
    lines += [host, watcher]
    asker = live_site.person().connect(web)
    lines.append(asker)
    secret = asker.ask("Salainen jonottaja")["q"]
    for op in ("reject", "restore", "reject"):
        secret = host.moderate(secret, op)["q"]
    open_ = host.moderate(live_site_ask(live_site, lines, "Julkinen jälkeen"), "approve")
    assert open_["ok"]
    until(lambda: watcher.shows("Julkinen jälkeen"), "the public question")
    assert "Salainen" not in str(watcher.raw)
    assert secret["id"] not in str(watcher.raw)


def live_site_ask(live_site: Site, lines: list[Follower], body: str) -> Any:
    line = live_site.person().connect(live_site.webs[0])
    lines.append(line)
    return line.ask(body)["q"]


def test_two_web_processes_on_one_database(live_site: Site, lines: list[Follower]) -> None:
    first = live_site.webs[0]
    second = live_site.web()
    watcher = live_site.person().connect(second)
    host = live_site.person("organiser").connect(second, view="mod")
    asker = live_site.person().connect(first)
    lines += [watcher, host, asker]
    question = asker.ask("Kuuluuko toiseen päähän?")["q"]
    until(lambda: host.shows("Kuuluuko toiseen päähän?"), "the question at the other process's moderator")
    assert host.moderate(question, "approve")["ok"]
    for line in (watcher, asker):
        until(partial(line.shows, "Kuuluuko toiseen päähän?"), "the question everywhere")
    assert asker.send("vote", {"id": question["id"], "on": True})["up"] == 1
    until(lambda: watcher.tallies and watcher.tallies[-1]["t"][-1][:2] == [question["id"], 1], "the tally")
    assert second.stop() == 0
    assert watcher.byes
    assert watcher.byes[0]["code"] == "restart"
    live_site.webs.remove(second)


def test_forty_people_vote_at_once(live_site: Site, lines: list[Follower]) -> None:
    web = live_site.webs[0]
    host = live_site.person("organiser").connect(web, view="mod")
    lines.append(host)
    question = host.moderate(live_site_ask(live_site, lines, "Äänestetäänkö?"), "approve")["q"]
    voters = [live_site.person().connect(web) for _ in range(40)]
    lines += voters
    threads = [threading.Thread(target=line.send, args=("vote", {"id": question["id"], "on": True})) for line in voters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with live_site.app.app_context():
        assert db.row(Question, question["id"]).up == 40

    def last() -> int:
        told = [score for tally in voters[0].tallies for score in tally["t"] if score[0] == question["id"]]
        return int(told[-1][1]) if told else 0

    until(lambda: last() == 40, "the last tally", 3)
    assert len(voters[0].tallies) < 20, "never one message per vote"


def test_over_long_polling_it_is_the_same(live_site: Site, lines: list[Follower]) -> None:
    web = live_site.webs[0]
    host = live_site.person("organiser").connect(web, view="mod", transports=("polling",))
    asker = live_site.person().connect(web, transports=("polling",))
    lines += [host, asker]
    question = asker.ask("Kulkeeko tämä pollaten?")["q"]
    assert host.moderate(question, "approve")["ok"]
    until(lambda: asker.shows("Kulkeeko tämä pollaten?"), "the question over polling")


@pytest.mark.parametrize(
    "frames",
    [
        ("x",),
        ("",),
        ("42",),
        ("42/qa,{not json",),
        ('42/qa,7["ask"]',),
        ('42/qa,7["ask",null]',),
        ('42/qa,7["connect",{}]',),
        ('451-/qa,8["ask",{"_placeholder":true,"num":0}]', b"\x00\x01"),
        ("42/qa,9" + '["ask",' + "[" * 3000 + "]" * 3000 + "]",),
        ('42/qa,7["ask",{"cid":"abcdefgh","ch":"stage","body":"' + "x" * 900_000 + '"}]',),
        (b"\x00" * 100,),
        ("4" * 15_000,),
    ],
    ids=["x", "empty", "cut", "no json", "nothing", "null", "connect", "binary", "deep", "huge", "bytes", "fours"],
)
def test_nonsense_ends_at_most_its_own_connection(
    live_site: Site, lines: list[Follower], frames: tuple[str | bytes, ...]
) -> None:
    web = live_site.webs[0]
    bystander = live_site.person().connect(web)
    lines.append(bystander)
    before = live_site.said()
    raw_frames(web, live_site.person(), *frames)
    assert bystander.send("sync", {"ch": "stage"})["ok"]
    assert web.answers()
    news = live_site.said()[len(before) :]
    assert "Traceback" not in news, news
    assert len(news.splitlines()) <= 1, news


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://evil.example"}, 400),
        ({"Host": "evil.example"}, 400),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 400),
        ({"Origin": "null"}, 400),
    ],
)
def test_foreign_handshakes_are_refused(live_site: Site, headers: dict[str, str], status: int) -> None:
    web = live_site.webs[0]
    answer = requests.get(f"{web.url}/socket.io/?EIO=4&transport=polling", headers=headers, timeout=10)
    assert answer.status_code == status


def test_a_900_kb_question_is_refused_and_nothing_is_kept(live_site: Site) -> None:
    web = live_site.webs[0]
    person = live_site.person()
    answer = requests.post(
        f"{web.url}{EVENT}/qa/stage/questions",
        data={"csrf_token": person.csrf, "cid": cid(), "body": "x" * 900_000},
        headers={"Cookie": person.cookie, "Accept": "application/json"},
        timeout=20,
    )
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_long"


def test_in_the_end_a_follower_shows_what_the_database_holds(live_site: Site, lines: list[Follower]) -> None:
    line = live_site.person().connect(live_site.webs[0])
    lines.append(line)
    with live_site.app.app_context():
        channel = db.session().query(Channel).filter_by(ch="stage").one()
        truth = queries.snapshot(channel.id, View.PUB)
    assert line.state is not None
    assert [q["id"] for q in line.state["questions"]] == [q["id"] for q in truth["questions"]]


@pytest.mark.parametrize("mode", ["eventlet", "gevent"])
def test_sigterm_with_open_sockets_ends_soon_and_says_bye(mode: str, tmp_path: Path) -> None:
    with site(tmp_path, mode) as made:
        web = made.web()
        lines = [made.person().connect(web), made.person().connect(web, transports=("polling",))]
        assert web.stop() == 0
        for line in lines:
            until(partial(bool, line.byes), "bye", 5)
            line.close()

"""Many people under fault, in both async modes: a server killed at the worst moment, votes at once, lines cut."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import requests

from miitti.accounts import actions as accounts
from miitti.accounts import queries as grants
from miitti.foundation import db, errors
from miitti.moderation import actions as moderation
from miitti.questions import queries
from miitti.questions.models import Channel, Question
from miitti.questions.states import Op, View
from tests.questions import rows
from tests.questions.crowd import Attendee, Crowd, cookies
from tests.questions.webs import EVENT, Person, Site, cid, site, until

MODES = ["eventlet", "gevent"]
FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}\N{ZERO WIDTH JOINER}\N{BOY}"
"""One letter to a person, 64 bytes on the line."""


@pytest.fixture(scope="module", params=MODES)
def live_site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp(request.param), request.param) as made:
        made.web()
        yield made


@pytest.fixture
def crowds() -> Iterator[list[Crowd]]:
    """Crowds to be sent home in the end."""
    made: list[Crowd] = []
    yield made
    for crowd in made:
        crowd.close()


def published(live_site: Site, body: str) -> Any:
    """A question on everybody's list, put there by another process."""
    with live_site.app.app_context():
        stage = rows.stage(live_site.world)
        return rows.moved(live_site.world, stage, rows.asked(stage, body), Op.APPROVE)


def truth(live_site: Site) -> dict[str, Any]:
    """What everybody should see."""
    with live_site.app.app_context():
        db.session().rollback()
        channel = db.session().query(Channel).filter_by(ch="stage").one()
        return queries.snapshot(channel.id, View.PUB)


def agree(live_site: Site, people: list[Attendee]) -> bool:
    """Whether everybody shows the very state of the database; scores travel by tallies."""
    real = truth(live_site)
    real["questions"] = [{**q, "up": 0, "vrev": 0} for q in real["questions"]]

    def same(state: dict[str, Any] | None) -> bool:
        assert state is not None
        return {**state, "vrev": 0, "questions": [{**q, "up": 0, "vrev": 0} for q in state["questions"]]} == {
            **real,
            "vrev": 0,
        }

    return all(same(each.state) for each in people)


def gapless(people: list[Attendee]) -> bool:
    """Whether everybody applied every event once and in order."""
    for each in people:
        numbers = [seq for seq, _kind in each.applied]
        if numbers and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            return False
    return True


def count(live_site: Site, body: str) -> int:
    with live_site.app.app_context():
        db.session().rollback()
        return db.session().query(Question).filter_by(body=body).count()


def test_killed_before_the_commit_nothing_stays_and_the_same_command_is_taken_later(live_site: Site) -> None:
    web, body, name = live_site.webs[0], "Kesken kirjoituksen kuollut?", cid()
    web.kill()
    web.start("tests/faults/dying.py", DIES="commit", DIES_AT="Kesken kirjoituksen")
    line = live_site.person().connect(web)
    line.client.emit("ask", {"cid": name, "ch": "stage", "body": body}, namespace="/qa")
    web.died()
    assert count(live_site, body) == 0
    line.close()
    web.start()
    again = line.person.connect(web, resume=line)
    assert again.modes == ["delta"]
    answer = again.ask(body, name)
    assert (answer["ok"], answer["dup"]) == (True, False)
    assert again.ask(body, name)["dup"]
    assert count(live_site, body) == 1
    again.close()


def test_killed_when_half_have_been_told_everybody_is_told_once(live_site: Site, crowds: list[Crowd]) -> None:
    web = live_site.webs[0]
    web.kill()
    web.start("tests/faults/dying.py", DIES="emits", DIES_AT="Puolet kuuli", DIES_OF="20")
    crowds.append(crowd := Crowd(live_site.app, web, 20))
    question = published(live_site, "Puolet kuuli tämän?")
    web.died()
    crowd.wait(lambda: len(crowd.gone) == 20, "the end of every connection")
    told = [each for each in crowd.people if any(b"Puolet kuuli" in frame for frame in each.frames)]
    assert 0 < len(told) < 20
    web.start()
    crowd.come()
    assert {each.modes[-1] for each in crowd.people} == {"delta"}
    crowd.wait(lambda: agree(live_site, crowd.people), "the same state everywhere")
    assert gapless(crowd.people)
    assert all(question["id"] in [q["id"] for q in (each.state or {})["questions"]] for each in crowd.people)


@pytest.mark.parametrize("size", [60, pytest.param(500, marks=pytest.mark.chaos)])
def test_everybody_comes_back_by_what_they_missed(live_site: Site, crowds: list[Crowd], size: int) -> None:
    web = live_site.webs[0]
    crowds.append(crowd := Crowd(live_site.app, web, size))
    published(live_site, f"Ennen kuolemaa {size}?")
    web.kill()
    crowd.wait(lambda: len(crowd.gone) == size, "the end of every connection")
    published(live_site, f"Kuoleman aikana {size}?")
    web.start()
    crowd.come()
    assert {each.modes[-1] for each in crowd.people} == {"delta"}
    crowd.wait(lambda: agree(live_site, crowd.people), "the same state everywhere")
    assert gapless(crowd.people)
    assert len({tuple(each.applied) for each in crowd.people}) == 1


@pytest.mark.parametrize("times", [10, pytest.param(50, marks=pytest.mark.chaos)])
def test_a_line_cut_right_after_asking_loses_and_doubles_nothing(
    live_site: Site, crowds: list[Crowd], times: int
) -> None:
    crowds.append(crowd := Crowd(live_site.app, live_site.webs[0], times))
    commands = [{"cid": cid(), "ch": "stage", "body": f"Katkesiko {times} linjaa {n}?"} for n in range(times)]
    for each, command in zip(crowd.people, commands, strict=True):
        each.send("ask", command)  # and gone before any answer
    crowd.leave()
    crowd.come()
    answers = crowd.ask_all("ask", commands)
    assert all(answer["ok"] for answer in answers), answers
    for command in commands:
        assert count(live_site, command["body"]) == 1
    with live_site.app.app_context():
        stage = rows.stage(live_site.world)
        for answer in answers:
            rows.moved(live_site.world, stage, answer["q"], Op.APPROVE)
    crowd.wait(lambda: agree(live_site, crowd.people), "the same state everywhere")
    assert gapless(crowd.people)
    for each in crowd.people:
        shown = [q["body"] for q in (each.state or {})["questions"]]
        assert all(shown.count(command["body"]) == 1 for command in commands)


def test_200_people_vote_at_once(live_site: Site, crowds: list[Crowd]) -> None:
    question = published(live_site, "Äänestävätkö kaikki?")
    crowds.append(crowd := Crowd(live_site.app, live_site.webs[0], 200))
    began = time.monotonic()
    answers = crowd.ask_all("vote", [{"id": question["id"], "on": True}] * 200)
    assert all(answer["ok"] for answer in answers)
    with live_site.app.app_context():
        assert db.row(Question, question["id"]).up == 200

    def last(each: Attendee) -> int:
        scores = [score for _at, told in each.tallies for score in told if score[0] == question["id"]]
        return int(scores[-1][1]) if scores else 0

    crowd.wait(lambda: all(last(each) == 200 for each in crowd.people), "the last tally", 5)
    seconds = time.monotonic() - began
    for each in crowd.people:
        assert len(each.tallies) <= 4 * seconds + 2, "four messages a second at most"


def test_of_1_000_votes_of_one_person_the_last_one_taken_counts(live_site: Site, crowds: list[Crowd]) -> None:
    question = published(live_site, "Edestakaisin?")
    crowds.append(crowd := Crowd(live_site.app, live_site.webs[0], 1))
    (one,) = crowd.people
    wishes = {one.send("vote", {"id": question["id"], "on": n % 2 == 0}): n % 2 == 0 for n in range(1000)}
    crowd.wait(lambda: all(number in one.acks for number in wishes), "an answer to each", 60)
    taken = [number for number in wishes if one.acks[number]["ok"]]
    refused = {one.acks[number]["error"]["code"] for number in wishes if not one.acks[number]["ok"]}
    assert taken
    assert refused == {"rate_limited"}
    with live_site.app.app_context():
        assert db.row(Question, question["id"]).up == int(wishes[max(taken)])
    wanted = not wishes[max(taken)]  # the client sends its last wish again when it may
    for _try in range(20):
        number = one.send("vote", {"id": question["id"], "on": wanted})
        crowd.wait(partial(one.acks.__contains__, number), "an answer")
        if one.acks[number]["ok"]:
            break
        time.sleep(one.acks[number]["error"]["retry_after_ms"] / 1000)
    with live_site.app.app_context():
        db.session().rollback()
        assert db.row(Question, question["id"]).up == int(wanted)


def test_who_does_not_read_is_cut_off_and_the_others_miss_nothing(live_site: Site, crowds: list[Crowd]) -> None:
    web = live_site.webs[0]
    question = published(live_site, "Kuka ei lue?")
    crowds.append(crowd := Crowd(live_site.app, web, 5))
    slow = Attendee(cookies(live_site.app, 1)[0])
    slow.open(web.port, receive_buffer=4096)
    slow.state = truth(live_site)
    assert slow.sock is not None
    slow.sock.settimeout(20)
    while not slow.modes:
        slow.read()
    # and from here on it reads nothing
    with live_site.app.app_context():
        stage = rows.stage(live_site.world)
        for number in range(70):  # 40 kB each: past what the kernel and we keep for one
            words = moderation.Args(body=f"Kuka ei lue {number}? " + FAMILY * 470)
            question = rows.moved(live_site.world, stage, question, Op.EDIT, args=words)
            crowd.look(0)
    crowd.wait(lambda: agree(live_site, crowd.people), "the same state everywhere")
    assert gapless(crowd.people)
    assert crowd.gone == []
    ended = False
    while not ended:  # what the kernel kept comes still, and then the end
        try:
            slow.read()
        except ConnectionError:
            ended = True
    slow.close()
    seen = [frame for frame in slow.frames if frame.startswith(b'42/qa,["ev"')]
    assert len(seen) < 70
    slow.open(web.port)
    assert slow.sock is not None
    slow.sock.settimeout(20)
    while len(slow.modes) < 2:
        slow.read()
    # what it missed is too much for one message: sent as such, it would be cut off again and never come back
    assert slow.modes == ["delta", "snapshot"]
    slow.close()


def test_an_attendee_s_every_frame_holds_nothing_of_what_waits_or_of_who_asked(
    live_site: Site, crowds: list[Crowd]
) -> None:
    crowds.append(crowd := Crowd(live_site.app, live_site.webs[0], 1))
    (watcher,) = crowd.people
    host = live_site.person("organiser").connect(live_site.webs[0], view="mod")
    asker = live_site.person()
    line = asker.connect(live_site.webs[0])
    said = ["Salainen puhelin 040 123 4567", "Salainen uusi muoto", "Salainen syy"]
    hidden = line.ask(said[0])["q"]
    line.send("edit", {"cid": cid(), "id": hidden["id"], "rev": hidden["rev"], "body": said[1]})
    hidden["rev"] += 1
    hidden = host.moderate(hidden, "label", labels=["Salainen lappu"])["q"]
    for op in ("reject", "restore", "reject"):
        hidden = host.moderate(hidden, op, reason="personal")["q"]
    assert host.send("mute", {"cid": cid(), "qid": hidden["id"], "minutes": 0})["ok"]
    shown = published(live_site, "Julkinen loppu?")
    crowd.wait(lambda: shown["id"] in str((watcher.state or {})["questions"]), "the public question")
    everything = b"\n".join(watcher.frames).decode()
    assert shown["id"] in everything
    with live_site.app.app_context():
        author = db.row(Question, hidden["id"]).author
        tag = queries.author_tag(rows.stage(live_site.world).id, author)
    for secret in ("Salainen", "4567", hidden["id"], author, tag, "author", "flags", "reports", "pending", "reject"):
        assert secret not in everything, secret
    assert '"v":"mod"' not in everything
    for each in (host, line):
        each.close()


def test_a_moderator_no_more_hears_nothing_after_a_second_and_is_let_go(live_site: Site) -> None:
    web = live_site.webs[0]
    line = live_site.person("moderator").connect(web, view="mod")
    witness = live_site.person("organiser").connect(web, view="mod")
    with live_site.app.app_context():
        (grant,) = grants.grants(live_site.world.people["moderator"])
        accounts.revoke(grant_id=grant.id)
    revoked = time.monotonic()
    until(lambda: not line.client.connected or "/qa" not in line.client.namespaces, "the end of the connection", 5)
    asked = live_site.person().connect(web)
    time.sleep(max(0.0, revoked + 1 - time.monotonic()))  # the promise: a second later not a word more
    assert asked.ask("Kuuleeko entinen?")["ok"]
    until(lambda: witness.shows("Kuuleeko entinen?"), "the question at a moderator's")
    assert not line.shows("Kuuleeko entinen?")
    again = Person(None, live_site.app)
    again.cookie, again.csrf = line.person.cookie, line.person.csrf
    with pytest.raises(AssertionError, match="forbidden"):
        again.connect(web, view="mod")
    state = requests.get(f"{web.url}{EVENT}/qa/stage/state?v=mod", headers={"Cookie": again.cookie}, timeout=10)
    assert state.status_code == 404
    for each in (line, witness, asked):
        each.close()


def test_no_errors_were_made_up_for_these(live_site: Site) -> None:
    """The last of the module: whatever was done to the processes, none of them stumbled."""
    assert "Traceback" not in live_site.said()
    assert issubclass(errors.Busy, errors.Problem)

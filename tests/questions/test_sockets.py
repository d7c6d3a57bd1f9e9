"""Socket commands: every handler with every role, and what each answers."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_socketio import SocketIOTestClient

from miitti.foundation import db, journal, lines, realtime
from miitti.foundation.settings import ROOT
from miitti.questions import forms, queries, sockets, states
from miitti.questions.models import Question
from miitti.questions.states import ChanOp, Op, State, View
from tests.conftest import Client
from tests.questions import rows
from tests.world import PEOPLE, World

Connect = Callable[..., "Line"]


class Line:
    """One connection of somebody, and what it heard."""

    def __init__(self, app: Flask, client: Client, *, csrf: bool, event: str = "miitti", version: Any = 1) -> None:
        self.browser = client
        auth = {"v": version, **({"csrf": client.csrf} if csrf else {})}
        self.client: SocketIOTestClient = app.extensions["socketio"].test_client(
            app, namespace="/qa", query_string=f"?event={event}", flask_test_client=client, auth=auth
        )

    def send(self, event: str, *data: Any) -> Any:
        return self.client.emit(event, *data, namespace="/qa", callback=True)

    def heard(self) -> list[tuple[str, Any]]:
        return [(said["name"], said["args"][0]) for said in self.client.get_received("/qa")]


@pytest.fixture
def connect(app: Flask, world: World, as_: Callable[[str], Client]) -> Iterator[Connect]:
    lines: list[Line] = []
    sockets._public.clear()  # another test's channels have the same names

    def line(
        name: str | None = None, *, csrf: bool = True, cookie: bool = True, beside: "Line | None" = None, **more: Any
    ) -> Line:
        made = beside.browser if beside else app.test_client()
        client = as_(name) if name else made
        assert isinstance(client, Client)
        if cookie:
            client.get("/miitti/miitti/qa/stage/me")
        lines.append(Line(app, client, csrf=csrf, **more))
        return lines[-1]

    yield line
    for each in lines:
        if each.client.is_connected("/qa"):
            each.client.disconnect("/qa")


def error(answer: Any) -> str:
    assert answer["ok"] is False
    return str(answer["error"]["code"])


def pump() -> None:
    """Do what the dispatcher does: tell what the journal holds and has not told."""
    db.session().rollback()  # handlers have sessions of their own; this one looks anew
    for view in ("pub", "mod", "you"):
        for entry in db.session().query(journal.JournalEntry).order_by(journal.JournalEntry.id):
            if entry.stream.endswith(view):
                sockets.deliver(
                    journal.Entry(entry.id, entry.stream, entry.seq, entry.kind, entry.data, entry.audience, entry.at)
                )


# -- every handler with every role ---------------------------------------------------------------------------

PAYLOADS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "sync": lambda q: {"ch": "stage", "v": "mod"},
    "leave": lambda q: {"ch": "stage"},
    "ask": lambda q: {"cid": rows.cid(), "ch": "stage", "body": "Saako kysyä?"},
    "withdraw": lambda q: {"cid": rows.cid(), "id": q["id"], "rev": q["rev"]},
    "vote": lambda q: {"id": q["id"], "on": True},
    "mod": lambda q: {"cid": rows.cid(), "id": q["id"], "rev": q["rev"], "op": "approve"},
    "edit": lambda q: {"cid": rows.cid(), "id": q["id"], "rev": q["rev"], "body": "Toisin sanoin?"},
    "report": lambda q: {"cid": rows.cid(), "id": q["id"], "reason": "improper"},
    "chan": lambda q: {"cid": rows.cid(), "ch": "stage", "rev": queries.channel(1, "stage").rev, "op": "next"},  # type: ignore[union-attr]
    "mute": lambda q: {"cid": rows.cid(), "qid": q["id"], "minutes": 10},
}
HOSTS = {"organiser", "cohost", "moderator"}
MAY: dict[str, Callable[[str | None], bool]] = {
    "sync": lambda name: name in HOSTS,
    "leave": lambda name: True,
    "ask": lambda name: True,
    "withdraw": lambda name: False,  # the question is another's
    "vote": lambda name: False,  # it is not public
    "mod": lambda name: name in HOSTS,
    "edit": lambda name: False,
    "report": lambda name: False,
    "chan": lambda name: name in HOSTS | {"presenter"},
    "mute": lambda name: name in HOSTS,
}


def test_every_handler_is_in_the_table() -> None:
    assert {handler.event for handler in realtime.handlers() if handler.namespace == "/qa"} == set(PAYLOADS) == set(MAY)


@pytest.mark.parametrize("name", [None, *PEOPLE])
@pytest.mark.parametrize("event", PAYLOADS)
def test_handlers_and_roles(world: World, connect: Connect, event: str, name: str | None) -> None:
    question = rows.asked(rows.stage(world))
    answer = connect(name).send(event, PAYLOADS[event](question))
    assert answer["ok"] is MAY[event](name), answer
    db.session().rollback()
    asked = db.session().query(Question).count()
    assert asked == (2 if event == "ask" else 1)
    state = State.LIVE if event == "mod" and name in HOSTS else State.PENDING
    assert db.row(Question, question["id"]).state is state


def test_staff_without_the_page_s_csrf_value_is_nobody(world: World, connect: Connect) -> None:
    question = rows.asked(rows.stage(world))
    line = connect("organiser", csrf=False)
    assert error(line.send("mod", PAYLOADS["mod"](question))) == "unauthenticated"
    assert error(line.send("sync", {"ch": "stage", "v": "mod"})) == "unauthenticated"
    assert line.send("sync", {"ch": "stage"})["ok"]


def test_without_our_cookie_one_may_read_only(world: World, connect: Connect) -> None:
    question = rows.moved(world, rows.stage(world), rows.asked(rows.stage(world)), Op.APPROVE)
    line = connect(cookie=False, csrf=False)
    assert line.send("sync", {"ch": "stage"})["ok"]
    for event in ("ask", "vote", "withdraw"):
        assert error(line.send(event, PAYLOADS[event](question))) == "unauthenticated"


def test_a_company_and_a_stranger_at_a_booth(world: World, connect: Connect) -> None:
    question = rows.asked(rows.booth(world))
    assert error(connect("stranger").send("mod", PAYLOADS["mod"](question))) == "forbidden"
    assert connect("owner").send("mod", PAYLOADS["mod"](question))["ok"]


def test_another_event_s_question_is_not_there(world: World, connect: Connect) -> None:
    question = rows.asked(rows.stage(world))
    line = connect("organiser", event="other")
    assert error(line.send("mod", PAYLOADS["mod"](question))) == "not_found"
    assert error(line.send("sync", {"ch": "stage"})) == "not_found"


# -- what is told --------------------------------------------------------------------------------------------


def test_joining_a_hall_costs_each_one_look_at_the_database(app: Flask, world: World, connect: Connect) -> None:
    rows.stage(world)
    line = connect()
    asked: list[str] = []

    def counted(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    with app.app_context():
        engine = db.extension.engine
    sa.event.listen(engine, "before_cursor_execute", counted)
    try:
        sockets._public.clear()
        for expected in (2, 1):
            asked.clear()
            assert line.send("sync", {"ch": "stage"})["ok"]
            # which channel it is, known for a second, and after the join where its stream stands
            assert len([one for one in asked if not one.startswith("BEGIN")]) == expected, asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", counted)


def test_nothing_is_told_before_sync(world: World, connect: Connect) -> None:
    line = connect()
    rows.moved(world, rows.stage(world), rows.asked(rows.stage(world)), Op.APPROVE)
    pump()
    assert line.heard() == []


def test_everybody_hears_what_is_public_and_the_asker_its_way(world: World, connect: Connect) -> None:
    channel = rows.stage(world)
    asker, other, host = connect(), connect(), connect("organiser")
    for line in (asker, other):
        assert line.send("sync", {"ch": "stage"})["mode"] == "snapshot"
    assert host.send("sync", {"ch": "stage", "v": "mod"})["url"].endswith("?v=mod")
    head = journal.head(queries.stream(channel.id, View.PUB))
    asked = asker.send("ask", {"cid": rows.cid(), "ch": "stage", "body": "Onko saunaa?"})
    assert host.send("mod", PAYLOADS["mod"](asked["q"]))["dup"] is False
    pump()
    heard = [said for name, said in other.heard() if name == "ev" and said["seq"] > head.seq]
    assert [(said["v"], said["t"], said["d"]["q"]["body"]) for said in heard] == [("pub", "q.put", "Onko saunaa?")]
    assert {said["q"]["state"] for name, said in asker.heard() if name == "you"} == {"pending", "live"}
    assert {said["v"] for name, said in host.heard() if name == "ev"} == {"mod"}
    resumed = connect().send("sync", {"ch": "stage", "cursor": {"epoch": head.epoch, "seq": head.seq}})
    assert resumed["mode"] == "delta"
    assert resumed["events"] == heard


def test_after_leave_nothing_is_heard(world: World, connect: Connect) -> None:
    line = connect()
    line.send("sync", {"ch": "stage"})
    line.send("leave", {"ch": "stage"})
    rows.moved(world, rows.stage(world), rows.asked(rows.stage(world)), Op.APPROVE)
    pump()
    assert line.heard() == []


def test_tallies_are_told_once_and_absolutely(world: World, connect: Connect) -> None:
    channel = rows.stage(world)
    question = rows.moved(world, channel, rows.asked(channel), Op.APPROVE)
    line = connect()
    line.send("sync", {"ch": "stage"})
    for voter in (connect(), connect()):
        assert voter.send("vote", {"id": question["id"], "on": True})["on"] is True
    line.heard()
    sockets.tell_tallies()
    sockets.tell_tallies()
    assert line.heard() == [("tally", {"ch": "stage", "t": [[question["id"], 2, 2]]})]


def test_two_tabs_of_one_browser_are_one_person_there(world: World, connect: Connect) -> None:
    one = connect()
    lines = [one, connect(beside=one), connect()]
    for line in lines:
        line.send("sync", {"ch": "stage"})
        line.heard()
    sockets.tell_presence()
    for line in lines:
        assert [data for kind, data in line.heard() if kind == "presence"] == [{"ch": "stage", "n": 2}]
    one.client.disconnect("/qa")
    sockets.tell_presence()
    assert [data for kind, data in lines[1].heard() if kind == "presence"] == [], "she is still there, by the other tab"


def test_votes_too_fast_are_told_to_wait(world: World, connect: Connect) -> None:
    channel = rows.stage(world)
    question = rows.moved(world, channel, rows.asked(channel), Op.APPROVE)
    line = connect()
    answers = [line.send("vote", {"id": question["id"], "on": on % 2 == 0}) for on in range(12)]
    refused = [answer for answer in answers if not answer["ok"]]
    assert refused
    assert refused[0]["error"]["code"] == "rate_limited"
    assert 0 < refused[0]["error"]["retry_after_ms"] <= 500


def test_the_revoked_are_sent_off(world: World, connect: Connect) -> None:
    from miitti.accounts import actions as accounts
    from miitti.accounts import queries as people

    line = connect("moderator")
    line.send("sync", {"ch": "stage", "v": "mod"})
    sockets.send_off_the_revoked()
    assert line.client.is_connected("/qa")
    (grant,) = people.grants(world.people["moderator"])
    accounts.revoke(grant_id=grant.id)
    sockets.send_off_the_revoked()
    assert not line.client.is_connected("/qa")


# -- malformed -----------------------------------------------------------------------------------------------

DEEP: Any = {"ch": "stage"}
for _ in range(50):
    DEEP = {"x": DEEP}


@pytest.mark.parametrize(
    "data",
    [
        (),
        ("text",),
        (None,),
        (7,),
        ([],),
        ({}, {}),
        (DEEP,),
        ({"ch": 1},),
        ({"ch": None},),
        ({"ch": "stage", "v": "other"},),
        ({"ch": "stage", "cursor": "x"},),
        ({"ch": "stage", "cursor": {"epoch": 1, "seq": 1}},),
        ({"ch": "stage", "cursor": {"epoch": "e", "seq": True}},),
        ({"ch": "stage", "x": "\ud800"},),
        ({"ch": "stage", "x": b"bytes"},),
    ],
)
def test_malformed_payloads_are_answered(world: World, connect: Connect, data: tuple[Any, ...]) -> None:
    assert error(connect().send("sync", *data)) == "bad_request"


@pytest.mark.parametrize(
    "change",
    [{"cid": ""}, {"cid": 5}, {"cid": "a b"}, {"cid": "x" * 65}, {"body": None}, {"body": ["x"]}, {"name": 3}],
)
def test_malformed_questions_make_no_row(world: World, connect: Connect, change: dict[str, Any]) -> None:
    payload = {**PAYLOADS["ask"]({}), **change}
    assert error(connect().send("ask", payload)) == "bad_request"
    assert db.session().query(Question).count() == 0


@pytest.mark.parametrize(("body", "code"), [("", "invalid"), ("ab", "invalid"), ("x" * 501, "too_long")])
def test_bad_questions_name_the_field(world: World, connect: Connect, body: str, code: str) -> None:
    answer = connect().send("ask", {**PAYLOADS["ask"]({}), "body": body})
    assert error(answer) == code
    assert answer["error"]["field"] == "body"


def test_unknown_events_and_versions(world: World, connect: Connect) -> None:
    assert error(connect().send("explode", {})) == "bad_request"
    assert error(connect(version=2).send("sync", {"ch": "stage"})) == "version"
    assert error(connect().send("mod", {"id": "nope"})) == "unauthenticated"


DOCUMENT = (ROOT / "docs/protocol.md").read_text()


def test_the_document_names_every_command_and_op() -> None:
    commands = DOCUMENT.split("## Commands", 1)[1].split("## Messages", 1)[0]
    assert set(re.findall(r"^\| `(\w+)` \|", commands, re.M)) == set(PAYLOADS)
    assert {op.value for op in (*Op, *ChanOp)} <= set(re.findall(r"`(\w+)`", commands))


def test_the_document_names_every_address_with_its_fields(app: Flask) -> None:
    told = dict(re.findall(r"^\| `((?:GET|POST) /miitti/\S+)` \| (.*) \|$", DOCUMENT, re.M))
    ours = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("questions.")
        for method in (rule.methods or set()) & {"GET", "POST"}
    }
    assert set(told) == ours
    for end, form in {
        "questions": forms.AskForm,
        "own": forms.OwnForm,
        "votes": forms.VoteForm,
        "reports": forms.ReportForm,
        "address": forms.AddressForm,
    }.items():
        with app.test_request_context():
            fields = {name for name in form(data={})._fields if name != "csrf_token"}
        said = told[f"POST /miitti/<slug>/qa/<ch>/{end}"]
        assert fields <= set(re.findall(r"`(\w+)`", said)), end


def test_the_document_s_limits_are_the_program_s() -> None:
    limits = DOCUMENT.split("## Limits", 1)[1]
    assert lines.MOST_BYTES == 1 << 20
    assert "1 MiB" in limits
    for number in (lines.MOST_PACKETS, states.LONGEST_REPLY):
        assert f"{number:,}".replace(",", " ") in limits
    for number in (states.SHORTEST, states.LONGEST, states.LONGEST_NAME):
        assert re.search(rf"\b{number}\b", limits), number
    assert f"at most {queries.FURTHEST} behind" in DOCUMENT

"""Public addresses: snapshots, asking without a script, the panels."""

import gzip
import json
from collections.abc import Callable

import pytest

from miitti.events import actions as events
from miitti.events.states import Doors
from miitti.foundation import db
from miitti.moderation import actions as moderation
from miitti.questions.models import Address, Question
from miitti.questions.states import ChanOp, Op
from tests.conftest import Client
from tests.questions import rows
from tests.world import World

STATE = "/miitti/miitti/qa/stage/state"


def test_state_is_cached_by_its_version(world: World, client: Client) -> None:
    channel = rows.stage(world)
    first = client.get(STATE)
    body = first.json
    assert body is not None
    assert set(body) == {"epoch", "seq", "vrev", "channel", "questions", "counts"}
    assert first.headers["ETag"] == f'"{body["epoch"]}:{body["seq"]}:{body["vrev"]}"'
    assert client.get(STATE, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    rows.moved(world, channel, rows.asked(channel), Op.APPROVE)
    later = client.get(STATE, headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == 200
    assert later.json is not None
    assert len(later.json["questions"]) == 1


def test_state_is_the_same_bytes_for_everybody(world: World, client: Client) -> None:
    client.get("/miitti/miitti/qa/stage/me")
    packed = client.get(STATE, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Set-Cookie" not in packed.headers
    assert gzip.decompress(packed.data) == client.get(STATE).data


@pytest.mark.parametrize(
    ("name", "status"),
    [("organiser", 200), ("cohost", 200), ("moderator", 200), ("owner", 404), ("presenter", 404), ("nobody", 404)],
)
def test_only_moderators_get_the_moderators_state(
    world: World, as_: Callable[[str], Client], name: str, status: int
) -> None:
    rows.asked(rows.stage(world))
    answer = as_(name).get(f"{STATE}?v=mod")
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.json is not None
        assert answer.json["questions"][0]["author_tag"]


@pytest.mark.parametrize(("name", "status"), [("owner", 200), ("teammate", 200), ("stranger", 404), ("organiser", 200)])
def test_a_company_moderates_its_own_booth(world: World, as_: Callable[[str], Client], name: str, status: int) -> None:
    rows.booth(world)
    assert as_(name).get("/miitti/miitti/qa/booth:harju/state?v=mod").status_code == status


@pytest.mark.parametrize("path", ["/miitti/miitti/qa/nowhere/state", "/miitti/other/qa/stage/state"])
def test_what_is_not_there_is_not_found(world: World, client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_asking_without_a_script(world: World, client: Client) -> None:
    page = client.get("/miitti/miitti/qa/stage").text
    cid = page.split('name="cid" value="', 1)[1].split('"', 1)[0]
    fields = {"cid": cid, "body": "Pääseekö bussilla?", "name": "Maija"}
    sent = client.send("/miitti/miitti/qa/stage/questions", **fields)
    assert sent.status_code == 303
    assert client.send("/miitti/miitti/qa/stage/questions", **fields).status_code == 303
    assert db.session().query(Question).count() == 1
    shown = client.get(sent.headers["Location"]).text
    assert "Pääseekö bussilla?" in shown
    assert "odottaa hyväksyntää" in shown
    assert "Pääseekö bussilla?" not in client.application.test_client().get("/miitti/miitti/qa/stage").text


@pytest.mark.parametrize(
    ("body", "status"),
    [("", 422), ("x", 422), ("x" * 600, 422), ("x" * 900_000, 413)],
    ids=["none", "1", "600", "900 kB"],
)
def test_bad_questions_are_told_in_words(world: World, client: Client, body: str, status: int) -> None:
    answer = client.send("/miitti/miitti/qa/stage/questions", cid=rows.cid(), body=body)
    assert answer.status_code == status
    assert db.session().query(Question).count() == 0
    if len(body) == 600:
        assert body in answer.text, "nothing typed is lost"


def test_the_same_cid_with_other_words_is_refused(world: World, client: Client) -> None:
    cid = rows.cid()
    client.send("/miitti/miitti/qa/stage/questions", cid=cid, body="Onko kesätöitä?")
    answer = client.send("/miitti/miitti/qa/stage/questions", cid=cid, body="Onko talvitöitä?")
    assert answer.status_code == 409
    assert "Onko talvitöitä?" in answer.text


def test_json_is_answered_where_it_is_asked(world: World, client: Client) -> None:
    answer = client.post(
        "/miitti/miitti/qa/stage/questions",
        data={"csrf_token": client.csrf, "cid": rows.cid(), "body": "Onko työtä?"},
        headers={"Accept": "application/json"},
    )
    assert answer.json is not None
    assert answer.json["q"]["state"] == "pending"


def test_without_a_csrf_value_nothing_is_taken(world: World, client: Client) -> None:
    assert client.post("/miitti/miitti/qa/stage/questions", data={"body": "Onko työtä?"}).status_code == 400
    assert db.session().query(Question).count() == 0


def test_votes_without_a_script(world: World, client: Client) -> None:
    channel = rows.stage(world)
    question = rows.moved(world, channel, rows.asked(channel), Op.APPROVE)
    for up in (1, 0):
        assert client.send("/miitti/miitti/qa/stage/votes", vote=question["id"]).status_code == 303
        db.session().rollback()
        assert db.row(Question, question["id"]).up == up


@pytest.mark.parametrize(("doors", "there"), [(Doors.OPEN, False), (Doors.LIVE, True), (Doors.OVER, True)])
def test_the_panel_stands_beside_the_show(world: World, client: Client, doors: Doors, there: bool) -> None:
    channel = rows.stage(world)
    rows.moved(world, channel, rows.asked(channel, "<b>lihava</b> kysymys"), Op.APPROVE, Op.REPLY)
    events.force_doors(event_id=world.event_id, doors=doors)
    page = client.get("/miitti/miitti").text
    assert ("data-qa" in page) is there
    assert "<b>lihava</b>" not in page


def test_every_booth_has_its_panel(world: World, client: Client) -> None:
    page = client.get("/miitti/miitti/booths/harju").text
    assert 'data-ch="booth:harju"' in page


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_page_in_every_language(world: World, client: Client, language: str) -> None:
    channel = rows.stage(world)
    rows.moved(world, channel, rows.asked(channel), Op.APPROVE, Op.NOW)
    words = {"fi": "Nyt vastataan", "sv": "Besvaras nu", "en": "Being answered now"}[language]
    assert words in client.get(f"/miitti/miitti/qa/stage?lang={language}").text


def test_me_is_private_and_one_s_own(world: World, client: Client) -> None:
    client.send("/miitti/miitti/qa/stage/questions", cid=rows.cid(), body="Onko työtä?")
    own = client.get("/miitti/miitti/qa/stage/me")
    assert own.headers["Cache-Control"] == "private, no-store"
    assert json.loads(own.data)["mine"][0]["body"] == "Onko työtä?"
    other = client.application.test_client().get("/miitti/miitti/qa/stage/me")
    assert json.loads(other.data)["mine"] == []


def test_an_address_that_is_none_is_told_at_its_question_and_stays(world: World, client: Client) -> None:
    client.send("/miitti/miitti/qa/stage/questions", cid=rows.cid(), body="Tuleeko vastaus?")
    question = client.get("/miitti/miitti/qa/stage/me").get_json()["mine"][0]
    answer = client.send("/miitti/miitti/qa/stage/address", id=question["id"], email="aada@")
    assert answer.status_code == 422
    assert 'value="aada@" aria-invalid="true"' in answer.text
    assert "Tämä ei ole sähköpostiosoite." in answer.text
    assert db.session().query(Address).count() == 0


def test_who_lets_a_question_onto_the_list_is_said_as_it_is(world: World, client: Client) -> None:
    rows.booth(world)
    assert "kun yritys on hyväksynyt" in client.get("/miitti/miitti/qa/booth:harju").text
    assert "kun juontaja on hyväksynyt" in client.get("/miitti/miitti/qa/stage").text
    stage = rows.stage(world)
    moderation.change_channel(
        channel_id=stage.id, person_id=world.people["organiser"], cid=rows.cid(), rev=None, op=ChanOp.PREMOD, on=False
    )
    assert "Näkyy heti kaikille." in client.get("/miitti/miitti/qa/stage").text

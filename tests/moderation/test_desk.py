"""The moderators' page: who sees it, and that its plain buttons work."""

import re
from collections.abc import Callable

import pytest

from miitti.foundation import db
from miitti.questions import actions, queries
from miitti.questions.models import Channel, Question
from miitti.questions.states import Doc, Op, State
from tests.conftest import Client
from tests.questions import rows
from tests.world import World

PAGE = "/desk/events/miitti/questions"


def press(client: Client, page: str, op: str, **more: str) -> int:
    """Press the first button of the page that does `op`; gives the answer's status."""
    forms = [part for part in page.split("<form")[1:] if 'name="id" value=""' not in part]  # not the browser's shapes
    form = next(part for part in forms if f'name="op" value="{op}"' in part)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return client.post(PAGE, data={**fields, "op": op, **more}).status_code


@pytest.mark.parametrize(
    ("name", "status"),
    [("organiser", 200), ("cohost", 200), ("moderator", 200), ("owner", 404), ("presenter", 404), ("nobody", 404)],
)
def test_who_sees_the_stage_s_queue(world: World, as_: Callable[[str], Client], name: str, status: int) -> None:
    assert as_(name).get(PAGE).status_code == status


@pytest.mark.parametrize(("name", "status"), [("owner", 200), ("stranger", 404), ("cohost", 200)])
def test_who_sees_a_booth_s_queue(world: World, as_: Callable[[str], Client], name: str, status: int) -> None:
    assert as_(name).get(f"{PAGE}?ch=booth:harju").status_code == status


def test_signed_out_one_is_led_to_sign_in(world: World, client: Client) -> None:
    answer = client.get(PAGE)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=")


def test_the_whole_way_by_plain_forms(world: World, as_: Callable[[str], Client]) -> None:
    channel = rows.stage(world)
    question = rows.asked(channel, "Soittakaa 044 123 4588")
    host = as_("organiser")

    def row() -> Question:
        db.session().rollback()
        return db.row(Question, question["id"])

    page = host.get(PAGE).text
    assert "044 123 4588" not in page, "numbers are hidden until looked at"
    assert press(host, page, "approve") == 303
    assert row().state is State.LIVE
    assert press(host, host.get(PAGE).text, "now") == 303
    assert row().state is State.ANSWERING
    assert press(host, host.get(PAGE).text, "answered") == 303
    opened = host.get(f"{PAGE}?open={question['id']}").text
    assert press(host, opened, "reply", body="Soitamme huomenna.") == 303
    assert row().state is State.ANSWERED
    assert "Soitamme huomenna." in host.get("/miitti/miitti/qa/stage").text


def test_a_late_press_tells_how_it_is_now(world: World, as_: Callable[[str], Client]) -> None:
    channel = rows.stage(world)
    question = rows.asked(channel)
    host = as_("organiser")
    page = host.get(PAGE).text
    rows.moved(world, channel, question, Op.REJECT, by="cohost")
    assert press(host, page, "approve") == 409
    db.session().rollback()
    assert db.row(Question, question["id"]).state is State.REJECTED


def test_what_was_written_too_late_is_still_there(world: World, as_: Callable[[str], Client]) -> None:
    channel = rows.stage(world)
    question = rows.moved(world, channel, rows.asked(channel), Op.APPROVE)
    host = as_("organiser")
    page = host.get(f"{PAGE}?open={question['id']}").text
    rows.moved(world, channel, question, Op.PIN, by="cohost")
    form = next(
        part for part in page.split("<form")[1:] if 'name="op" value="reply"' in part and question["id"] in part
    )
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    late = host.post(PAGE, data={**fields, "op": "reply", "body": "Pitkä <b>vastaus</b>."})
    assert late.status_code == 409
    assert ">Pitkä &lt;b&gt;vastaus&lt;/b&gt;.</textarea>" in late.text


def test_reasons_moving_and_muting_by_plain_forms(world: World, as_: Callable[[str], Client]) -> None:
    channel = rows.stage(world)
    host, asker = as_("organiser"), "asker"
    first, second, third = (rows.asked(channel, f"Kysymys {number}?", visitor=asker) for number in range(3))

    def opened(question: Doc) -> str:
        return host.get(f"{PAGE}?open={question['id']}").text

    def row(question: Doc) -> Question:
        db.session().rollback()
        return db.row(Question, question["id"])

    def pressed(question: Doc, op: str, **more: str) -> int:
        form = next(p for p in opened(question).split("<form")[1:] if question["id"] in p and f'value="{op}"' in p)
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
        return host.post(PAGE, data={**fields, "op": op, **more}).status_code

    assert pressed(first, "reject", reason="unclear") == 303
    assert (row(first).state, row(first).reason) == (State.REJECTED, "unclear")
    assert pressed(first, "restore") == 303
    assert row(first).state is State.PENDING
    assert pressed(second, "move", to="harju") == 303
    assert row(second).to_booth == "harju"
    assert pressed(second, "move", move_ch="booth:puusaha") == 303
    assert db.row(Channel, row(second).channel_id).ch == "booth:puusaha"
    assert pressed(third, "mute", minutes="15") == 303
    with pytest.raises(actions.Muted):
        rows.asked(channel, "Saanko vielä?", visitor=asker)
    assert pressed(third, "mute", minutes="0") == 303
    assert queries.muted_until(world.event_id, asker) is None
    assert pressed(third, "remove") == 303
    assert row(third).state is State.REMOVED


def test_a_company_answers_in_its_own_name(world: World, as_: Callable[[str], Client]) -> None:
    channel = rows.booth(world)
    rows.asked(channel)
    owner = as_("owner")
    for op in ("approve", "reply"):
        page = owner.get(f"{PAGE}?ch=booth:harju").text
        assert press(owner, page, op, body="Tervetuloa!") == 303
    assert "Konepaja Harju" in owner.get("/miitti/miitti/qa/booth:harju").text


def test_a_stranger_s_press_changes_nothing(world: World, as_: Callable[[str], Client]) -> None:
    channel = rows.booth(world)
    question = rows.asked(channel)
    page = as_("owner").get(f"{PAGE}?ch=booth:harju").text
    stranger = as_("stranger")
    csrf = stranger.csrf
    assert press(stranger, page, "approve", csrf_token=csrf) == 404
    db.session().rollback()
    assert db.row(Question, question["id"]).state is State.PENDING


def test_the_desk_leads_here(world: World, as_: Callable[[str], Client]) -> None:
    rows.asked(rows.stage(world))
    assert f'href="{PAGE}"' in as_("organiser").get(PAGE).text
    assert f'href="{PAGE}?ch=booth:harju"' in as_("owner").get(f"{PAGE}?ch=booth:harju").text

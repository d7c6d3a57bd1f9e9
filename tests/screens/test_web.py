"""The screens show what is public, as text, to those who may see it."""

from collections.abc import Callable

import pytest

from miitti.questions.states import Op
from miitti.screens import actions
from tests.conftest import Client
from tests.questions import rows
from tests.world import World

NASTY = "<img src=x onerror=alert(1)>\"'{{7*7}}"


def test_projector_and_overlay_show_the_present_question_as_text(world: World, client: Client) -> None:
    stage = rows.stage(world)
    rows.moved(world, stage, rows.asked(stage, NASTY), Op.APPROVE, Op.NOW)
    rows.asked(stage, "Vielä salainen?")
    token = actions.make_key(event_id=world.event_id)
    for path in ("/miitti/miitti/projector", f"/overlay?token={token}"):
        text = client.get(path).text
        assert "&lt;img src=x" in text
        assert "<img src=x" not in text
        assert "salainen" not in text


def test_a_new_key_stops_the_old_one(world: World, client: Client) -> None:
    old = actions.make_key(event_id=world.event_id)
    new = actions.make_key(event_id=world.event_id)
    assert client.get(f"/overlay?token={old}").status_code == 404
    assert client.get(f"/overlay?token={new}").headers["Referrer-Policy"] == "no-referrer"
    assert client.get("/overlay").status_code == 404


@pytest.mark.parametrize(
    ("name", "status"), [("presenter", 200), ("moderator", 200), ("organiser", 200), ("owner", 404), ("nobody", 404)]
)
def test_who_sees_the_presenter_s_view(world: World, as_: Callable[[str], Client], name: str, status: int) -> None:
    assert as_(name).get("/desk/events/miitti/presenter").status_code == status


def test_a_host_makes_the_overlay_s_address(world: World, as_: Callable[[str], Client]) -> None:
    host = as_("organiser")
    assert host.get("/desk/events/miitti/screens").status_code == 200
    assert "/overlay?token=" in host.send("/desk/events/miitti/screens").text
    assert as_("moderator").get("/desk/events/miitti/screens").status_code == 404

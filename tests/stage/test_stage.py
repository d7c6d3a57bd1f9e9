"""The stage before anything is sent: an honest answer for players, a slate for people."""

from collections.abc import Callable

import pytest

from miitti.events import actions as events
from miitti.events import queries
from miitti.events.states import Doors
from miitti.foundation import db
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]


def test_nothing_plays_yet_and_says_when_to_ask_again(client: Client, world: World) -> None:
    for doors in (Doors.OPEN, Doors.LIVE, Doors.OVER):
        events.force_doors(event_id=world.event_id, doors=doors)
        answer = client.get("/live/miitti/main.m3u8")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "10"
        assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/live/nobody/main.m3u8").status_code == 404


def test_a_slate_where_there_is_no_video(client: Client, world: World) -> None:
    assert "Kuva tulee hetken päästä" in client.get("/miitti/miitti?lang=fi").text


@pytest.mark.parametrize(
    ("turn", "expected"),
    [("live", Doors.LIVE), ("playlist", Doors.LIVE), ("slate", Doors.LIVE), ("end", Doors.OVER)],
)
def test_a_host_runs_the_show(world: World, as_: As, turn: str, expected: Doors) -> None:
    events.force_doors(event_id=world.event_id, doors=Doors.OPEN)
    host = as_("cohost")
    assert host.send("/desk/events/miitti/stage", action=turn).status_code == 303
    db.session().rollback()
    assert queries.doors(queries.by_id(world.event_id)) is expected


def test_scripts_get_json(world: World, as_: As) -> None:
    host = as_("organiser")
    answer = host.post(
        "/desk/events/miitti/stage",
        data={"action": "end"},
        headers={"X-CSRFToken": host.csrf, "Accept": "application/json"},
    )
    assert answer.json == {"ok": True, "doors": "over"}
    wrong = host.post(
        "/desk/events/miitti/stage",
        data={"action": "dance"},
        headers={"X-CSRFToken": host.csrf, "Accept": "application/json"},
    )
    assert wrong.status_code == 422

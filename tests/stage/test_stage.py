"""The stage before anything is sent: an honest answer for players, a slate for people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from miitti.events import actions as events
from miitti.events import queries
from miitti.events.states import Doors
from miitti.foundation import clock, db
from miitti.planning import actions as planning
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


def test_the_rundown_follows_the_show(world: World, as_: As) -> None:
    events.force_doors(event_id=world.event_id, doors=Doors.LIVE)
    for old in queries.programme(world.event_id):
        planning.remove_item(item_id=old.id)
    now = clock.now()
    for title, begins, ends in (("Avaus", -10, 5), ("Harju", 5, 20), ("Virta", 20, 30)):
        events.add_item(
            event_id=world.event_id,
            title_fi=title,
            starts_at=now + timedelta(minutes=begins),
            ends_at=now + timedelta(minutes=ends),
        )
    host = as_("cohost")

    def told() -> dict[str, tuple[int, int]]:
        db.session().rollback()
        items = queries.programme(world.event_id)
        return {
            item.title_fi: (
                round((item.starts_at - now).total_seconds() / 60),
                round((item.ends_at - now).total_seconds() / 60),
            )
            for item in items
        }

    def press(what: str, title: str) -> int:
        item = next(item for item in queries.programme(world.event_id) if item.title_fi == title)
        return host.send("/desk/events/miitti/stage/rundown", **{what: item.id}).status_code

    assert press("longer", "Avaus") == 303
    assert told() == {"Avaus": (-10, 10), "Harju": (10, 25), "Virta": (25, 35)}
    assert press("up", "Virta") == 303
    assert told() == {"Avaus": (-10, 10), "Virta": (10, 20), "Harju": (20, 35)}
    page = host.get("/desk/events/miitti/stage?lang=fi").text
    assert "nyt menossa" in page
    assert "Aloita nyt" in page
    assert press("begin", "Harju") == 303
    assert told() == {"Avaus": (-10, 0), "Harju": (0, 15), "Virta": (15, 25)}
    assert press("skip", "Harju") == 403, "it is on"
    assert press("skip", "Virta") == 303
    assert told() == {"Avaus": (-10, 0), "Harju": (0, 15)}
    # one that somebody else took out meanwhile, and no button at all
    assert host.send("/desk/events/miitti/stage/rundown", begin=999_999).status_code == 409
    assert host.send("/desk/events/miitti/stage/rundown").status_code == 409


def test_the_console_tells_who_is_missing_and_offers_to_take_an_end_back(world: World, as_: As) -> None:
    host = as_("cohost")
    host.send("/desk/events/miitti/stage", action="live")

    def state() -> dict[str, Any]:
        found: dict[str, Any] = host.get("/desk/events/miitti/stage.json?lang=fi").json or {}
        return found

    told = state()
    assert told["over"] is False
    assert told["alone"].startswith("Ei omaa väkeä paikalla: ")
    host.send("/desk/events/miitti/stage", action="end")
    told = state()
    assert (told["over"], told["alone"]) == (True, "")
    page = host.get("/desk/events/miitti/stage?lang=fi").text
    assert "Peru lopetus" in page
    assert host.send("/desk/events/miitti/stage", action="live").status_code == 303
    assert state()["over"] is False

"""Heartbeats are counted, not named, and go out by themselves."""

from datetime import timedelta

from miitti.foundation import clock, db
from miitti.presence import actions, queries
from miitti.presence.models import Heartbeat
from tests.conftest import Client
from tests.world import World


def test_people_count_once_and_leave_by_themselves(world: World) -> None:
    for _ in range(2):
        actions.beat(event_id=world.event_id, place="stage", visitors=["a", "b"])
    assert queries.count(world.event_id, "stage") == 2
    assert {row.who for row in db.session().query(Heartbeat)}.isdisjoint({"a", "b"})
    with clock.frozen(clock.now() + timedelta(seconds=16)):
        assert queries.count(world.event_id, "stage") == 0
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        actions.forget()
    assert db.session().query(Heartbeat).count() == 0


def test_the_dot_is_lit_only_by_the_booth_s_own_people(world: World, client: Client) -> None:
    actions.beat(event_id=world.event_id, place="booth:harju", visitors=["a"])
    assert "Esittelijä paikalla" not in client.get("/miitti/miitti/booths/harju").text
    actions.beat(event_id=world.event_id, place="booth:harju", visitors=[], hosts=["owner"])
    assert "Esittelijä paikalla" in client.get("/miitti/miitti/booths/harju").text
    assert "Esittelijä paikalla" not in client.get("/miitti/miitti/booths/puusaha").text
    assert client.get("/miitti/miitti/booths").text.count("Esittelijä paikalla") == 1

"""Heartbeats are counted, not named, and go out by themselves."""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from miitti.foundation import clock, db
from miitti.presence import actions, queries
from miitti.presence.models import Group, Heartbeat
from tests.conftest import Client
from tests.world import World, make

As = Callable[[str], Client]


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


URL = "/miitti/miitti/together"


def test_a_class_counts_with_all_its_heads_as_long_as_its_page_is_heard(world: World, app: Flask, as_: As) -> None:
    pupil, host = visitor(app), as_("cohost")
    actions.beat(event_id=world.event_id, place="stage", visitors=["a"])
    assert "Katsomme yhdessä" in pupil.get("/miitti/miitti?lang=fi").text
    assert pupil.send(URL, heads="24").status_code == 303
    page = pupil.get("/miitti/miitti").text
    assert "Tässä katsoo yhdessä 24 ihmistä" in page
    assert "25 seuraa" in page  # a page without a script is not heard: the group counts by itself
    console = host.get("/desk/events/miitti/stage?lang=fi").text
    assert "Yksi ryhmä katsoo yhdessä: 24 ihmistä" in console
    assert '<dd data-figure="watching">25</dd>' in console
    assert "a" not in {row.who for row in db.session().query(Group)}

    browser, start = browser_of(pupil), clock.now()
    with clock.frozen(start):
        actions.beat(event_id=world.event_id, place="stage", visitors=["a", browser])
        assert queries.count(world.event_id, "stage") == 25  # the browser that shows it is not counted beside it
    with clock.frozen(start + timedelta(seconds=40)):
        assert queries.count(world.event_id, "stage") == 0
        actions.beat(
            event_id=world.event_id, place="stage", visitors=[browser]
        )  # the line was away; the same visit goes on
        assert queries.count(world.event_id, "stage") == 24
    with clock.frozen(start + timedelta(minutes=7)):
        actions.beat(event_id=world.event_id, place="stage", visitors=[browser])  # another visit
        assert queries.count(world.event_id, "stage") == 1
        actions.forget()
        assert db.session().query(Group).count() == 0


def test_a_group_is_changed_ended_and_never_absurd(world: World, app: Flask) -> None:
    teacher = visitor(app)
    teacher.get("/miitti/miitti?lang=fi")
    for heads, then in (("12", 12), ("9", 9), ("", 0), ("30", 30), ("1", 0), ("8", 8)):
        assert teacher.send(URL, heads=heads).status_code == 303
        db.session().rollback()
        assert queries.groups(world.event_id) == (1 if then else 0, then)
    for bad in ("301", "-4", "kaksi", "1e3", "99999999999999999999"):
        answer = teacher.send(URL, heads=bad)
        assert answer.status_code == 422
        assert 'id="heads-error"' in answer.text
        assert bad in answer.text  # what was typed is not lost
    assert queries.groups(world.event_id) == (1, 8)
    assert teacher.send(URL, heads="8", alone="1").status_code == 303
    db.session().rollback()
    assert queries.groups(world.event_id) == (0, 0)


def test_before_and_after_the_broadcast_nobody_watches(app: Flask) -> None:
    make(doors=None)
    teacher = visitor(app)
    assert "Katsomme yhdessä" not in teacher.get("/miitti/miitti?lang=fi").text
    assert teacher.send(URL, heads="20").status_code == 403
    assert db.session().query(Group).count() == 0


def visitor(app: Flask) -> Client:
    client = app.test_client()
    assert isinstance(client, Client)
    return client


def browser_of(client: Client) -> str:
    with client.session_transaction() as cookie:
        return str(cookie["visitor"])

"""The desk's first page and an event as its hosts run it: host, teammate of another kind, stranger."""

from collections.abc import Callable

import pytest
from flask import Flask

from miitti.events import queries
from miitti.events.states import Doors
from miitti.foundation import db, jobs
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]


def doors(world: World) -> Doors:
    db.session().rollback()
    return queries.doors(queries.by_id(world.event_id))


def test_signed_out_is_led_to_the_door(client: Client, world: World) -> None:
    for path in ("/desk", "/desk/events/miitti", "/desk/booths/miitti/harju"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("name", ["organiser", "cohost"])
def test_hosts_move_the_doors(world: World, as_: As, name: str) -> None:
    host = as_(name)
    assert "Metallialan Miitti" in host.get("/desk?lang=fi").text
    for asked, expected in (("over", Doors.OVER), ("live", Doors.LIVE), ("clock", Doors.LIVE)):
        assert host.send("/desk/events/miitti/doors", doors=asked).status_code == 303
        assert doors(world) is expected
    assert queries.by_id(world.event_id).forced_doors is None


@pytest.mark.parametrize("name", ["owner", "stranger", "nobody", "moderator"])
def test_others_do_not(world: World, as_: As, name: str) -> None:
    other = as_(name)
    assert other.get("/desk/events/miitti").status_code == 404
    assert other.send("/desk/events/miitti/doors", doors="over").status_code == 404
    assert other.send("/desk/events/miitti/stage", action="end").status_code == 404
    assert doors(world) is Doors.LIVE


def test_nonsense_and_a_missing_token_change_nothing(world: World, as_: As) -> None:
    host = as_("organiser")
    assert host.send("/desk/events/miitti/doors", doors="draft").status_code == 422
    assert host.post("/desk/events/miitti/doors", data={"doors": "over"}).status_code == 400
    assert doors(world) is Doors.LIVE


def test_a_person_without_anything_to_do_is_told_so(world: World, as_: As) -> None:
    assert "Juuri nyt ei ole tehtävää" in as_("nobody").get("/desk?lang=fi").text


def test_hosts_see_what_each_booth_needs(world: World, as_: As) -> None:
    text = as_("cohost").get("/desk/events/miitti?lang=fi").text
    assert text.count("Osasto on kuvattu") == 3
    assert text.count("1 paikka ilmoitettu") == 3


def test_the_organiser_sees_work_that_failed(app: Flask, world: World, as_: As) -> None:
    @jobs.handler("always_fails", attempts=1)
    def always_fails(work: jobs.Work) -> None:
        raise jobs.Final("the disk is gone")

    @db.writing
    def enqueue() -> None:
        jobs.enqueue("always_fails", key="x")

    try:
        enqueue()
        jobs.run_until_idle(app, ["other"])
    finally:
        del jobs.KINDS["always_fails"]
    assert "the disk is gone" in as_("organiser").get("/desk").text
    assert "the disk is gone" not in as_("owner").get("/desk").text

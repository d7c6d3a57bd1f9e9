"""The board of booths: host, company, stranger; one letter a day to who is not ready; a host's approval."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from miitti.accounts import actions as accounts
from miitti.accounts import queries as accounts_queries
from miitti.booths.models import Booth
from miitti.events import actions as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, clock, db, jobs
from miitti.foundation.access import Role
from miitti.people import actions as people
from miitti.people import queries as people_queries
from miitti.readiness import actions as readiness
from miitti.readiness import queries
from miitti.stage import actions as stage
from miitti.stage.states import Air
from tests.conftest import Client
from tests.letters import Post
from tests.world import World

As = Callable[[str], Client]
PATH = "/desk/events/miitti/readiness"


@pytest.mark.parametrize("name", ["owner", "stranger", "moderator", "nobody"])
def test_the_board_is_the_hosts(world: World, as_: As, name: str) -> None:
    client = as_(name)
    assert client.get(PATH).status_code == 404
    assert client.send(f"{PATH}/remind").status_code == 404
    assert client.send("/desk/booths/miitti/harju/approval").status_code == 404


def test_one_press_writes_once_a_day_to_those_who_are_not_ready(smtp: Post, app: Flask, world: World, as_: As) -> None:
    host = as_("cohost")
    assert "0 / 3 osastoa on valmiina" in host.get(f"{PATH}?lang=fi").text
    for _ in range(2):
        assert host.send(f"{PATH}/remind").status_code == 303
    jobs.run_until_idle(app, ["other", "mail"])
    told = sorted(str(letter["To"]) for letter in smtp.letters)
    assert told == [f"{name}@example.fi" for name in ("owner", "stranger", "teammate")]
    letter = smtp.to("owner@example.fi")[0]
    body = letter.get_body(("plain",))
    assert body is not None
    assert "/desk/booths/miitti/harju" in body.get_content()
    assert letter["Reply-To"] == "cohost@example.fi"


def approved(world: World) -> bool:
    db.session().rollback()
    return db.row(Booth, world.booths["harju"]).approved_at is not None


def test_a_companys_change_is_looked_at_again_a_hosts_own_is_not(world: World, as_: As) -> None:
    host = as_("organiser")
    assert host.send("/desk/booths/miitti/harju/approval").status_code == 303
    assert approved(world)
    assert "Järjestäjät ovat katsoneet" in as_("owner").get("/desk/booths/miitti/harju?lang=fi").text
    texts = {"name": "Harju", "sentence_fi": "Hitsaat."}
    host.send("/desk/booths/miitti/harju", **texts)
    assert approved(world)
    as_("owner").send("/desk/booths/miitti/harju", **{**texts, "sentence_fi": "Hitsaat ja kokoat."})
    assert not approved(world)


def test_an_address_that_takes_no_letter_stands_on_the_board_until_it_does(
    smtp: Post, app: Flask, world: World, as_: As
) -> None:
    host = as_("cohost")
    assert "Kirjeet eivät tavoita" not in host.get(f"{PATH}?lang=fi").text
    smtp.answers = ["550 5.1.1 no such user"]
    owner = world.people["owner"]
    who = access.Who(visitor=None, person=owner, grants=accounts_queries.grant_views(owner))
    people.invite(
        event_id=None,
        role=Role.COMPANY,
        organisation_id=world.organisations["harju"],
        email="pekka@vaara.example",
        who=who,
    )
    jobs.run_until_idle(app, ["mail"])
    assert smtp.letters == []
    page = host.get(PATH).text
    assert "Kirjeet eivät tavoita 1 ihmistä" in page
    assert "pekka@vaara.example" in page
    # a letter that is taken strikes him out
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        db.session().rollback()
        member = next(one for one in people_queries.members(event(world)) if one.person.email == "pekka@vaara.example")
        assert people.resend(member=member, event_id=None, who=who)
        jobs.run_until_idle(app, ["mail"])
        assert len(smtp.to("pekka@vaara.example")) == 1
        assert "Kirjeet eivät tavoita" not in host.get(PATH).text
        # so does coming by another way, after a refused letter about the booth
        smtp.answers = ["550 5.1.1 no such user"]
        readiness.remind(event_id=world.event_id, missing={world.booths["harju"]: 1}, who=who)
        jobs.run_until_idle(app, ["mail"])
        assert "Kirjeet eivät tavoita 1 ihmistä" in host.get(PATH).text
        db.session().rollback()
        (gone,) = queries.unreached(event(world))
    with clock.frozen(clock.now() + timedelta(minutes=9)):
        accounts.sign_in(token=accounts.link(person_id=gone.person.id))
        assert "Kirjeet eivät tavoita" not in host.get(PATH).text


def test_the_board_says_whether_the_stage_was_tried_before_the_show(world: World, as_: As) -> None:
    host = as_("cohost")
    assert "Ei vielä kokeiltu" not in host.get(f"{PATH}?lang=fi").text  # the show is on
    events.force_doors(event_id=world.event_id, doors=Doors.OPEN)
    assert "Ei vielä kokeiltu" in host.get(PATH).text
    stage.report(event_id=world.event_id, air=Air.NOTHING)  # nobody sends
    assert "Ei vielä kokeiltu" in host.get(PATH).text
    stage.report(event_id=world.event_id, air=Air.NOTHING, source={"browser": True})
    page = host.get(PATH).text
    assert "Kuvaa on tullut tänne viimeksi" in page
    assert "Ei vielä kokeiltu" not in page
    stage.renew(event_id=world.event_id)
    assert "Kuvaa on tullut tänne viimeksi" in host.get(PATH).text


def event(world: World) -> Event:
    return db.row(Event, world.event_id)

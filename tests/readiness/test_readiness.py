"""The board of booths: host, company, stranger; one letter a day to who is not ready; a host's approval."""

from collections.abc import Callable

import pytest
from flask import Flask

from miitti.booths.models import Booth
from miitti.foundation import db, jobs
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

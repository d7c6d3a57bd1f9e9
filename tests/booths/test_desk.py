"""A company writes its booth; nobody else does."""

from collections.abc import Callable

import pytest
from flask import g

from miitti.accounts import queries as accounts
from miitti.booths import actions, queries
from miitti.booths.models import Booth
from miitti.foundation import access, db, errors
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]
URL = "/desk/booths/miitti/harju"


def booth(world: World) -> object:
    db.session().rollback()
    return queries.by_slug(world.event_id, "harju")


@pytest.mark.parametrize("name", ["owner", "teammate", "organiser", "cohost"])
def test_the_company_and_hosts_write_it(world: World, as_: As, name: str) -> None:
    writer = as_(name)
    assert writer.get(URL).status_code == 200
    answer = writer.send(URL, name="Konepaja Harju", sentence_fi="Uusi lause.", municipality="Joutsa")
    assert answer.status_code == 303
    found = booth(world)
    assert (found.sentence_fi, found.municipality) == ("Uusi lause.", "Joutsa")  # type: ignore[attr-defined]
    # what was not in the form stays
    assert found.contact_email == "tyo@harju.example"  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", [URL, "/desk/events/new", "/desk/organisations/harju", "/accessibility"])
def test_a_look_at_the_head_of_a_form_s_page_is_a_look(world: World, as_: As, path: str) -> None:
    answer = as_("organiser").head(path, data={"name": "Toinen", "sentence_fi": "Toinen.", "text": "Hei"})
    assert answer.status_code == 200
    assert booth(world).sentence_fi == "Hitsaat koneita, joilla tehdään metsää."  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["stranger", "moderator", "nobody"])
def test_others_find_nothing(world: World, as_: As, name: str) -> None:
    other = as_(name)
    assert other.get(URL).status_code == 404
    assert other.send(URL, name="Kaapattu", sentence_fi="x").status_code == 404
    assert booth(world).name == "Konepaja Harju"  # type: ignore[attr-defined]


def test_errors_stand_by_the_field_and_nothing_typed_is_lost(world: World, as_: As) -> None:
    answer = as_("owner").send(URL, name="", sentence_fi="x" * 201, contact_email="huono", text_sv="Behåll det här")
    assert answer.status_code == 422
    for words in ("x" * 201, "huono", "Behåll det här", 'id="name-error"', 'id="contact_email-error"'):
        assert words in answer.text
    assert booth(world).text_sv == ""  # type: ignore[attr-defined]


def test_the_desk_leads_to_the_own_booth(world: World, as_: As) -> None:
    text = as_("owner").get("/desk").text
    assert URL in text
    assert "/desk/booths/miitti/puusaha" not in text


def test_a_host_writes_the_booth_but_never_where_its_contacts_go(world: World, as_: As) -> None:
    host = as_("cohost")
    assert 'name="contact_email"' not in host.get(URL).text
    fields = {"name": "Konepaja Harju", "sentence_fi": "Saneltu.", "contact_email": "minulle@alue.example"}
    assert host.send(URL, **fields).status_code == 303
    found = db.row(Booth, world.booths["harju"])
    assert (found.sentence_fi, found.contact_email) == ("Saneltu.", "tyo@harju.example")
    assert 'name="contact_email"' in as_("owner").get(URL).text
    with host.application.test_request_context():
        g.who = access.Who("v", world.people["cohost"], grants=accounts.grant_views(world.people["cohost"]))
        with pytest.raises(errors.Refused):
            actions.describe(booth_id=world.booths["harju"], contact_email="minulle@alue.example")


def test_what_is_missing_is_said(world: World, as_: As) -> None:
    actions.describe(booth_id=world.booths["harju"], contact_email="")
    text = as_("owner").get(URL + "?lang=fi").text
    assert "Osastolta puuttuu jotakin" in text
    assert "sähköpostiosoite yhteydenotoille" in text

"""The statements name who answers, from settings and from each event's hosts, in three languages."""

import pytest
from flask import Flask

from miitti.accounts.models import Organisation
from miitti.foundation import db
from tests.conftest import Client
from tests.world import World


@db.writing
def _reached(organisation_id: int, email: str) -> None:
    db.row(Organisation, organisation_id).contact_email = email


@pytest.mark.parametrize(
    "app", [{"MIITTI_OPERATOR": "Hartolan kunta", "MIITTI_CONTACT": "palaute@hartola.example"}], indirect=True
)
@pytest.mark.parametrize("code", ["fi", "sv", "en"])
@pytest.mark.parametrize("path", ["/accessibility", "/privacy"])
def test_they_are_made_of_settings_and_of_the_events_hosts(
    app: Flask, client: Client, world: World, path: str, code: str
) -> None:
    page = client.get(path, query_string={"lang": code}).text
    assert "Hartolan kunta" in page
    assert "mailto:palaute@hartola.example" in page
    assert "Päijät-Häme" not in page
    _reached(world.organisations["area"], "tyollisyys@alue.example")
    page = client.get(path, query_string={"lang": code, "event": world.slug}).text
    assert "Päijät-Häme" in page
    assert "mailto:tyollisyys@alue.example" in page
    assert "Hartolan kunta" not in page


def test_without_settings_they_still_say_where_to_write(client: Client, world: World) -> None:
    assert "mailto:miitti@localhost" in client.get("/accessibility").text
    assert "14 päivässä" in client.get("/accessibility?lang=fi").text
    text = client.get("/privacy?lang=fi").text
    assert "90 päivän" in text
    assert "3 vuotta" in text


def test_an_events_pages_lead_to_its_own_statements(client: Client, world: World) -> None:
    page = client.get(f"/miitti/{world.slug}").text
    assert f'href="/privacy?event={world.slug}"' in page
    assert client.get("/privacy?event=ei-ole").status_code == 404

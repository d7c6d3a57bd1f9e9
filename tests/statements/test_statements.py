"""The statements name who answers, from settings and from each event's hosts, in three languages."""

import json
from collections.abc import Callable
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from flask import Flask

from miitti.accounts.models import Organisation
from miitti.foundation import db, jobs
from miitti.statements import states
from miitti.statements.models import Feedback
from tests.conftest import Client
from tests.letters import Post
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


def test_feedback_goes_by_letter_to_whoever_answers_and_stays_nowhere(
    smtp: Post, app: Flask, client: Client, world: World
) -> None:
    _reached(world.organisations["area"], "tyollisyys@alue.example")
    path = f"/accessibility?event={world.slug}"
    words = "Lomake ei toimi näppäimistöllä.\nKohta 3 <b>jää</b> väliin."
    answer = client.send(path, text=words, email="Aada@Posti.example")
    assert (answer.status_code, answer.location) == (303, path)
    assert "Kiitos. Saat vastauksen 14 päivässä." in client.get(path).text
    jobs.run_until_idle(app, ["mail"])
    letter = smtp.to("tyollisyys@alue.example")[-1]
    assert letter["Reply-To"] == "aada@posti.example"
    assert "Kohta 3 <b>jää</b> väliin." in _words(letter, "plain")
    assert "Kohta 3 &lt;b&gt;" in _words(letter, "html")
    db.session().rollback()
    assert db.session().scalars(sa.select(Feedback)).all() == []


def test_nothing_that_was_written_is_lost(app: Flask, client: Client, world: World) -> None:
    answer = client.send("/privacy", text="Mitä minusta on tallessa?", email="ei osoite")
    assert answer.status_code == 422
    assert "Mitä minusta on tallessa?" in answer.text
    assert client.send("/privacy", text="").status_code == 422
    long = client.send("/privacy", text="ä" * 10_000)
    assert (long.status_code, "ä" * 10_000 in long.text) == (422, True)
    for _ in range(states.BURST):
        assert client.send("/privacy", text="Mitä minusta on tallessa?").status_code == 303
    late = client.send("/privacy", text="Vielä tämä\u202e.")
    assert (late.status_code, "Vielä tämä." in late.text) == (429, True)
    jobs.run_until_idle(app, ["mail"])  # there is no mail server: everything waits
    db.session().rollback()
    assert len(db.session().scalars(sa.select(Feedback)).all()) == states.BURST


def test_what_waits_is_found_and_erased_by_whoever_answers(
    app: Flask, as_: Callable[[str], Client], client: Client, world: World
) -> None:
    client.send(f"/privacy?event={world.slug}", text="Poistakaa kuvani.", email="aada@posti.example")
    client.send("/privacy", text="Asennukselle.", email="aada@posti.example")
    for name, words in (("organiser", ["Poistakaa kuvani."]), ("admin", ["Asennukselle."])):
        kept = json.loads(as_(name).send("/desk/privacy", email="aada@posti.example", do="export").data)["kept"]
        assert [one["data"]["text"] for one in kept][-1:] == words
        as_(name).send("/desk/privacy", email="aada@posti.example", do="erase")
    db.session().rollback()
    assert db.session().scalars(sa.select(Feedback)).all() == []


def _words(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())

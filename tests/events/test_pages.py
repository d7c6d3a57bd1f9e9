"""The event's one page in its states and languages, and the front page. Every page is checked by the client."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from miitti.events import actions, queries
from miitti.events.states import Doors
from miitti.foundation import clock, db
from tests.conftest import Client
from tests.world import World, make

TITLES = {"fi": "Metallialan Miitti", "sv": "Metallbranschens Miitti", "en": "Metalworks Miitti"}


def json_ld(text: str) -> dict[str, object]:
    block = text.split('<script type="application/ld+json">', 1)[1].split("</script>", 1)[0]
    found: dict[str, object] = json.loads(block)
    return found


@pytest.mark.parametrize("language", TITLES)
@pytest.mark.parametrize("doors", [Doors.OPEN, Doors.LIVE, Doors.OVER])
def test_one_address_all_its_life(client: Client, world: World, doors: Doors, language: str) -> None:
    actions.force_doors(event_id=world.event_id, doors=doors)
    answer = client.get(f"/miitti/miitti?lang={language}")
    assert answer.status_code == 200
    assert TITLES[language] in answer.text
    assert "Konepaja Harju" in answer.text
    assert f'<html lang="{language}"' in answer.text


@pytest.mark.parametrize(
    ("language", "day", "hours"),
    [
        ("fi", "Torstaina 8. huhtikuuta", "klo 13–15"),
        ("sv", "Torsdag 8 april", "kl. 13–15"),
        ("en", "Thursday 8 April", "13:00–15:00"),
    ],
)
def test_time_is_said_in_words_of_helsinki(app: Flask, client: Client, language: str, day: str, hours: str) -> None:
    start = clock.now().replace(year=2027, month=4, day=8, hour=10, minute=0, second=0, microsecond=0)
    with clock.frozen(start - timedelta(days=3)):
        event = actions.create(slug="k", title_fi="K", starts_at=start, ends_at=start + timedelta(hours=2))
        actions.publish(event_id=event.id)
        text = client.get(f"/miitti/k?lang={language}").text
    assert day in text
    assert hours in text
    assert {"fi": "Alkaa 3 päivän päästä", "sv": "Börjar om 3 dagar", "en": "Starts in 3 days"}[language] in text


def test_the_same_address_goes_through_its_states_by_the_clock(app: Flask, client: Client) -> None:
    world = make(doors=None)
    start = queries.by_id(world.event_id).starts_at
    for at, words in ((start, "Kysymykset"), (start + timedelta(hours=3), "Kiitos, että olit mukana")):
        assert words not in client.get("/miitti/miitti?lang=fi").text
        with clock.frozen(at):
            db.session().rollback()
            assert words in client.get("/miitti/miitti?lang=fi").text


def test_a_draft_is_known_to_its_hosts_only(
    app: Flask, client: Client, world: World, as_: Callable[[str], Client]
) -> None:
    start = clock.now() + timedelta(days=9)
    event = actions.create(slug="luonnos", title_fi="Luonnos", starts_at=start, ends_at=start + timedelta(hours=1))
    for path in ("", "/booths", "/calendar.ics", "/doors.json", "/reminders"):
        assert client.get(f"/miitti/luonnos{path}").status_code == 404
        assert as_("owner").get(f"/miitti/luonnos{path}").status_code == 404
    assert client.get("/live/luonnos/main.m3u8").status_code == 404
    # the organiser of another event is a stranger here
    assert as_("organiser").get("/miitti/luonnos").status_code == 404
    assert "Luonnos" not in client.get("/").text
    actions.publish(event_id=event.id)
    assert client.get("/miitti/luonnos").status_code == 200


def test_search_engines_get_a_whole_event(client: Client, world: World) -> None:
    actions.force_doors(event_id=world.event_id, doors=Doors.OPEN)
    text = client.get("/miitti/miitti?lang=fi").text
    found = json_ld(text)
    event = queries.by_id(world.event_id)
    assert found["@type"] == "Event"
    assert found["name"] == event.title_fi
    assert str(found["startDate"]).endswith(("+02:00", "+03:00"))
    assert found["location"] == {"@type": "VirtualLocation", "url": "http://localhost/miitti/miitti"}
    assert found["organizer"] == [{"@type": "Organization", "name": "Päijät-Häme"}]
    assert {"endDate", "eventStatus", "eventAttendanceMode", "description"} <= found.keys()
    assert '<meta property="og:title" content="Metallialan Miitti">' in text
    assert '<link rel="alternate" hreflang="sv"' in text


def test_a_title_can_do_no_harm(app: Flask, client: Client) -> None:
    start = clock.now() + timedelta(days=2)
    title = '</script><script>alert(1)</script>"><img src=x>'
    event = actions.create(slug="paha", title_fi=title, starts_at=start, ends_at=start + timedelta(hours=1))
    actions.publish(event_id=event.id)
    text = client.get("/miitti/paha").text  # the client refuses pages with an inline script
    assert "<img src=x>" not in text
    assert json_ld(text)["name"] == title


def test_the_running_item_is_marked(app: Flask, client: Client, world: World) -> None:
    text = client.get("/miitti/miitti?lang=fi").text
    assert text.count('<li aria-current="true">') == 2  # on the strip and in the programme
    assert "/miitti/miitti/booths/harju/leads?from=stage" in text


def test_doors_json_says_where_things_stand(client: Client, world: World) -> None:
    answer = client.get("/miitti/miitti/doors.json")
    assert answer.json is not None
    assert answer.json["doors"] == "live"
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/miitti/nobody/doors.json").status_code == 404


def test_the_front_page_lists_by_state(client: Client, world: World) -> None:
    for doors, words in ((Doors.OPEN, "Tulossa"), (Doors.LIVE, "Nyt meneillään"), (Doors.OVER, "Menneet Miitit")):
        actions.force_doors(event_id=world.event_id, doors=doors)
        text = client.get("/?lang=fi").text
        assert words in text
        assert 'href="/miitti/miitti"' in text


def test_an_empty_front_page_says_what_will_come(client: Client) -> None:
    assert "Juuri nyt mitään ei ole sovittu" in client.get("/?lang=fi").text


@pytest.mark.parametrize("language", TITLES)
@pytest.mark.parametrize("path", ["/accessibility", "/privacy"])
def test_statements_are_there_in_every_language(client: Client, path: str, language: str) -> None:
    assert client.get(f"{path}?lang={language}").status_code == 200

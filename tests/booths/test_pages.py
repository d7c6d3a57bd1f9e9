"""The hall and a booth's page, for everybody."""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import event as sql

from miitti.accounts import actions as accounts
from miitti.booths import actions, queries
from miitti.foundation import db, errors
from tests.conftest import Client
from tests.world import World


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_hall_shows_every_booth(client: Client, world: World, language: str) -> None:
    text = client.get(f"/miitti/miitti/booths?lang={language}").text
    for name in ("Konepaja Harju", "Sysmän Puusaha", "Joutsan Levytyö"):
        assert name in text
    assert "Hartola" in text
    assert {"fi": "15,80–19,50 €/h", "sv": "15,80–19,50 €/h", "en": "15.80–19.50 €/h"}[language] in text


def test_surprise_leads_to_some_other_booth(client: Client, world: World) -> None:
    seen = Counter(
        client.get("/miitti/miitti/booths?surprise=1&not=harju").headers["Location"].split("?")[0] for _ in range(40)
    )
    assert seen.keys() == {"/miitti/miitti/booths/puusaha", "/miitti/miitti/booths/levytyo"}
    answer = client.get("/miitti/miitti/booths?surprise=1")
    assert answer.status_code == 303
    assert "no-store" in answer.headers["Cache-Control"]


def test_an_empty_hall_has_no_surprise_and_says_so(app: Flask, client: Client, world: World) -> None:
    from miitti.events import actions as events
    from miitti.events import queries as events_queries

    one = events_queries.by_id(world.event_id)
    other = events.create(slug="tyhja", title_fi="Tyhjä", starts_at=one.starts_at, ends_at=one.ends_at)
    events.publish(event_id=other.id)
    answer = client.get("/miitti/tyhja/booths?surprise=1&lang=fi")
    assert answer.status_code == 200
    assert "Osastoja ei vielä ole" in answer.text
    assert client.get("/miitti/tyhja").status_code == 200


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_booth_tells_what_the_work_is_like(client: Client, world: World, language: str) -> None:
    actions.describe(booth_id=world.booths["harju"], shift_fi="Päivävuoro 7–15.30", text_fi="Yksi.\n\nKaksi.")
    text = client.get(f"/miitti/miitti/booths/harju?lang={language}").text
    assert "Päivävuoro 7–15.30" in text
    assert text.count('<p class="lines">') == 2
    assert "Hitsaaja" in text


def test_unknown_booths_are_not_found(client: Client, world: World) -> None:
    assert client.get("/miitti/miitti/booths/nobody").status_code == 404
    assert client.get("/miitti/nobody/booths").status_code == 404
    assert client.get("/miitti/nobody/booths/harju").status_code == 404


def test_texts_are_texts(client: Client, world: World) -> None:
    actions.describe(booth_id=world.booths["harju"], sentence_fi='<script>alert("x")</script>\u202e', text_fi="<b>")
    client.get("/miitti/miitti/booths/harju")  # the client refuses inline scripts
    client.get("/miitti/miitti/booths")
    client.get("/miitti/miitti")


def test_the_number_of_queries_does_not_grow_with_the_hall(app: Flask, client: Client, world: World) -> None:
    def asked() -> int:
        statements: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        engine = db.extension.engine
        sql.listen(engine, "before_cursor_execute", note)
        try:
            assert client.get("/miitti/miitti/booths").status_code == 200
        finally:
            sql.remove(engine, "before_cursor_execute", note)
        return len(statements)

    asked()
    three = asked()
    for number in range(5):
        company = accounts.organise(kind="company", slug=f"c{number}", name_fi=f"Yritys {number}")
        actions.open_booth(event_id=world.event_id, organisation_id=company.id, slug=f"c{number}")
    assert asked() == three


def test_a_slug_is_one_booth_in_an_event(world: World) -> None:
    with pytest.raises(errors.Conflict):
        actions.open_booth(event_id=world.event_id, organisation_id=world.organisations["harju"], slug="harju")
    with pytest.raises(errors.Invalid):
        actions.open_booth(event_id=world.event_id, organisation_id=world.organisations["harju"], slug="../x")


def test_a_wrong_text_changes_nothing(world: World) -> None:
    booth_id = world.booths["harju"]
    for bad, field in (
        ({"name": " "}, "name"),
        ({"contact_email": "ei osoite"}, "contact_email"),
        ({"sentence_fi": "x" * 201}, "sentence_fi"),
    ):
        with pytest.raises(errors.Invalid) as wrong:
            actions.describe(booth_id=booth_id, shift_fi="yö", **bad)
        assert list(wrong.value.fields) == [field]
    booth = queries.by_slug(world.event_id, "harju")
    assert (booth.name, booth.shift_fi) == ("Konepaja Harju", "")
    with pytest.raises(TypeError):
        actions.describe(booth_id=booth_id, slug="toinen")


def test_the_company_s_people_stand_on_its_page_as_it_writes_them(world: World, client: Client) -> None:
    url = "/miitti/miitti/booths/harju?lang=fi"
    assert "Täällä tapaat" not in client.get(url).text
    written = "Aino Harju, työnjohtaja, Hartola\r\n\n  ,  \n  Pekka  <b>Vaara</b>\n" + "Å" * 300
    actions.describe(booth_id=world.booths["harju"], people=written)
    page = client.get(url).text
    assert "Täällä tapaat" in page
    assert "<li><b>Aino Harju</b><span>työnjohtaja, Hartola</span></li>" in page
    assert "<li><b>Pekka &lt;b&gt;Vaara&lt;/b&gt;</b></li>" in page
    assert page.count("<li><b>") == 3
    assert "Täällä tapaat" not in client.get("/miitti/miitti/booths/puusaha").text
    with pytest.raises(errors.TooLong):
        actions.describe(booth_id=world.booths["harju"], people="x" * 1001)

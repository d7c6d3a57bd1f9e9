"""Job ads: on the booth, on their own page, on the company's desk."""

import json
import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask

from miitti.foundation import db, errors
from miitti.vacancies import actions, queries
from miitti.vacancies.states import Doubt, PayUnit, doubts
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]
DESK = "/desk/booths/miitti/harju/jobs"
GOOD = {"title_fi": "Kokoonpanija", "places": "2", "pay_min": "14,60", "pay_max": "16,20 €", "pay_unit": "hour"}


def of_harju(world: World) -> list[str]:
    db.session().rollback()
    return [ad.title_fi for ad in queries.of_booth(world.booths["harju"])]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_an_ad_tells_its_pay_everywhere(client: Client, world: World, language: str) -> None:
    pay = "15.80–19.50 €/h" if language == "en" else "15,80–19,50 €/h"
    for path in ("/jobs", f"/jobs/{world.vacancies['harju']}", "/miitti/miitti/booths/harju"):
        assert pay in client.get(f"{path}?lang={language}").text


def test_the_pay_stands_in_the_form_it_is_mended_in(as_: As, world: World) -> None:
    """A browser shows a number field empty when its value has a comma, and saving would then ask for the pay again."""
    text = as_("owner").get(f"{DESK}/{world.vacancies['harju']}").text
    [field] = [tag for tag in re.findall("<input[^>]*>", text) if 'name="pay_min"' in tag]
    assert 'type="text"' in field
    assert 'value="15,80"' in field
    assert 'inputmode="decimal"' in field


def test_search_engines_get_a_whole_job(client: Client, world: World) -> None:
    text = client.get(f"/jobs/{world.vacancies['harju']}?lang=fi").text
    block = text.split('<script type="application/ld+json">', 1)[1].split("</script>", 1)[0]
    found = json.loads(block)
    assert found["@type"] == "JobPosting"
    assert found["title"] == "Hitsaaja"
    assert found["hiringOrganization"]["name"] == "Konepaja Harju"
    assert found["jobLocation"]["address"] == {
        "@type": "PostalAddress",
        "addressLocality": "Hartola",
        "addressCountry": "FI",
    }
    assert found["baseSalary"]["value"] == {
        "@type": "QuantitativeValue",
        "minValue": 15.8,
        "maxValue": 19.5,
        "unitText": "HOUR",
    }
    assert {"datePosted", "description"} <= found.keys()


def test_money_is_kept_to_the_cent(world: World) -> None:
    ad = actions.post(
        booth_id=world.booths["harju"],
        title_fi="X",
        pay_min=Decimal("2345.67"),
        pay_max=Decimal("2345.68"),
        pay_unit="month",
    )
    number = ad.id
    db.session().expire_all()
    found = queries.by_id(number)
    assert (found.pay_min, found.pay_max, found.pay_unit) == (
        Decimal("2345.67"),
        Decimal("2345.68"),
        PayUnit.MONTH,
    )


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"title_fi": ""}, "title_fi"),
        ({"title_fi": "x" * 121}, "title_fi"),
        ({"places": "0"}, "places"),
        ({"places": "yksi"}, "places"),
        ({"places": ""}, "places"),
        ({"pay_min": "paljon"}, "pay_min"),
        ({"pay_min": "NaN"}, "pay_min"),
        ({"pay_min": ""}, "pay_min"),
        ({"pay_min": "20"}, "pay_max"),
        ({"pay_max": "2600"}, "pay_max"),
        ({"pay_max": "1e9"}, "pay_max"),
        ({"pay_max": "16,205"}, "pay_max"),
        ({"pay_unit": "year"}, "pay_unit"),
    ],
)
def test_a_wrong_ad_is_told_at_its_field_and_kept(world: World, as_: As, bad: dict[str, str], field: str) -> None:
    answer = as_("owner").send(f"{DESK}/new?lang=fi", **(GOOD | bad | {"text_fi": "Säilytä tämä"}))
    assert answer.status_code == 422
    assert "Säilytä tämä" in answer.text
    assert f'id="{field}-error"' in answer.text
    assert of_harju(world) == ["Hitsaaja"]


def test_posted_changed_taken_down_and_put_back(client: Client, world: World, as_: As) -> None:
    owner = as_("owner")
    assert owner.send(f"{DESK}/new", **GOOD).status_code == 303
    assert of_harju(world) == ["Hitsaaja", "Kokoonpanija"]
    number = queries.of_booth(world.booths["harju"])[1].id
    assert "16,20" in owner.get(f"{DESK}/{number}").text
    assert owner.send(f"{DESK}/{number}", **(GOOD | {"pay_max": "17"})).status_code == 303
    assert "14,60–17,00 €/h" in client.get(f"/jobs/{number}?lang=fi").text
    gone = owner.send(f"{DESK}/{number}/remove")
    assert gone.status_code == 303
    assert of_harju(world) == ["Hitsaaja"]
    assert client.get(f"/jobs/{number}").status_code == 404
    assert owner.get(f"{DESK}/{number}").status_code == 404
    assert f"{DESK}/{number}/restore" in owner.get(gone.headers["Location"].partition("#")[0]).text
    assert owner.send(f"{DESK}/{number}/restore").status_code == 303
    assert of_harju(world) == ["Hitsaaja", "Kokoonpanija"]


@pytest.mark.parametrize("name", ["stranger", "moderator", "nobody"])
def test_others_find_nothing(world: World, as_: As, name: str) -> None:
    other = as_(name)
    number = world.vacancies["harju"]
    assert other.get(f"{DESK}/new").status_code == 404
    assert other.send(f"{DESK}/new", **GOOD).status_code == 404
    assert other.send(f"{DESK}/{number}", **GOOD).status_code == 404
    assert other.send(f"{DESK}/{number}/remove").status_code == 404
    assert of_harju(world) == ["Hitsaaja"]


def test_an_ad_of_another_booth_is_not_reached_through_ones_own(world: World, as_: As) -> None:
    foreign = world.vacancies["puusaha"]
    assert as_("owner").send(f"{DESK}/{foreign}/remove").status_code == 404
    assert as_("owner").send(f"{DESK}/{foreign}/restore").status_code == 404
    assert as_("owner").send(f"{DESK}/{foreign}", **GOOD).status_code == 404
    assert queries.by_id(foreign).title_fi == "Hitsaaja"


def test_ads_of_drafts_are_not_known(app: Flask, client: Client, world: World) -> None:
    from miitti.booths import actions as booths
    from miitti.events import actions as events
    from miitti.events import queries as events_queries

    one = events_queries.by_id(world.event_id)
    draft = events.create(slug="tuleva", title_fi="Tuleva", starts_at=one.starts_at, ends_at=one.ends_at)
    booth = booths.open_booth(event_id=draft.id, organisation_id=world.organisations["harju"], slug="harju")
    hidden = actions.post(booth_id=booth.id, title_fi="Salainen", pay_min=Decimal(15), pay_max=Decimal(15)).id
    assert client.get(f"/jobs/{hidden}").status_code == 404
    assert "Salainen" not in client.get("/jobs").text


def test_hours_and_months_are_not_mixed_into_one_range(world: World) -> None:
    booth_id = world.booths["harju"]
    actions.post(
        booth_id=booth_id, title_fi="K", pay_min=Decimal(2600), pay_max=Decimal(3000), pay_unit="month", places=2
    )
    total = queries.summed(world.event_id)[booth_id]
    assert (total.ads, total.places, total.pay) == (2, 3, None)
    assert queries.places_of_event(world.event_id) == 5


def test_an_ad_needs_its_booth(world: World) -> None:
    with pytest.raises(errors.NotFound):
        actions.post(booth_id=999, title_fi="X", pay_min=Decimal(15), pay_max=Decimal(16))


def test_interest_in_a_job_leads_to_the_form_with_the_job_chosen(client: Client, world: World) -> None:
    number = world.vacancies["harju"]
    text = client.get(f"/jobs/{number}").text
    path = f"/miitti/miitti/booths/harju/leads?vacancy={number}&amp;from=job"
    assert path in text
    assert "checked" in client.get(path.replace("&amp;", "&")).text


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Huoltomies", [Doubt.GENDER]),
        ("Reparationskarl", [Doubt.GENDER]),
        ("Nuori ja perusterve", [Doubt.AGE, Doubt.HEALTH]),
        ("Äidinkieli suomi", [Doubt.ORIGIN]),
        ("Native speaker, clean criminal record", [Doubt.ORIGIN, Doubt.RECORD]),
        ("Varusmiespalvelu suoritettu", [Doubt.MILITARY]),
        ("Kirvesmies, esimies Työmies Virtanen", []),
        ("Nuorisotyöntekijä", []),
        ("Suomalaista koivua, terveydenhoitaja, ungdomsarbete", []),
        ("Hitsaaja", []),
    ],
)
def test_what_an_ad_should_think_of_again(text: str, kinds: list[Doubt]) -> None:
    assert [kind for kind, _words in doubts(text)] == kinds


def test_a_doubtful_ad_is_told_why_once_and_goes_through_when_read(world: World, as_: As) -> None:
    owner = as_("owner")
    owner.get("/desk?lang=fi")
    doubtful = {**GOOD, "title_fi": "Huoltomies", "text_fi": "Teet huoltoja. <b>Nuori</b> hakija."}
    answer = owner.send(f"{DESK}/new", **doubtful)
    assert answer.status_code == 422
    for told in ("”Huoltomies”", "609/1986", "”Nuori”", "1325/2014", 'value="gender,age"', 'value="Huoltomies"'):
        assert told in answer.text
    assert "Huoltomies" not in of_harju(world)
    assert owner.send(f"{DESK}/new", **doubtful, read="gender").status_code == 422
    assert owner.send(f"{DESK}/new", **doubtful, read="gender,age").status_code == 303
    assert "Huoltomies" in of_harju(world)

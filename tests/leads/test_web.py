"""The applicant's side: what is taken, what is sent back with the typed form, and who can see it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from miitti.events import actions as events
from miitti.events.states import Doors
from miitti.foundation import db, jobs
from miitti.leads import states, web
from miitti.leads.models import Consent
from miitti.vacancies import actions as vacancies
from tests.conftest import Client
from tests.leads.conftest import DETAILS, FORM, Applicant, count, latest
from tests.world import World


def test_lead_consent_and_letter_are_there_before_the_answer(applicant: Applicant, world: World) -> None:
    answer = applicant.send(**DETAILS, vacancy=str(world.vacancies["harju"]))
    assert answer.status_code == 303
    whole = latest()
    assert answer.location == f"/leads/{whole.lead.receipt}"
    assert (whole.lead.name, whole.lead.phone, whole.lead.email) == (
        "Aino Hakija",
        "040 123 4567",
        "aino@posti.example",
    )
    assert whole.lead.message == DETAILS["message"]
    assert [vacancy.id for vacancy in whole.vacancies] == [world.vacancies["harju"]]
    consent = db.session().scalars(select(Consent)).one()
    assert (consent.text_version, consent.language) == (states.CONSENT_TEXT, "fi")
    waiting = db.session().scalars(select(jobs.Job).where(jobs.Job.lane == "mail")).all()
    assert {job.kind for job in waiting} == {"deliver_lead", "send_receipt"}
    assert all(set(job.args) == {"lead"} for job in waiting), "a job knows the lead's number and nothing else"


def test_booth_page_carries_the_form(client: Client, world: World) -> None:
    text = client.get("/miitti/miitti/booths/harju").text
    assert f'action="{FORM}"' in text
    for token in ('autocomplete="name"', 'autocomplete="tel"', 'autocomplete="email"'):
        assert token in text
    again = client.get("/miitti/miitti/booths/harju").text
    keys = [t.split('name="form_key"', 1)[1].split('value="', 1)[1].split('"', 1)[0] for t in (text, again)]
    assert keys[0] != keys[1]


def test_receipt_shows_a_copy_and_is_kept_out_of_caches(applicant: Applicant) -> None:
    where = applicant.send(**DETAILS).location
    page = applicant.client.get(where)
    assert page.headers["Cache-Control"] == "no-store"
    for typed in ("Aino Hakija", "040 123 4567", "aino@posti.example", "Luokat vanhenivat 2023."):
        assert typed in page.text
    assert applicant.client.get("/leads/nothing-like-it").status_code == 404


def test_one_contact_is_enough(make_applicant: Callable[..., Applicant]) -> None:
    assert make_applicant().send(phone="0401234567").status_code == 303
    assert make_applicant().send(email="AINO@posti.example").status_code == 303
    assert latest().lead.email == "aino@posti.example"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"phone": "", "email": ""}, "Anna puhelinnumero tai sähköpostiosoite"),
        ({"phone": "soita vaan"}, "Tämä ei näytä puhelinnumerolta"),
        ({"email": "aino@posti"}, "Tämä ei ole kokonainen sähköpostiosoite"),
        ({"email": "aino@posti.example\r\nBcc: muut@posti.example"}, "Tämä ei ole kokonainen sähköpostiosoite"),
        ({"message": "x" * 10_000}, "Viesti on liian pitkä: 10000"),
        ({"message": "x" * 900_000}, "Viesti on liian pitkä: 900000"),
        ({"name": "N" * 121}, "Nimi on liian pitkä."),
        ({"vacancy": "999999"}, "Jokin paikoista ei ole enää avoinna."),
        ({"website": "https://robotti.example"}, "ansa roboteille"),
    ],
)
def test_bad_input_comes_back_with_all_that_was_typed(applicant: Applicant, fields: dict[str, str], said: str) -> None:
    typed = {"name": "Aino Hakija", "phone": "040 123 4567", "message": "Terveisiä!", **fields}
    answer = applicant.send(**typed)
    assert answer.status_code == 422
    assert said in answer.text
    for name in ("name", "phone", "message"):
        assert typed[name][:5000] in answer.text
    assert f'value="{applicant.key}"' in answer.text, "the same form, so that mending it is not a second lead"
    assert count() == 0


def test_another_companys_job_is_refused(applicant: Applicant, world: World) -> None:
    assert applicant.send(**DETAILS, vacancy=str(world.vacancies["puusaha"])).status_code == 422


def test_job_taken_down_meanwhile_is_said(applicant: Applicant, world: World) -> None:
    vacancies.remove(vacancy_id=world.vacancies["harju"])
    assert applicant.send(**DETAILS, vacancy=str(world.vacancies["harju"])).status_code == 422


def test_json_is_answered_in_json(applicant: Applicant) -> None:
    answer = applicant.client.post(
        FORM,
        data={"csrf_token": applicant.csrf, "form_key": applicant.key, "name": "Aino"},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 422
    assert "phone" in answer.get_json()["error"]["fields"]


def test_resend_is_one_lead(applicant: Applicant) -> None:
    first = applicant.send(**DETAILS)
    assert applicant.send(**DETAILS).location == first.location
    assert count() == 1
    letters = select(func.count()).select_from(jobs.Job).where(jobs.Job.kind == "deliver_lead")
    assert db.session().scalar(letters) == 1


def test_same_key_from_another_visitor_is_another_lead(
    applicant: Applicant, app: object, make_applicant: Callable[..., Applicant]
) -> None:
    first = applicant.send(**DETAILS)
    other = make_applicant(app.test_client())  # type: ignore[attr-defined]
    other.key = applicant.key
    second = other.send(**{**DETAILS, "name": "Eero Toinen"})
    assert second.status_code == 303
    assert second.location != first.location
    assert count() == 2
    assert "Aino" not in other.client.get(second.location).text


def test_correction_of_the_same_form_corrects_the_lead(applicant: Applicant) -> None:
    first = applicant.send(**{**DETAILS, "phone": "040 123 4576"})
    second = applicant.send(**DETAILS)
    assert second.location == first.location
    assert count() == 1
    assert (latest().lead.phone, latest().lead.revision) == ("040 123 4567", 2)


def test_fast_posts_are_held_back_with_the_form_kept(applicant: Applicant) -> None:
    codes = []
    for number in range(60):
        answer = applicant.send(**{**DETAILS, "message": f"viesti {number}"})
        codes.append(answer.status_code)
    assert codes[0] == 303
    assert codes[-1] == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert "viesti 59" in answer.text
    assert "040 123 4567" in answer.text


def test_a_thousand_a_minute_from_one_network_are_held_back_whoever_they_say_they_are(
    app: Flask, world: World, make_applicant: Callable[..., Applicant], monkeypatch: pytest.MonkeyPatch
) -> None:
    # 300 and five a second, but making 300 browsers takes a while
    monkeypatch.setattr(web, "NETWORK_BURST", 6)
    monkeypatch.setattr(web, "NETWORK_PER_S", 0.001)
    robot = {"REMOTE_ADDR": "198.51.100.7"}
    codes = []
    for _ in range(9):
        one = make_applicant(app.test_client())
        typed = {"csrf_token": one.csrf, "form_key": one.key, **DETAILS}
        answer = one.client.post(FORM, data=typed, environ_overrides=robot)
        codes.append(answer.status_code)
    assert codes[:6] == [303] * 6
    assert codes[-1] == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Luokat vanhenivat 2023." in answer.text
    assert make_applicant(app.test_client()).send(**DETAILS).status_code == 303, "others are not held back"


def test_wrong_csrf_keeps_what_was_typed(applicant: Applicant) -> None:
    applicant.csrf = "wrong"
    answer = applicant.send(**DETAILS)
    assert answer.status_code == 400
    assert "040 123 4567" in answer.text
    assert count() == 0


def test_draft_event_takes_no_leads(world: World, client: Client) -> None:
    from datetime import timedelta

    from miitti.booths import actions as booths
    from miitti.foundation import clock

    start = clock.now() + timedelta(days=3)
    draft = events.create(slug="luonnos", title_fi="Luonnos", starts_at=start, ends_at=start + timedelta(hours=1))
    booths.open_booth(event_id=draft.id, organisation_id=world.organisations["harju"], slug="harju")
    assert client.get("/miitti/luonnos/booths/harju/leads").status_code == 404
    assert client.send("/miitti/luonnos/booths/harju/leads", **DETAILS).status_code == 404


@pytest.mark.parametrize("doors", [Doors.OPEN, Doors.LIVE, Doors.OVER])
def test_works_before_during_and_after(world: World, applicant: Applicant, doors: Doors) -> None:
    events.force_doors(event_id=world.event_id, doors=doors)
    assert applicant.send(**DETAILS).status_code == 303


def test_withdrawing_erases_at_once_and_twice_is_once(applicant: Applicant) -> None:
    where = applicant.send(**DETAILS).location
    for _ in range(2):
        answer = applicant.client.post(where, data={"csrf_token": applicant.csrf})
        assert answer.status_code == 303
    page = applicant.client.get(where).text
    assert "Peruttu" in page
    for typed in ("Aino", "040 123", "aino@", "Luokat"):
        assert typed not in page
    lead = latest().lead
    assert (lead.name, lead.phone, lead.email, lead.message) == ("", "", "", "")
    assert lead.state is states.LeadState.WITHDRAWN
    assert db.session().scalars(select(Consent)).one().withdrawn_at is not None
    assert applicant.send(**DETAILS).location != where, "sent again after that, it is meant again"


def test_get_never_withdraws(applicant: Applicant) -> None:
    where = applicant.send(**DETAILS).location
    applicant.client.get(where)
    assert latest().lead.withdrawn_at is None


@pytest.mark.parametrize(
    ("language", "words"),
    [("fi", "Kiinnostuin"), ("sv", "Jag är intresserad"), ("en", "I&#39;m interested")],
)
def test_three_languages(client: Client, world: World, language: str, words: str) -> None:
    assert words in client.get(f"{FORM}?lang={language}").text


def test_busy_database_gives_the_form_back(
    applicant: Applicant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "PATIENCE_S", 0.2)
    monkeypatch.setattr(db, "busy_timeout_ms", 50)
    db.session().rollback()
    db.extension.engine.dispose()
    with closing(sqlite3.connect(tmp_path / "miitti.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = applicant.send(**DETAILS)
        other.execute("ROLLBACK")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Luokat vanhenivat 2023." in answer.text
    assert applicant.send(**DETAILS).status_code == 303, "the very same form goes through afterwards"
    assert count() == 1

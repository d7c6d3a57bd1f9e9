"""The audit and the privacy screen: found, handed out, erased, and noted."""

import json
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from miitti.accounts import actions as accounts_actions
from miitti.accounts import queries as accounts
from miitti.accounts.models import AuditEntry
from miitti.booths import actions as booths
from miitti.foundation import db, jobs, storage
from miitti.intake import actions as intake
from miitti.leads import actions as leads
from miitti.leads.models import Lead
from miitti.questions import actions as questions
from miitti.questions import addresses
from miitti.teasers import actions as teasers
from miitti.videos import actions as videos
from miitti.videos import arrivals
from tests.conftest import Client
from tests.world import World


def test_a_persons_data_are_found_handed_out_and_erased(app: Flask, as_: Callable[[str], Client], world: World) -> None:
    admin = as_("admin")
    assert "Henkilö, joka kirjautuu sisään" in admin.send("/desk/privacy", email="Teammate@example.fi", do="find").text
    answer = admin.send("/desk/privacy", email="teammate@example.fi", do="export")
    assert answer.mimetype == "application/json"
    assert json.loads(answer.data)["kept"][0]["data"]["email"] == "teammate@example.fi"
    assert admin.send("/desk/privacy", email="teammate@example.fi", do="erase").status_code == 200
    assert accounts.person_by_email("teammate@example.fi") is None
    verbs = db.session().scalars(sa.select(AuditEntry.verb).where(AuditEntry.object_kind == "privacy")).all()
    assert verbs == ["privacy_find", "privacy_export", "privacy_erase"]
    noted = db.session().scalars(sa.select(AuditEntry).where(AuditEntry.object_kind == "privacy"))
    assert all("example.fi" not in f"{one.before} {one.after} {one.object_id}" for one in noted)


def test_the_audit_is_the_organisers_alone(as_: Callable[[str], Client], world: World) -> None:
    for name in ("cohost", "owner", "moderator", "admin"):
        assert as_(name).get(f"/desk/events/{world.slug}/audit").status_code == 404
    assert as_("organiser").get(f"/desk/events/{world.slug}/audit").status_code == 200


def test_what_an_applicant_left_is_hers_to_get_and_to_have_erased(
    app: Flask, as_: Callable[[str], Client], world: World
) -> None:
    leads.leave(booth_id=world.booths["harju"], form_key="k" * 24, visitor="v", name="Aada", email="aada@posti.example")
    host = as_("organiser")
    kept = json.loads(host.send("/desk/privacy", email="AADA@posti.example", do="export").data)["kept"]
    assert [one["data"]["name"] for one in kept] == ["Aada"]
    assert host.send("/desk/privacy", email="aada@posti.example", do="erase").status_code == 200
    db.session().rollback()
    row = db.session().scalars(sa.select(Lead)).one()
    assert (row.name, row.email) == ("", "")
    assert as_("cohost").get("/desk/privacy").status_code == 404


def test_reminders_answers_and_contact_addresses_are_found_and_erased(
    app: Flask, as_: Callable[[str], Client], world: World
) -> None:
    email = "aada@posti.example"
    teasers.remind(event_id=world.event_id, email=email, language="fi")
    channel = questions.open_channel(event_id=world.event_id, ch="stage")
    asked = questions.ask(channel_id=channel.id, visitor="v", cid="c" * 20, body="Onko palkka tiedossa?")
    addresses.leave_address(channel_id=channel.id, visitor="v", question_id=asked.q["id"], email=email, language="fi")
    booths.describe(booth_id=world.booths["harju"], contact_email=email)
    intake.decide(booth_id=world.booths["puusaha"], also=[email])
    host = as_("organiser")
    kept = json.loads(host.send("/desk/privacy", email=email, do="export").data)["kept"]
    assert len(kept) == 4
    assert host.send("/desk/privacy", email=email, do="erase").status_code == 200
    db.session().rollback()
    kept = json.loads(host.send("/desk/privacy", email=email, do="export").data)["kept"]
    assert kept == []
    noted = db.session().scalars(sa.select(AuditEntry)).all()
    assert not any(email in f"{one.before} {one.after}" for one in noted)


def test_an_organiser_answers_for_the_people_of_her_own_events_only(
    app: Flask, as_: Callable[[str], Client], world: World
) -> None:
    host = as_("organiser")
    foreign = accounts_actions.invite(email="muualla@example.fi")
    accounts_actions.grant(person_id=foreign.id, role="organiser", event_id=999)
    both = accounts_actions.invite(email="molemmissa@example.fi")
    accounts_actions.grant(person_id=both.id, role="moderator", event_id=world.event_id)
    accounts_actions.grant(person_id=both.id, role="moderator", event_id=999)
    for email, status in (("admin@example.fi", 200), ("muualla@example.fi", 200), ("molemmissa@example.fi", 403)):
        assert host.send("/desk/privacy", email=email, do="erase").status_code == status
        assert accounts.person_by_email(email) is not None
    assert as_("admin").send("/desk/privacy", email="molemmissa@example.fi", do="erase").status_code == 200
    assert accounts.person_by_email("molemmissa@example.fi") is None


def test_a_closed_booths_files_go_by_a_job(app: Flask, as_: Callable[[str], Client], world: World) -> None:
    booth_id = world.booths["levytyo"]
    upload = arrivals.begin(booth_id=booth_id, person_id=world.people["owner"], filename="a.mp4", length=1)
    begun = arrivals.begin(booth_id=booth_id, person_id=world.people["owner"], filename="b.mp4", length=9)
    videos.bytes_of(upload).write_bytes(b"x")
    video = arrivals.append(upload_id=upload, offset=1)
    assert video is not None
    made = storage.place("videos", video)
    made.mkdir(parents=True)
    company = world.organisations["levytyo"]
    answer = as_("organiser").send(f"/desk/events/{world.slug}/organisations/{company}/remove")
    assert answer.status_code == 303
    assert made.exists()
    jobs.run_until_idle(app, ["other"])
    assert not made.exists()
    assert not videos.bytes_of(upload).parent.exists()
    assert not videos.bytes_of(begun).parent.exists()

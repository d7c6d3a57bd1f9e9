"""The audit and the privacy screen: found, handed out, erased, and noted."""

import json
from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask

from miitti.accounts import queries as accounts
from miitti.accounts.models import AuditEntry
from miitti.foundation import db
from miitti.leads import actions as leads
from miitti.leads.models import Lead
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

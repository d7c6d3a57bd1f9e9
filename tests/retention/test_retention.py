"""Leads are forgotten in their time, not while held, and never come back with a backup."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from miitti.foundation import clock, db, jobs
from miitti.leads import actions as leads
from miitti.leads import states as lead_states
from miitti.retention import actions, queries
from tests.conftest import Client
from tests.leads.conftest import DETAILS, FORM, Applicant, latest
from tests.letters import Post
from tests.world import World

As = Callable[[str], Client]


@pytest.fixture
def left(smtp: Post, app: Flask, applicant: Applicant) -> str:
    """A delivered lead; gives its reference."""
    applicant.send(**DETAILS)
    jobs.run_until_idle(app, ["mail"])
    return latest().lead.reference


def purge_after(days: float) -> int:
    db.session().rollback()
    with clock.frozen(clock.now() + timedelta(days=days)):
        return actions.purge()


def test_purged_ninety_days_after_delivery_and_not_before(as_: As, left: str, applicant: Applicant) -> None:
    assert purge_after(89.9) == 0
    assert purge_after(90.1) == 1
    whole = latest()
    assert (whole.lead.name, whole.lead.phone, whole.lead.email, whole.lead.message) == ("", "", "", "")
    assert whole.lead.state is lead_states.LeadState.NEW, "counts stay right"
    assert "Poistettu täältä, kun aika tuli täyteen" in as_("owner").get("/desk/leads").text
    assert "Tietosi on poistettu" in applicant.client.get(f"/leads/{whole.lead.receipt}").text
    noted = queries.erased(left)
    assert noted is not None
    assert (noted.why, left in noted.digest) == ("over", False)


def test_choice_to_be_kept_makes_it_a_year(smtp: Post, app: Flask, applicant: Applicant) -> None:
    applicant.send(**DETAILS, keep="y")
    jobs.run_until_idle(app, ["mail"])
    assert latest().chose(lead_states.KEEP)
    assert purge_after(364) == 0
    assert purge_after(366) == 1


def test_times_are_the_settings(app: Flask, as_: As, left: str, make_applicant: Callable[..., Applicant]) -> None:
    app.config["MIITTI"] = replace(app.config["MIITTI"], leads_days=10, employer_months=6)
    assert "paikkoja varten 6 kuukautta" in make_applicant().client.get(FORM).text
    privacy = as_("nobody").get("/privacy").text
    assert "6 kuukautta" in privacy
    assert "10 päivän kuluttua toimituksesta" in privacy
    kept = make_applicant()
    kept.send(**DETAILS, keep="y")
    jobs.run_until_idle(app, ["mail"])
    assert purge_after(9.9) == 0
    assert purge_after(10.1) == 1
    assert purge_after(181) == 0
    assert purge_after(184) == 1


def test_undelivered_lead_on_its_way_is_not_purged(applicant: Applicant) -> None:
    applicant.send(**DETAILS)
    assert purge_after(400) == 0


def test_dates_are_shown(as_: As, left: str, applicant: Applicant) -> None:
    assert "Poistetaan täältä" in as_("owner").get("/desk/leads").text
    assert "poistetaan täältä viimeistään" in applicant.client.get(f"/leads/{latest().lead.receipt}").text


def test_hold_needs_a_reason_and_stops_the_purge(as_: As, left: str) -> None:
    owner = as_("owner")
    path = f"/desk/leads/{left}/hold"
    assert owner.send(path, reason=" ").status_code == 422
    assert as_("stranger").send(path, reason="x").status_code == 404
    assert owner.send(path, reason="Syrjintävaade kesken").status_code == 303
    assert "Syrjintävaade kesken" in owner.get("/desk/leads").text
    assert purge_after(400) == 0
    assert owner.send(path, release="1").status_code == 303
    assert purge_after(400) == 1
    assert owner.send(path, reason="liian myöhään").status_code == 403


def test_withdrawal_erases_what_is_held_too(as_: As, left: str) -> None:
    as_("owner").send(f"/desk/leads/{left}/hold", reason="Vaade")
    leads.withdraw(receipt=latest().lead.receipt)
    assert latest().lead.name == ""
    assert queries.holds([latest().lead.id]) == {}


def test_restored_backup_is_erased_again(app: Flask, left: str, tmp_path: Path) -> None:
    db.session().rollback()
    with (
        closing(sqlite3.connect(tmp_path / "miitti.sqlite3")) as now,
        closing(sqlite3.connect(tmp_path / "backup")) as to,
    ):
        now.backup(to)
    leads.withdraw(receipt=latest().lead.receipt)
    db.session().rollback()
    db.extension.session.remove()
    db.extension.engine.dispose()
    for extra in ("-wal", "-shm"):
        (tmp_path / f"miitti.sqlite3{extra}").unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup", tmp_path / "miitti.sqlite3")
    assert latest().lead.name == "Aino Hakija", "the backup had it"
    assert actions.erase_again() == 1
    assert latest().lead.name == ""
    assert actions.erase_again() == 0


def test_erasure_log_names_nobody(left: str, tmp_path: Path) -> None:
    leads.withdraw(receipt=latest().lead.receipt)
    text = (tmp_path / "erasures.log").read_text()
    assert queries.digest(left) in text
    for word in (left, "Aino", "posti.example", "0401234567"):
        assert word not in text
    assert (tmp_path / "erasures.log").stat().st_mode & 0o777 == 0o600


def test_purge_comes_round_every_night(app: Flask, world: World) -> None:
    jobs.plan()
    jobs.plan()
    waiting = db.session().query(jobs.Job).filter(jobs.Job.kind == "purge_leads").all()
    assert len(waiting) == 1
    assert waiting[0].run_after.astimezone(clock.HELSINKI).hour == 3

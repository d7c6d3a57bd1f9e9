"""A host writes down on the phone what a company says: booth and job at once, noted as done for it."""

from collections.abc import Callable

import sqlalchemy as sa

from miitti.accounts.models import AuditEntry
from miitti.booths.models import Booth
from miitti.foundation import db
from miitti.vacancies.models import Vacancy
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]
URL = "/desk/booths/miitti/harju/dictation"
TOLD = {"sentence_fi": "Teemme perävaunuja.", "shift_fi": "7–15.30", "start_fi": "heti", "pay_unit": "hour"}


def test_booth_and_job_are_written_at_once_and_noted(world: World, as_: As) -> None:
    host = as_("cohost")
    page = host.get(URL).text
    assert "data-behalf" in page
    assert URL in host.get("/desk/booths/miitti/harju").text
    assert URL not in as_("owner").get("/desk/booths/miitti/harju").text
    answer = host.send(URL, **TOLD, title_fi="Särmääjä", pay_min="15,50", contact_email="minulle@alue.example")
    assert answer.status_code == 303
    booth = db.row(Booth, world.booths["harju"])
    assert (booth.sentence_fi, booth.contact_email) == ("Teemme perävaunuja.", "tyo@harju.example")
    job = db.session().scalar(sa.select(Vacancy).where(Vacancy.title_fi == "Särmääjä"))
    assert job is not None
    assert (str(job.pay_min), str(job.pay_max), job.start_fi) == ("15.50", "15.50", "heti")
    noted = db.session().scalars(sa.select(AuditEntry).where(AuditEntry.for_organisation_id.is_not(None))).all()
    assert [one.verb for one in noted] == ["describe", "post_job"]


def test_a_job_without_pay_changes_nothing_and_loses_nothing(world: World, as_: As) -> None:
    answer = as_("cohost").send(URL, **TOLD, title_fi="Särmääjä")
    assert answer.status_code == 422
    assert "Särmääjä" in answer.text
    assert "Teemme perävaunuja." in answer.text
    assert db.row(Booth, world.booths["harju"]).sentence_fi != "Teemme perävaunuja."
    assert as_("cohost").send(URL, **TOLD, pay_max="15").status_code == 422
    assert as_("stranger").send(URL, **TOLD).status_code == 404

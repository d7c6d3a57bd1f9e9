"""An event is deleted by its organiser alone, by its name, once it is over and nobody's contact is kept."""

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from miitti.accounts import actions as accounts
from miitti.accounts import queries as accounts_queries
from miitti.accounts.models import AuditEntry, Grant, Organisation
from miitti.events import actions as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import clock, db, jobs, journal, storage
from miitti.foundation.journal import JournalEntry
from miitti.leads import actions as leads
from miitti.leads import queries as leads_queries
from miitti.questions import actions as questions
from miitti.questions import queries as questions_queries
from miitti.stage import actions as stages
from miitti.teasers import actions as teasers
from miitti.videos import arrivals
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]
PAGE = "/desk/events/miitti/delete"
NAME = "Metallialan Miitti"


def _there() -> bool:
    db.session().rollback()
    return db.session().scalar(sa.select(Event.id)) is not None


def test_all_of_it_goes_but_the_organisations_and_what_was_done(app: Flask, as_: As, world: World) -> None:
    host, owner = as_("organiser"), as_("owner")
    receipt = leads.leave(
        booth_id=world.booths["harju"], form_key="k" * 24, visitor="v", name="Aada", email="aada@posti.example"
    )
    leads.withdraw(receipt=receipt)
    teasers.remind(event_id=world.event_id, email="aada@posti.example", language="fi")
    for ch in ("stage", f"{questions_queries.BOOTH}harju"):
        channel = questions.open_channel(event_id=world.event_id, ch=ch)
        questions.ask(channel_id=channel.id, visitor="v", cid="c" * 20 + ch[:1], body="Onko palkka tiedossa?")
    upload = arrivals.begin(booth_id=world.booths["harju"], person_id=world.people["owner"], filename="a", length=1)
    arrivals.append(upload_id=upload, offset=1)
    stages.open_stage(event_id=world.event_id)
    events.force_doors(event_id=world.event_id, doors=Doors.OVER)
    page = host.get(PAGE).text
    assert "3 osastoa" in page
    assert "2 kysymystä" in page
    assert "1 video" in page
    assert host.send(PAGE, typed="  metallialan   MIITTI ").status_code == 303
    assert not _there()
    tables = db.Base.metadata.tables
    session = db.session()
    for name in ("booth", "vacancy", "video", "upload", "question", "question_channel", "reminder", "lead", "stage",
                 "programme_item", "co_host"):  # fmt: skip
        assert session.scalar(sa.select(sa.func.count()).select_from(tables[name])) == 0, name
    with clock.frozen(clock.now() + timedelta(days=1)):
        journal.prune()  # what was told to one browser only goes by the clock
    told = session.scalars(sa.select(JournalEntry)).all()
    assert not any("palkka" in str(entry.data) for entry in told)
    assert session.scalars(sa.select(Organisation.slug).where(Organisation.slug == "harju")).all() == ["harju"]
    assert session.scalars(sa.select(Grant.person_id)).all() == [world.people["admin"]]
    noted = session.scalars(sa.select(AuditEntry).where(AuditEntry.verb == "delete_event")).one()
    assert (noted.person_id, noted.before) == (world.people["organiser"], {"slug": "miitti", "title_fi": NAME})
    assert host.get("/desk").status_code == 200, "whoever deleted it is still signed in"
    assert owner.get("/desk").status_code == 303, "a company of no other event has nothing to come for"
    assert as_("admin").get("/miitti/miitti").status_code == 404
    jobs.run_until_idle(app, ["other", "mail"])


def test_a_company_of_another_event_keeps_its_people_and_the_other_event(app: Flask, as_: As, world: World) -> None:
    other = events.create(
        slug="toinen", title_fi="Toinen", starts_at=db.row(Event, world.event_id).starts_at,
        ends_at=db.row(Event, world.event_id).ends_at,
    )  # fmt: skip
    events.add_cohost(event_id=other.id, organisation_id=world.organisations["harju"])
    events.force_doors(event_id=world.event_id, doors=Doors.OVER)
    assert as_("organiser").send(PAGE, typed=NAME).status_code == 303
    db.session().rollback()
    assert db.session().scalars(sa.select(Event.slug)).all() == ["toinen"]
    assert [one.role for one in accounts_queries.grants(world.people["owner"])] == ["company"]


def test_the_recordings_files_go_by_a_job(app: Flask, as_: As, world: World) -> None:
    _recorded(world.event_id, "r_kept")
    folder = storage.place("stage", "r_kept")
    folder.mkdir(parents=True)
    events.force_doors(event_id=world.event_id, doors=Doors.OVER)
    assert as_("organiser").send(PAGE, typed=NAME).status_code == 303
    jobs.run_until_idle(app, ["other"])
    assert not folder.exists()


def test_not_by_a_slip_nor_under_a_visitor_nor_over_somebodys_contact(app: Flask, as_: As, world: World) -> None:
    host = as_("organiser")
    assert "Päätä tapahtuma tai peru se ensin" in host.get(PAGE).text
    assert host.send(PAGE, typed=NAME).status_code == 403
    receipt = leads.leave(
        booth_id=world.booths["harju"], form_key="k" * 24, visitor="v", name="Aada", email="aada@posti.example"
    )
    events.force_doors(event_id=world.event_id, doors=Doors.OVER)
    assert "1 hakijan yhteystiedot" in host.get(PAGE).text
    assert host.send(PAGE, typed=NAME).status_code == 403
    assert leads_queries.by_receipt(receipt).lead.name == "Aada"
    leads.withdraw(receipt=receipt)
    for typed in ("", "miitti", "Metallialan", "x" * 10_000, NAME + "\u202e!"):
        answer = host.send(PAGE, typed=typed)
        assert answer.status_code == 422
        assert _there()


def test_only_an_organiser_of_that_very_event(app: Flask, as_: As, world: World) -> None:
    events.force_doors(event_id=world.event_id, doors=Doors.OVER)
    stranger = accounts.invite(email="muu@example.fi")
    accounts.grant(person_id=stranger.id, role="organiser", event_id=999)
    world.people["foreign"] = stranger.id
    for name in ("cohost", "moderator", "presenter", "owner", "admin", "foreign"):
        client = as_(name)
        assert client.get(PAGE).status_code == 404
        assert client.send(PAGE, typed=NAME).status_code == 404
        assert "Poista tapahtuma" not in client.get("/desk/events/miitti").text
    assert _there()
    assert "Poista tapahtuma" in as_("organiser").get("/desk/events/miitti").text


@db.writing
def _recorded(event_id: int, name: str) -> None:
    stages.open_stage(event_id=event_id).recording = name

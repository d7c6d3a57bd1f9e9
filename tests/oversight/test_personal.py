"""Every table is nobody's, or what it holds of a person is found, handed out and erased on the privacy screen."""

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from miitti.accounts import actions as accounts
from miitti.booths import actions as booths
from miitti.booths.models import Booth
from miitti.foundation import clock, db, ids
from miitti.foundation.access import GrantView, Role, Who
from miitti.handling import actions as handling
from miitti.handling.models import Note
from miitti.intake import actions as intake
from miitti.leads import actions as leads
from miitti.leads import queries as leads_queries
from miitti.passkeys.models import Passkey
from miitti.questions import actions as questions
from miitti.questions import addresses
from miitti.retention import actions as retention
from miitti.retention.models import Hold
from miitti.teasers import actions as teasers
from miitti.videos import actions as videos
from miitti.videos import arrivals
from tests.conftest import Client
from tests.world import World

HANDLED = {
    "audit_entry": "an erased address is blanked; else a number that names nobody",
    "booth": "the contact address",
    "co_host": "of organisations",
    "consent": "goes with what an applicant typed",
    "feedback": "what was written below a statement, until it has left",
    "grant": "goes with the person",
    "handling": "who takes a lead goes with the person",
    "hold": "the name of whoever held it goes with the person",
    "intake": "further addresses",
    "invitation": "goes with the person",
    "job": "jobs that name the address go with the person; of applicants they hold numbers only",
    "lead": "what an applicant typed",
    "lead_answer": "goes with what an applicant typed",
    "lead_paper": "goes with what an applicant typed",
    "lead_vacancy": "goes with what an applicant typed",
    "note": "goes with the lead; the name of whoever wrote it goes with the person",
    "organisation": "the contact address and number",
    "outcome": "goes with what an applicant typed",
    "passkey": "goes with the person",
    "passkey_challenge": "goes with the person",
    "person": "whoever signs in",
    "question_address": "who waits for an answer",
    "question_reply": "who wrote it goes with the person; it stands in the booth's name",
    "reminder": "who wants a letter",
    "session": "goes with the person",
    "sign_in_link": "goes with the person",
    "upload": "goes with the person, its bytes too",
    "video": "who sent it goes with the person; the video is the company's",
}
"""Tables that hold something of somebody who can be named, and what becomes of it."""

NOBODYS = {
    "answer", "answer_to", "arrival", "audit_opening", "caption", "erasure", "event", "heartbeat", "job_outcome",
    "journal_entry", "journal_stream", "material", "presence_group", "presence_heartbeat", "programme_item", "prompt",
    "question", "question_channel", "recording", "recording_caption",
    "question_done", "question_mute", "question_report", "question_vote", "question_words",
    "screen_key", "sign_in_attempt", "stage", "vacancy", "watcher", "webhook", "webhook_message",
}  # fmt: skip
"""Tables of things, of opaque numbers of browsers nobody can be named by, and of keyed hashes."""

SUSPECT = {
    "email",
    "phone",
    "name",
    "called",
    "person_id",
    "assignee_id",
    "invited_by",
    "address",
    "device",
    "filename",
}
"""Columns by which somebody could be named."""

KNOWN_HARMLESS = {
    "event.address": "where an event is held",
    "heartbeat.name": "of a process",
    "journal_stream.name": "of a stream",
    "question.name": "what an asker chose to be shown as; nobody can tell who it was",
}


def test_a_new_table_or_column_is_thought_about() -> None:
    tables = db.Base.metadata.tables
    assert HANDLED.keys() | NOBODYS == set(tables), "say in this file what a new table holds of people"
    assert not HANDLED.keys() & NOBODYS
    wrong = []
    for name in NOBODYS:
        for column in tables[name].columns:
            points_at_person = any(key.column.table.name == "person" for key in column.foreign_keys)
            harmless = f"{name}.{column.name}" in KNOWN_HARMLESS
            if (column.name in SUSPECT or points_at_person) and not harmless:
                wrong.append(f"{name}.{column.name}")
    assert wrong == []


def _everything() -> str:
    """All rows of all tables, as text. What is looked for in it is longer than chance writes into a random token."""
    session = db.session()
    session.rollback()
    rows = (session.execute(sa.select(table)).all() for table in db.Base.metadata.sorted_tables)
    return "\n".join(str(row) for table in rows for row in table)


def test_whoever_signed_in_is_gone_from_every_table_and_from_the_disk(
    app: Flask, as_: Callable[[str], Client], world: World
) -> None:
    email, name = "zyxelmo@kadonnut.example", "Zyxelmo Kadonnut"
    person = accounts.invite(email=email, name=name)
    accounts.grant(person_id=person.id, role=Role.COMPANY, organisation_id=world.organisations["harju"])
    accounts.open_session(person_id=person.id, device="Zyxelmon puhelin")
    accounts.link(person_id=person.id)
    accounts.ask_for_link(email=email, network="192.0.2.7")
    _keep(Passkey(person_id=person.id, credential_id=ids.new(), public_key=b"k", sign_count=0, device="Zyxelmon avain",
                  created_at=clock.now()))  # fmt: skip
    receipt = leads.leave(booth_id=world.booths["harju"], form_key="k" * 24, visitor="v", name="Aada",
                          email="aada@posti.example")  # fmt: skip
    reference = leads_queries.by_receipt(receipt).lead.reference
    who = Who(None, person.id, name, "fi", (GrantView(Role.COMPANY, None, world.organisations["harju"]),))
    handling.write_note(reference=reference, text="Soitin jo.", who=who)
    retention.hold(reference=reference, reason="Vaade.", who=who)
    upload = arrivals.begin(booth_id=world.booths["harju"], person_id=person.id, filename="zyxelmo.mp4", length=9)
    videos.bytes_of(upload).write_bytes(b"zyxelmo")
    booths.describe(booth_id=world.booths["harju"], contact_email=email)
    assert "zyxelmo" in _everything().casefold()
    found = as_("admin").send("/desk/privacy", email=email.upper(), do="export")
    assert len(json.loads(found.data)["kept"]) == 2
    assert as_("admin").send("/desk/privacy", email=email, do="erase").status_code == 200
    left = [
        line for line in _everything().splitlines() if "zyxelmo" in line.casefold() or "kadonnut" in line.casefold()
    ]
    assert left == []
    assert not videos.bytes_of(upload).parent.exists()
    assert db.session().scalars(sa.select(Note.text)).all() == ["Soitin jo."], "the note itself is the company's"
    assert db.session().scalars(sa.select(Hold.reason)).all() == ["Vaade."]


@pytest.mark.parametrize("asked", ["Zyxelmo@Posti.example", "+358 40 987 6543", "0409876543"])
def test_an_applicant_is_gone_from_every_table_however_she_is_looked_for(
    app: Flask, as_: Callable[[str], Client], world: World, asked: str
) -> None:
    email, phone = "zyxelmo@posti.example", "040-987 6543"
    leads.leave(booth_id=world.booths["harju"], form_key="k" * 24, visitor="v", name="Zyxelmo Hakija", email=email,
                phone=phone, message="Zyxelmo täällä.")  # fmt: skip
    if "@" in asked:
        teasers.remind(event_id=world.event_id, email=email, language="fi")
        channel = questions.open_channel(event_id=world.event_id, ch="stage")
        put = questions.ask(channel_id=channel.id, visitor="v", cid="c" * 20, body="Onko palkka tiedossa?")
        addresses.leave_address(channel_id=channel.id, visitor="v", question_id=put.q["id"], email=email, language="fi")
        intake.decide(booth_id=world.booths["puusaha"], also=[email])
    admin = as_("admin")
    kept = json.loads(admin.send("/desk/privacy", email=asked, do="export").data)["kept"]
    assert [one["data"]["phone"] for one in kept if "phone" in one["data"]] == [phone]
    assert admin.send("/desk/privacy", email=asked, do="erase").status_code == 200
    left = [line for line in _everything().splitlines() if "zyxelmo" in line.casefold() or "987 6543" in line]
    assert left == []


def test_a_companys_number_is_found_and_another_persons_is_not(
    app: Flask, as_: Callable[[str], Client], world: World
) -> None:
    owner = as_("owner")
    fields = {"name_fi": "Harju", "contact_phone": "(040) 111 2222"}
    assert owner.send("/desk/organisations/harju", **fields).status_code == 303
    admin = as_("admin")
    assert "Harju" in admin.send("/desk/privacy", email="+358 40 1112222", do="find").text
    kept = json.loads(admin.send("/desk/privacy", email="040 111 2223", do="export").data)["kept"]
    assert kept == []
    for nonsense in ("", "0", "matti", "040 <script>", "%", "12 34"):
        assert admin.send("/desk/privacy", email=nonsense, do="erase").status_code == 422
    assert db.session().scalars(sa.select(Booth.contact_email)).first() == "tyo@harju.example"


@db.writing
def _keep(row: db.Base) -> None:
    db.session().add(row)

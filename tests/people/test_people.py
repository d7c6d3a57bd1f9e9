"""Inviting, changing and removing people, and working for a company, as hosts and companies do it."""

import datetime
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from miitti.accounts import actions as accounts
from miitti.accounts import queries as accounts_queries
from miitti.accounts import states as accounts_states
from miitti.accounts.models import AuditEntry, Grant, Person, SignInLink
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.foundation import access, clock, db, jobs
from miitti.foundation.access import POWERS, Power, Role
from miitti.leads import queries as leads
from miitti.people import actions, queries, states
from miitti.people.models import Invitation
from tests.conftest import Client
from tests.letters import Post
from tests.world import World

As = Callable[[str], Client]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("line", "email", "name", "company"),
    [
        ("aino@example.fi", "aino@example.fi", "", ""),
        ("Aino Virtanen <Aino@Example.fi>", "aino@example.fi", "Aino Virtanen", ""),
        ("aino@example.fi; Aino Virtanen; Uusi Oy", "aino@example.fi", "Aino Virtanen", "Uusi Oy"),
        ("aino@example.fi\tAino\tUusi Oy", "aino@example.fi", "Aino", "Uusi Oy"),
        ('"Virtanen, Aino",aino@example.fi', "aino@example.fi", "Virtanen, Aino", ""),
        ("ei osoitetta", None, "", ""),
        ("a\u202eino@example.fi", None, "", ""),
    ],
)
def test_a_line_of_a_list_is_read(line: str, email: str | None, name: str, company: str) -> None:
    (read,) = states.read_list(line)
    assert (read.email, read.name, read.company) == (email, name, company)


def test_headings_of_a_spreadsheet_are_passed_over() -> None:
    assert [line.email for line in states.read_list("Sähköposti;Nimi\n\na@b.fi;Aino\n")] == ["a@b.fi"]


def test_a_list_is_invited_at_once_and_wrong_lines_come_back(app: Flask, as_: As, world: World) -> None:
    host = as_("cohost")
    text = "uusi@levy.example; Uolevi; Joutsan Levytyö\nrikki\nensi@firma.example; Esa; Ensi Firma Oy"
    answer = host.send(f"/desk/events/{world.slug}/people", people=text, role="company", organisation="", language="fi")
    assert answer.status_code == 422
    assert "rikki</textarea>" in answer.text
    person = accounts_queries.person_by_email("uusi@levy.example")
    assert person is not None
    assert {g.organisation_id for g in accounts_queries.grants(person.id)} == {world.organisations["levytyo"]}
    company = accounts_queries.organisation_by_slug("ensi-firma-oy")
    assert company is not None
    assert db.session().scalar(sa.select(Booth.slug).where(Booth.organisation_id == company.id)) == "ensi-firma-oy"
    assert len(db.session().scalars(sa.select(Invitation)).all()) == 2


@pytest.mark.parametrize("who", ["cohost", "owner"])
def test_only_an_organiser_makes_organisers_and_removes_organisations(
    app: Flask, as_: As, world: World, who: str
) -> None:
    client = as_(who)
    fields = {"people": "x@y.fi", "role": "organiser", "organisation": "", "language": "fi"}
    assert client.send(f"/desk/events/{world.slug}/people", **fields).status_code in (404, 422)
    company = world.organisations["levytyo"]
    answer = client.send(f"/desk/events/{world.slug}/organisations/{company}/remove")
    assert answer.status_code == 404
    assert accounts_queries.person_by_email("x@y.fi") is None


def test_roles_and_organisations_can_not_be_slipped_into_a_companys_form(app: Flask, as_: As, world: World) -> None:
    foreign = str(world.organisations["puusaha"])
    answer = as_("owner").send(
        "/desk/organisations/harju/people",
        people="kaveri@harju.example",
        language="fi",
        role="organiser",
        organisation=foreign,
        organisation_id=foreign,
        event_id=str(world.event_id),
    )
    assert answer.status_code == 303
    person = accounts_queries.person_by_email("kaveri@harju.example")
    assert person is not None
    (grant,) = accounts_queries.grants(person.id)
    assert (grant.role, grant.organisation_id) == (Role.COMPANY, world.organisations["harju"])


def test_a_new_letter_makes_the_old_address_worthless_and_a_revoked_one_opens_nothing(app: Flask, world: World) -> None:
    who = access.Who("v", world.people["organiser"], grants=accounts_queries.grant_views(world.people["organiser"]))
    letter = actions.invite(
        event_id=world.event_id, role=Role.PRESENTER, organisation_id=None, email="juontaja@example.fi", who=who
    )
    first = letter.token_hash
    event = events.by_id(world.event_id)
    with clock.frozen(clock.now() + timedelta(seconds=states.RESEND_EVERY_S + 1)):
        member = next(m for m in queries.members(event) if m.person.email == "juontaja@example.fi")
        assert member.waits
        assert actions.resend(member=member, event_id=event.id, who=who)
        row = db.session().get(Invitation, letter.id)
        assert row is not None
        assert row.token_hash != first
        assert row.letters == 2
        actions.remove(member=member, event_id=event.id, who=who)
    assert db.session().scalar(sa.select(SignInLink.token_hash)) is None
    assert accounts_queries.grants(member.person.id) == []


def test_the_last_organiser_stays(app: Flask, as_: As, world: World) -> None:
    grant = db.session().scalar(sa.select(Grant.id).where(Grant.person_id == world.people["organiser"]))
    answer = as_("organiser").send(f"/desk/events/{world.slug}/people/{grant}/remove")
    assert answer.status_code == 403


def test_what_a_host_does_for_a_company_is_noted_as_done_for_it(app: Flask, as_: As, world: World) -> None:
    host = as_("cohost")
    address = f"/desk/booths/{world.slug}/harju"
    assert "data-behalf" in host.get(address).text
    assert "data-behalf" not in as_("owner").get(address).text
    fields = {"name": "Konepaja Harju", "sentence_fi": "Puhelimessa saneltu."}
    assert host.send(address, **fields).status_code == 303
    entry = db.session().scalar(sa.select(AuditEntry).order_by(AuditEntry.id.desc()))
    assert entry is not None
    assert (entry.person_id, entry.for_organisation_id) == (world.people["cohost"], world.organisations["harju"])
    assert entry.before is not None
    assert entry.after is not None
    assert entry.before["sentence_fi"] != entry.after["sentence_fi"] == "Puhelimessa saneltu."
    assert "Puhelimessa saneltu." in as_("organiser").get(f"/desk/events/{world.slug}/audit?behalf=1").text


def test_the_table_of_powers_says_what_only_organisers_may() -> None:
    only = {Power.REMOVE_ORGANISATION, Power.ROTATE_KEYS, Power.CANCEL_OR_DELETE, Power.APPOINT_ORGANISERS}
    for role, powers in POWERS.items():
        assert bool(powers & only) is (role is Role.ORGANISER)
    assert [role for role, powers in POWERS.items() if Power.READ_LEADS in powers] == [Role.COMPANY]
    assert set(POWERS) == set(Role)


def test_the_municipalities_of_2026() -> None:
    today = clock.now().date()
    there = accounts_states.municipalities(today)
    assert len(there) == len({m.code for m in there}) == 308
    assert "Pertunmaa" not in {m.name_fi for m in there}
    found = accounts_states.municipality("S:t Michel", today)
    assert found is not None
    assert found.code == "491"
    known = accounts_states.all_municipalities()
    assert all(len(code) == 3 and code.isdecimal() and row.name_fi and row.name_sv for code, row in known.items())
    for names in ({row.name_fi for row in known.values()}, {row.name_sv for row in known.values()}):
        assert len(names) == len(known)
    # distances are reckoned from another source's table of the same municipalities
    places = json.loads((ROOT / "static" / "data" / "municipalities.json").read_text(encoding="utf-8"))
    assert set(places) == {row.name_fi for row in known.values()}
    ended = accounts_states.municipality("Pertunmaa", datetime.date(2024, 12, 31))
    merged = accounts_states.municipality("Pertunmaa", datetime.date(2025, 1, 1))
    assert ended is not None
    assert merged is not None
    assert (ended.name_fi, merged.name_fi) == ("Pertunmaa", "Mäntyharju")


def test_erasing_a_person_keeps_the_audit_without_her(app: Flask, world: World) -> None:
    accounts.erase_person(person_id=world.people["teammate"], by=None)
    assert db.session().get(Person, world.people["teammate"]) is None
    assert db.session().scalar(sa.select(AuditEntry.id).where(AuditEntry.verb == "erase")) is not None


def test_a_company_hears_when_a_host_changes_its_people(app: Flask, smtp: Post, as_: As, world: World) -> None:
    host = as_("cohost")
    fields = {"role": "company", "organisation": str(world.organisations["harju"]), "language": "fi"}
    # the owner has come; the teammate has not, so she is not written to
    as_("owner")
    assert host.send(f"/desk/events/{world.slug}/people", people="uusi@muualta.example", **fields).status_code == 303
    jobs.run_until_idle(app)
    told = [letter for letter in smtp.letters if "kutsunut" in str(letter.get_body(["plain"]))]
    assert {letter["To"] for letter in told} == {"owner@example.fi", "tyo@harju.example"}
    # asked in later, she does not get the letters in the company's place
    booth = db.row(Booth, world.booths["harju"])
    booth.contact_email = ""
    address = leads.employer_address(booth)
    assert address is not None
    assert address[0] == "owner@example.fi"
    db.session().rollback()
    # and nobody takes herself in
    answer = host.send(f"/desk/events/{world.slug}/people", people="cohost@example.fi", **fields)
    assert answer.status_code == 422
    grants = accounts_queries.grants(world.people["cohost"])
    assert {grant.role for grant in grants} == {Role.COHOST}
    # and when a host takes somebody away
    (came,) = (grant for grant in accounts_queries.grants(world.people["teammate"]) if grant.role is Role.COMPANY)
    answer = as_("organiser").send(f"/desk/events/{world.slug}/people/{came.id}/remove")
    assert answer.status_code == 303
    jobs.run_until_idle(app)
    gone = {letter["To"]: body.get_content() for letter in smtp.letters if (body := letter.get_body(["plain"]))}
    gone = {to: text for to, text in gone.items() if "poistanut henkilön Tiina Tiimiläinen" in text}
    assert set(gone) == {"owner@example.fi", "tyo@harju.example"}


def test_an_invitation_opens_for_seven_days_and_not_a_minute_longer(app: Flask, as_: As, world: World) -> None:
    who = access.Who("v", world.people["organiser"], grants=accounts_queries.grant_views(world.people["organiser"]))
    actions.invite(
        event_id=world.event_id, role=Role.PRESENTER, organisation_id=None, email="juontaja@example.fi", who=who
    )
    (nonce,) = [job.args["nonce"] for job in db.session().scalars(sa.select(jobs.Job)) if job.kind == "send_invitation"]
    token, now = accounts.token_of_letter(nonce), clock.now()
    with clock.frozen(now + timedelta(days=7, minutes=-1)):
        assert accounts_queries.usable_link(token) is not None
    with clock.frozen(now + timedelta(days=7, minutes=1)):
        assert accounts_queries.usable_link(token) is None
        assert accounts.sign_in(token=token) is None
        member = next(m for m in queries.members(events.by_id(world.event_id)) if m.person.email.startswith("juontaja"))
        assert member.standing is states.Standing.EXPIRED
        assert actions.resend(member=member, event_id=world.event_id, who=who)


def test_a_companys_desk_says_who_of_its_own_has_not_come(app: Flask, as_: As, world: World) -> None:
    owner = as_("owner")
    assert "1 työkaveri ei ole vielä tullut" in owner.get("/desk").text  # the teammate
    as_("teammate")
    assert "ei ole vielä tullut" not in owner.get("/desk").text
    stranger = as_("stranger").get("/desk").text
    assert "Olet täällä yrityksestäsi yksin" in stranger
    assert 'href="/desk/organisations/puusaha/people"' in stranger
    assert "puuttuu</span>" in stranger, "how much of the booth is missing"
    assert "työkaveri ei ole" not in as_("moderator").get("/desk").text

"""A company's people at work: notes, who takes whom, doubles, answers to many, the morning letter, the adviser."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from miitti.foundation import clock, db, jobs
from miitti.handling import actions, queries, states
from miitti.handling.models import Note
from miitti.intake import actions as intake
from miitti.leads import actions as leads
from miitti.leads import queries as lead_queries
from miitti.leads import states as lead_states
from tests.conftest import Client
from tests.leads.conftest import DETAILS, Applicant, latest
from tests.letters import Post, until_true
from tests.world import World

As = Callable[[str], Client]
Make = Callable[..., Applicant]


@pytest.fixture
def left(applicant: Applicant) -> str:
    """A lead at the owner's booth; gives its reference."""
    assert applicant.send(**DETAILS).status_code == 303
    return latest().lead.reference


def test_notes_remind_that_the_applicant_may_read_them(as_: As, left: str) -> None:
    owner = as_("owner")
    assert "Hakija voi pyytää tämän luettavakseen" in owner.get("/desk/leads").text
    assert owner.send(f"/desk/leads/{left}/notes", text="Soitettu, soittaa takaisin <b>ti</b>").status_code == 303
    page = as_("teammate").get("/desk/leads").text
    assert "soittaa takaisin &lt;b&gt;ti&lt;/b&gt;" in page
    assert "Olli Omistaja" in page
    for person in ("stranger", "organiser", "cohost", "admin"):
        assert as_(person).send(f"/desk/leads/{left}/notes", text="x").status_code == 404
    note = db.session().query(Note).one()
    assert as_("stranger").send(f"/desk/leads/{left}/notes", remove=note.id).status_code == 404
    assert owner.send(f"/desk/leads/{left}/notes", text="  ").status_code == 422
    assert owner.send(f"/desk/leads/{left}/notes", text="x" * 2001).status_code == 422
    assert as_("teammate").send(f"/desk/leads/{left}/notes", remove=note.id).status_code == 303
    db.session().rollback()
    assert db.session().query(Note).count() == 0


def test_notes_go_with_the_details(as_: As, left: str) -> None:
    as_("owner").send(f"/desk/leads/{left}/notes", text="Hyvä tyyppi")
    leads.withdraw(receipt=latest().lead.receipt)
    assert db.session().query(Note).count() == 0
    assert as_("owner").send(f"/desk/leads/{left}/notes", text="vielä").status_code == 403


def test_a_lead_is_taken_by_somebody_of_the_company(as_: As, world: World, left: str) -> None:
    owner = as_("owner")
    path = f"/desk/leads/{left}/assignee"
    assert owner.send(path, person=world.people["teammate"]).status_code == 303
    handling = queries.beside([latest().lead.id])[latest().lead.id].handling
    assert handling is not None
    assert handling.assignee_id == world.people["teammate"]
    assert owner.send(path, person=world.people["stranger"]).status_code == 404
    assert as_("stranger").send(path, person=world.people["stranger"]).status_code == 404


def test_doubles_are_seen_joined_and_follow(as_: As, left: str, make_applicant: Make) -> None:
    make_applicant().send(name="A. Hakija", phone="+358 40 123 4567")
    second = latest().lead.reference
    owner = as_("owner")
    assert "Ehkä sama henkilö kuin" in owner.get("/desk/leads").text
    assert owner.send(f"/desk/leads/{second}/same", **{"as": left}).status_code == 303
    assert "Ehkä sama henkilö" not in owner.get("/desk/leads").text
    owner.send(f"/desk/leads/{left}", state="interview")
    assert lead_queries.by_reference(second).lead.state is lead_states.LeadState.INTERVIEW
    assert owner.send(f"/desk/leads/{left}/same", **{"as": second}).status_code == 422, "no ring"
    assert owner.send(f"/desk/leads/{second}/same").status_code == 303
    assert "Ehkä sama henkilö" in owner.get("/desk/leads").text


def test_doubles_are_never_joined_across_companies(as_: As, left: str, make_applicant: Make) -> None:
    make_applicant(path="/miitti/miitti/booths/puusaha/leads").send(phone="0401234567")
    other = latest().lead.reference
    assert as_("owner").send(f"/desk/leads/{left}/same", **{"as": other}).status_code == 404
    assert "Ehkä sama" not in as_("owner").get("/desk/leads").text


def test_answer_to_many_in_each_ones_language(
    smtp: Post,
    app: Flask,
    as_: As,
    left: str,
    make_applicant: Make,
) -> None:
    swede = make_applicant(app.test_client())
    swede.client.get("/sign-in?lang=sv")
    swede.send(name="Åke", email="ake@post.example")
    second = latest().lead.reference
    make_applicant().send(name="Pelkkä puhelin", phone="0407777777")
    jobs.run_until_idle(app, ["mail"])
    owner = as_("owner")
    page = owner.get("/desk/answers?template=not_now").text
    assert "Valitsimme tällä kertaa toisen hakijan" in page
    assert "Den här gången valde vi någon annan" in page
    assert "ei sähköpostia: soita" in page
    fields = {
        **{f"subject_{code}": f"Aihe {code}" for code in ("fi", "sv", "en")},
        **{f"text_{code}": f"{code} {{name}}, {{company}}" for code in ("fi", "sv", "en")},
    }
    assert owner.send("/desk/answers", state="not_now", **fields).status_code == 422
    empty = owner.send("/desk/answers", state="not_now", lead=[left, second], **{**fields, "text_sv": " "})
    assert empty.status_code == 422
    assert "Aihe fi" in empty.text
    assert owner.send("/desk/answers", state="not_now", lead=[left, second], **fields).status_code == 303

    def answered() -> bool:
        jobs.run_until_idle(app, ["mail"])
        return len([letter for letter in smtp.letters if str(letter["Subject"]).startswith("Aihe")]) == 2

    until_true(answered, 30, "both letters: a busy database puts one off for a moment")
    ours = [letter for letter in smtp.letters if str(letter["Subject"]).startswith("Aihe")]
    said = {str(letter["To"]): letter.get_body(["plain"]).get_content() for letter in ours}  # type: ignore[union-attr]
    assert said["aino@posti.example"].startswith("fi Aino Hakija, Konepaja Harju")
    assert said["ake@post.example"].startswith("sv Åke, Konepaja Harju")
    assert all(letter["Reply-To"] == "tyo@harju.example" for letter in ours)
    assert lead_queries.by_reference(left).lead.state is lead_states.LeadState.NOT_NOW
    assert "2 / 3 on saanut vastauksen" in owner.get("/desk/leads").text
    jobs.run_until_idle(app, ["mail"])
    assert len([letter for letter in smtp.letters if str(letter["Subject"]).startswith("Aihe")]) == 2


def test_answer_never_reaches_a_foreign_lead_or_one_who_withdrew(smtp: Post, app: Flask, as_: As, left: str) -> None:
    fields = {"subject_fi": "Aihe", "text_fi": "Hei", "state": "contacted"}
    assert as_("stranger").send("/desk/answers", lead=left, **fields).status_code == 404
    as_("owner").send("/desk/answers", lead=left, **fields)
    leads.withdraw(receipt=latest().lead.receipt)
    jobs.run_until_idle(app, ["mail"])
    assert smtp.to("aino@posti.example") == []


def test_name_closes_up_when_there_is_none() -> None:
    assert states.filled("Hei {name}, {company}", name="", company="Harju") == "Hei, Harju"


def test_morning_letter_opens_the_contacts_for_a_week(
    smtp: Post, app: Flask, world: World, left: str, client: Client
) -> None:
    actions.plan_digests()
    jobs.run_until_idle(app, ["mail"])
    assert len(smtp.to("tyo@harju.example")) == 1, "nobody asked for it"
    intake.decide(booth_id=world.booths["harju"], digest=True)
    actions.plan_digests()
    actions.plan_digests()
    jobs.run_until_idle(app, ["mail"])
    letters = smtp.to("tyo@harju.example")[1:]
    assert len(letters) == 1
    body = letters[0].get_body(["plain"])
    assert body is not None
    assert "Aino" not in letters[0].as_string()
    found = re.search(r"http://localhost(/leads/digest/\S+)", body.get_content())
    assert found
    page = client.get(found[1])
    assert "Aino Hakija" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    with clock.frozen(clock.now() + timedelta(days=8)):
        assert client.get(found[1]).status_code == 404
    assert client.get("/leads/digest/abc.def").status_code == 404


def test_adviser_sees_only_who_asked_for_it(as_: As, world: World, make_applicant: Make, left: str) -> None:
    make_applicant().send(name="Neuvoton", phone="0405555555", message="salaisuus", adviser="y")
    make_applicant(path="/miitti/miitti/booths/puusaha/leads").send(name="Neuvoton", phone="0405555555", adviser="y")
    adviser = as_("cohost")
    page = adviser.get("/desk/events/miitti/advice").text
    assert page.count("Neuvoton") == 1
    for hidden in ("Aino Hakija", "salaisuus", "Konepaja Harju", "Puusaha"):
        assert hidden not in page
    for other in ("organiser", "owner", "moderator"):
        assert as_(other).get("/desk/events/miitti/advice").status_code == 404
    leads.withdraw(receipt=latest().lead.receipt)
    assert "0405555555" in adviser.get("/desk/events/miitti/advice").text, "the other one is still there"


def test_workbook_holds_no_formula(as_: As, make_applicant: Make) -> None:
    make_applicant().send(name="=1+1", phone="0401234567", message='=HYPERLINK("http://x")\nhttps://paha.example')
    answer = as_("owner").get("/desk/leads.xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower()
    assert "=1+1" in texts


def test_json_and_cards(as_: As, left: str, make_applicant: Make) -> None:
    make_applicant().send(name="Poistuva", phone="0409999999")
    leads.withdraw(receipt=latest().lead.receipt)
    said = json.loads(as_("owner").get("/desk/leads.json").data)["leads"]
    assert [one["name"] for one in said] == ["", "Aino Hakija"]
    assert said[1]["state"] == "new"
    cards = as_("owner").get("/desk/leads.vcf").text
    assert cards.count("BEGIN:VCARD") == 1
    assert as_("stranger").get(f"/desk/leads/{left}/card.vcf").status_code == 404
    assert json.loads(as_("stranger").get("/desk/leads.json").data) == {"leads": []}


def test_seen_once_is_not_new_to_the_eye_again(as_: As, left: str) -> None:
    assert "Ei vielä nähty" in as_("owner").get("/desk/leads").text
    assert "Ei vielä nähty" not in as_("teammate").get("/desk/leads").text


def test_list_of_many_takes_as_many_queries_as_of_one(app: Flask, as_: As, left: str, make_applicant: Make) -> None:
    from sqlalchemy import event

    def queries_of(client: Client) -> int:
        number = 0

        def count(*_args: object) -> None:
            nonlocal number
            number += 1

        event.listen(db.extension.engine, "before_cursor_execute", count)
        client.get("/desk/leads")
        event.remove(db.extension.engine, "before_cursor_execute", count)
        return number

    owner = as_("owner")
    owner.get("/desk/leads")
    one = queries_of(owner)
    for number in range(5):
        make_applicant().send(phone=f"04011111{number:02}")
    owner.get("/desk/leads")
    assert queries_of(owner) <= one + 1

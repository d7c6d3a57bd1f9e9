"""Letters to the employer and to the applicant, through a real mail server."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from miitti.accounts import actions as accounts
from miitti.booths import actions as booths
from miitti.foundation import clock, jobs
from miitti.foundation import db as database
from miitti.leads import actions, deliveries, mails, states
from tests.leads.conftest import DETAILS, Applicant, latest
from tests.letters import Post
from tests.world import World

MAIL = ["mail"]


def run(app: Flask) -> None:
    """Do what is due, and read afresh."""
    jobs.run_until_idle(app, MAIL)
    database.session().rollback()


def test_employer_gets_everything_needed_to_call(smtp: Post, app: Flask, world: World, applicant: Applicant) -> None:
    applicant.send(**DETAILS, vacancy=str(world.vacancies["harju"]))
    run(app)
    (letter,) = smtp.to("tyo@harju.example")
    whole = latest()
    assert letter["Subject"] == "Uusi yhteydenotto: Aino Hakija"
    assert letter["Reply-To"] == "aino@posti.example"
    assert letter["Message-ID"] == mails.lead_message_id(whole)
    text, html = letter.get_body(["plain"]), letter.get_body(["html"])
    assert text is not None
    assert html is not None
    for words in ("Aino Hakija", "040 123 4567", "Hitsaaja", "Luokat vanhenivat 2023.", "/desk/leads#"):
        assert words in text.get_content()
    assert 'href="tel:0401234567"' in html.get_content()
    (card,) = letter.iter_attachments()
    assert card.get_content_type() == "text/vcard"
    assert "FN:Aino Hakija" in card.get_content()
    assert "TEL;TYPE=CELL:0401234567" in card.get_content()
    assert whole.lead.delivery_state is states.Delivery.DELIVERED
    assert "Perillä työnantajalla" in applicant.client.get(f"/leads/{whole.lead.receipt}").text


@pytest.mark.parametrize(("language", "subject"), [("fi", "Tietosi lähetettiin"), ("sv", "Dina uppgifter skickades")])
def test_applicant_gets_a_receipt_in_the_own_language(
    smtp: Post, app: Flask, applicant: Applicant, language: str, subject: str
) -> None:
    applicant.client.get(f"/sign-in?lang={language}")
    applicant.send(**DETAILS)
    run(app)
    (letter,) = smtp.to("aino@posti.example")
    assert letter["Subject"] == f"{subject}: Konepaja Harju"
    assert letter["Content-Language"] == language
    body = letter.get_body(["plain"])
    assert body is not None
    assert f"http://localhost/leads/{latest().lead.receipt}" in body.get_content()


def test_no_receipt_letter_without_an_address(smtp: Post, app: Flask, applicant: Applicant) -> None:
    applicant.send(phone="0401234567")
    run(app)
    assert len(smtp.letters) == 1


def test_form_can_not_pester_a_stranger(smtp: Post, app: Flask, make_applicant: Callable[..., Applicant]) -> None:
    for number in range(states.RECEIPTS_A_DAY + 3):
        make_applicant().send(**{**DETAILS, "message": f"{number}"})
        run(app)
        if number % 2:  # withdrawing erases the lead but gives no letter back
            actions.withdraw(receipt=latest().lead.receipt)
    run(app)
    assert len(smtp.to("aino@posti.example")) == states.RECEIPTS_A_DAY
    new = [letter for letter in smtp.to("tyo@harju.example") if "Uusi" in str(letter["Subject"])]
    assert len(new) == states.RECEIPTS_A_DAY + 3


def test_letter_goes_in_the_language_of_the_one_who_reads_it(
    smtp: Post, app: Flask, world: World, applicant: Applicant
) -> None:
    person = accounts.invite(email="tyo@harju.example", name="Åke", language="sv")
    accounts.grant(person_id=person.id, role="company", organisation_id=world.organisations["harju"])
    applicant.send(**DETAILS)
    run(app)
    assert smtp.to("tyo@harju.example")[0]["Subject"] == "Ny kontakt: Aino Hakija"


def test_booth_without_an_address_writes_to_the_companys_person(
    smtp: Post, app: Flask, world: World, applicant: Applicant
) -> None:
    booths.describe(booth_id=world.booths["harju"], contact_email="")
    applicant.send(phone="0401234567")
    run(app)
    assert len(smtp.to("owner@example.fi")) == 1


def test_hostile_name_adds_no_header(smtp: Post, app: Flask, applicant: Applicant) -> None:
    applicant.send(name="Aino\r\nBcc: muut@posti.example", phone="0401234567")
    run(app)
    (letter,) = smtp.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Uusi yhteydenotto: Aino Bcc: muut@posti.example"


def test_html_in_the_message_stays_text(smtp: Post, app: Flask, applicant: Applicant) -> None:
    applicant.send(phone="0401234567", message="<script>alert(1)</script> 100 % & 'lainaus'")
    run(app)
    html = smtp.letters[0].get_body(["html"])
    text = smtp.letters[0].get_body(["plain"])
    assert html is not None
    assert text is not None
    assert "&lt;script&gt;" in html.get_content()
    assert "<script>alert(1)</script> 100 % & 'lainaus'" in text.get_content()


def test_4xx_waits_and_tries_again_with_the_same_message_id(smtp: Post, app: Flask, applicant: Applicant) -> None:
    smtp.answers = ["451 4.3.0 later", "421 4.7.0 busy"]
    applicant.send(phone="0401234567")
    waiting, delivered = states.Delivery.WAITING, states.Delivery.DELIVERED
    for expected, seconds in ((waiting, 1), (waiting, 8), (delivered, 52)):
        with clock.frozen(latest().lead.created_at + timedelta(seconds=seconds)):
            run(app)
        assert latest().lead.delivery_state is expected
        if expected is waiting:
            assert "harju" not in (latest().lead.delivery_error or "harju")
    assert [letter["Message-ID"] for letter in smtp.letters] == [mails.lead_message_id(latest())]


def test_5xx_bounces_at_once_and_the_company_is_told(
    smtp: Post, app: Flask, applicant: Applicant, as_: Callable[..., object]
) -> None:
    smtp.answers = ["550 5.1.1 no such user tyo@harju.example"]
    applicant.send(phone="0401234567")
    run(app)
    lead = latest().lead
    assert (lead.delivery_state, lead.delivery_error) == (
        states.Delivery.BOUNCED,
        "letter refused: 550 5.1.1",
    )
    assert [job.kind for job in jobs.failed()] == ["deliver_lead"]
    assert "Sähköposti ei mennyt perille" in as_("owner").get("/desk/leads").text  # type: ignore[attr-defined]
    assert smtp.letters == []


def test_gives_up_after_three_days_and_says_so(smtp: Post, app: Flask, applicant: Applicant) -> None:
    smtp.stop()
    applicant.send(phone="0401234567")
    run(app)
    with clock.frozen(latest().lead.created_at + states.GIVE_UP_AFTER):
        run(app)
    assert latest().lead.delivery_state is states.Delivery.GIVEN_UP
    smtp.start()


def test_without_a_mail_server_letters_wait_however_long(app: Flask, applicant: Applicant) -> None:
    applicant.send(phone="0401234567")
    run(app)
    with clock.frozen(latest().lead.created_at + timedelta(days=30)):
        run(app)
    assert latest().lead.delivery_state is states.Delivery.WAITING
    (job,) = database.session().scalars(select(jobs.Job).where(jobs.Job.kind == "deliver_lead"))
    assert job.state == jobs.State.WAITING


def test_correction_is_a_second_letter_that_says_so(smtp: Post, app: Flask, applicant: Applicant) -> None:
    applicant.send(name="Aino", phone="040 123 4576")
    run(app)
    applicant.send(name="Aino", phone="040 123 4567")
    run(app)
    first, second = smtp.to("tyo@harju.example")
    assert first["Message-ID"] != second["Message-ID"]
    assert second["Subject"] == "Korjattu yhteydenotto: Aino"


def test_correction_before_the_first_letter_sends_only_the_right_one(
    smtp: Post, app: Flask, applicant: Applicant
) -> None:
    applicant.send(name="Aino", phone="040 123 4576")
    applicant.send(name="Aino", phone="040 123 4567")
    run(app)
    (letter,) = smtp.letters
    body = letter.get_body(["plain"])
    assert body is not None
    assert "040 123 4567" in body.get_content()


def test_withdrawn_before_delivery_is_never_sent(smtp: Post, app: Flask, applicant: Applicant) -> None:
    applicant.send(**DETAILS)
    actions.withdraw(receipt=latest().lead.receipt)
    run(app)
    assert smtp.letters == []


def test_employer_is_told_of_a_withdrawal_without_a_name(smtp: Post, app: Flask, applicant: Applicant) -> None:
    applicant.send(**DETAILS)
    run(app)
    actions.withdraw(receipt=latest().lead.receipt)
    run(app)
    first, second = smtp.to("tyo@harju.example")
    assert second["Subject"] == "Yhteydenotto peruttiin"
    assert second["References"] == second["In-Reply-To"] == first["Message-ID"]
    assert "Aino" not in second.as_string()


def test_withdrawn_while_the_letter_was_on_its_way_is_told_too(smtp: Post, app: Flask, applicant: Applicant) -> None:
    applicant.send(phone="0401234567")
    lead = latest().lead
    number, receipt = lead.id, lead.receipt
    actions.withdraw(receipt=receipt)
    deliveries.mark_delivered(lead_id=number, revision=1)
    run(app)
    assert [letter["Subject"] for letter in smtp.letters] == ["Yhteydenotto peruttiin"]


def test_card_escapes_and_folds(app: Flask, applicant: Applicant) -> None:
    applicant.send(name=r"Aino; Öhman, \o/ " + "ä" * 90, phone="0401234567")
    card = mails.card_of(latest())
    assert r"FN:Aino\; Öhman\, \\o/ " in card.replace("\r\n ", "")
    assert all(len(line.encode()) <= 75 for line in card.split("\r\n"))

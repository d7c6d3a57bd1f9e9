"""Leads on a bad line, on a remembered device, on the employer's phone, and two weeks later."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from miitti.foundation import clock, db, jobs
from miitti.leads.models import Lead, LeadPaper
from miitti.outcomes import actions as outcomes
from tests.journeys.test_lead_reaches_employer import BOOTH, count, fill, letters, signed_in
from tests.letters import until_true
from tests.processes import Live

pytestmark = pytest.mark.browser

Person = Callable[..., Page]


def test_form_sent_offline_goes_once_when_the_line_is_back(live: Live, browser: Person) -> None:
    page = browser(width=390)
    fill(page, live, "Katve Alue")
    page.get_by_text("Lisää CV").click()
    page.get_by_label("CV", exact=True).set_input_files(
        {"name": "oma.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\nKatve\n"}
    )
    page.context.set_offline(True)
    page.get_by_role("button", name="Lähetä työnantajalle").click()
    expect(page.locator(".lead-line")).to_contain_text("Yhteys on poikki")
    assert count(live, "Katve Alue") == 0
    page.context.set_offline(False)
    expect(page.locator(".lead-line")).to_contain_text("tietosi lähtivät", timeout=30_000)
    assert count(live, "Katve Alue") == 1
    receipt = page.get_by_role("link", name="Avaa kuitti")
    receipt.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kiitos! Tietosi ovat tallessa")
    page.goto(live.url + BOOTH)
    page.wait_for_load_state("networkidle")
    assert count(live, "Katve Alue") == 1, "nothing is left to be sent again"
    with live.app.app_context():
        paper = db.session().scalar(select(LeadPaper).join(Lead).where(Lead.name == "Katve Alue"))
        assert paper is not None
        assert paper.title == "oma.pdf"


def test_kept_form_goes_from_the_next_page_too(live: Live, browser: Person) -> None:
    page = browser(width=390)
    fill(page, live, "Suljettu Välilehti")
    page.context.set_offline(True)
    page.get_by_role("button", name="Lähetä työnantajalle").click()
    expect(page.locator(".lead-line")).to_contain_text("Yhteys on poikki")
    other = page.context.new_page()
    page.close()
    other.context.set_offline(False)
    other.goto(live.url + "/miitti/miitti/booths/puusaha")
    until_true(lambda: count(live, "Suljettu Välilehti") == 1, 30, "the kept form to be sent")
    expect(other.locator(".lead-line")).to_contain_text("Konepaja Harju")


def test_device_remembers_only_if_wished(live: Live, browser: Person) -> None:
    page = browser(width=390)
    fill(page, live, "Muistettava")
    page.get_by_label("Muista nimeni").check()
    page.get_by_role("button", name="Lähetä työnantajalle").click()
    page.wait_for_url("**/leads/*")
    page.goto(live.url + "/miitti/miitti/booths/puusaha")
    expect(page.get_by_role("textbox", name="Nimi", exact=True)).to_have_value("Muistettava")
    expect(page.get_by_label("Puhelin")).to_have_value("040 123 4567")
    expect(page.get_by_label("Viesti")).to_have_value("")
    page.get_by_label("Muista nimeni").uncheck()
    page.goto(live.url + "/miitti/miitti/booths/levytyo")
    expect(page.get_by_role("textbox", name="Nimi", exact=True)).to_have_value("")


def test_two_firms_cost_one_form_and_two_taps_and_two_tabs_lose_nothing(live: Live, browser: Person) -> None:
    page = browser(width=390)
    fill(page, live, "Kahden Firman Hakija")
    page.get_by_label("Muista nimeni").check()
    other = page.context.new_page()
    other.goto(live.url + BOOTH)
    other.get_by_label("Viesti").fill("Toisesta välilehdestä.")
    page.get_by_role("button", name="Lähetä työnantajalle").click()
    page.wait_for_url("**/leads/*")
    page.get_by_role("link", name="Muille osastoille").click()
    page.wait_for_url("**/booths")
    page.goto(live.url + "/miitti/miitti/booths/puusaha")
    # the second firm: which job, and send
    page.locator("#lead-vacancy input").first.check()
    page.get_by_role("button", name="Lähetä työnantajalle").click()
    page.wait_for_url("**/leads/*")
    expect(page.locator("main")).to_contain_text("Kahden Firman Hakija")
    for address in ("tyo@harju.example", "tyo@puusaha.example"):
        until_true(lambda a=address: letters(live, a, "Kahden Firman") != [], 30, f"the letter to {address}")  # type: ignore[misc]

    # what stands in the other tab is a form of its own: it goes, too, and the company sees that they are one person
    expect(other.get_by_label("Viesti")).to_have_value("Toisesta välilehdestä.")
    other.get_by_role("textbox", name="Nimi", exact=True).fill("Kahden Firman Hakija")
    other.get_by_label("Puhelin").fill("040 123 4567")
    other.get_by_role("button", name="Lähetä työnantajalle").click()
    other.wait_for_url("**/leads/*")
    expect(other.locator("main")).to_contain_text("Toisesta välilehdestä.")
    assert count(live, "Kahden Firman Hakija") == 3


def test_employers_phone_shows_a_new_contact_without_reloading(live: Live, browser: Person) -> None:
    owner = signed_in(browser, live, "owner")
    owner.goto(f"{live.url}/desk/leads")
    expect(owner.locator("#leads-live")).to_have_attribute("data-watching", "true", timeout=20_000)
    applicant = browser(width=390, javascript=False)
    fill(applicant, live, "Juuri Tullut")
    applicant.get_by_role("button", name="Lähetä työnantajalle").click()
    applicant.wait_for_url("**/leads/*")
    card = owner.locator("li.panel", has_text="Juuri Tullut")
    expect(card).to_be_visible(timeout=20_000)
    card.get_by_text("Muistiinpanot ja kuka hoitaa").click()
    card.get_by_label("Muistiinpano", exact=True).fill("Soitettu, tulee käymään")
    card.get_by_role("button", name="Kirjoita muistiin").click()
    card = owner.locator("li.panel", has_text="Juuri Tullut")
    expect(card).to_contain_text("Soitettu, tulee käymään")
    card.get_by_label("Tila").select_option("interview")
    card.get_by_role("button", name="Tallenna", exact=True).first.click()
    expect(owner.locator("li.panel", has_text="Juuri Tullut").locator(".lead-who .chip")).to_have_text("Haastattelu")


def test_two_weeks_later_one_tap_counts(live: Live, browser: Person) -> None:
    applicant = browser(width=390)
    fill(applicant, live, "Kahden Viikon Kuluttua")
    applicant.get_by_role("button", name="Lähetä työnantajalle").click()
    applicant.wait_for_url("**/leads/*")
    until_true(lambda: letters(live, "tyo@harju.example", "Kahden Viikon") != [], 30, "the letter")
    with live.app.app_context(), clock.frozen(clock.now() + timedelta(days=15)):
        outcomes.plan()
        jobs.run_until_idle(live.app, ["mail"])
    asked = [one for one in live.post.to("tyo@harju.example") if "Mitä yhteydenotoistanne" in str(one["Subject"])][-1]
    body = asked.get_body(["html"])
    assert body is not None
    letter = browser(width=390, javascript=False)
    letter.set_content(body.get_content())
    row = letter.locator("p", has_text="Kahden Viikon Kuluttua").locator("xpath=following-sibling::p[1]")
    row.get_by_role("link", name="Palkattu").click()
    letter.get_by_role("button", name="Kyllä: Palkattu").click()
    expect(letter.get_by_role("heading", level=1)).to_have_text("Kiitos")
    with live.app.app_context():
        state = db.session().scalar(select(Lead.state).where(Lead.name == "Kahden Viikon Kuluttua"))
        assert state == "hired"

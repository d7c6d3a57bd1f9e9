"""A lead's whole way in real browsers: left at a booth, sent by the worker, seen by the employer and nobody else."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from miitti.foundation import db
from miitti.leads.models import Lead
from tests.letters import until_true
from tests.processes import Live

pytestmark = pytest.mark.browser

CHOICES = ("Tietoni saa säilyttää", "Myös työllisyysalueen neuvoja", "Muista nimeni")
Person = Callable[..., Page]
BOOTH = "/miitti/miitti/booths/harju"


def fill(page: Page, live: Live, name: str) -> None:
    """Open the booth and write into its form as a person on a phone would."""
    page.goto(live.url + BOOTH)
    form = page.locator("form#lead")
    form.get_by_role("textbox", name="Nimi", exact=True).fill(name)
    form.get_by_label("Puhelin").fill("040 123 4567")
    form.get_by_label("Sähköposti").fill("aino@posti.example")
    form.get_by_label("Hitsaaja").check()
    form.get_by_label("Viesti").fill("Voi soittaa iltapäivisin.")


def signed_in(browser: Person, live: Live, name: str) -> Page:
    """A browser in which a person of the world has used the sign-in link."""
    with live.app.app_context():
        link = live.world.link(name)
    page = browser(width=390)
    page.goto(live.url + link)
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk")
    return page


def letters(live: Live, address: str, name: str) -> list[EmailMessage]:
    """The letters to an address that tell of somebody."""
    found = [(letter, letter.get_body(["plain"])) for letter in live.post.to(address)]
    return [letter for letter, body in found if body is not None and name in body.get_content()]


def count(live: Live, name: str) -> int:
    """How many leads there are under a name."""
    with live.app.app_context():
        return db.session().scalar(select(func.count()).select_from(Lead).where(Lead.name == name)) or 0


def delivered(live: Live, name: str) -> bool:
    """Whether it is committed that the employer's server took the letter; that comes after the letter itself."""
    with live.app.app_context():
        db.session().rollback()
        return db.session().scalar(select(Lead.delivered_at).where(Lead.name == name)) is not None


@pytest.mark.parametrize(("javascript", "name"), [(True, "Aino Skriptillinen"), (False, "Eero Skriptitön")])
def test_lead_reaches_the_employer_and_nobody_else(live: Live, browser: Person, javascript: bool, name: str) -> None:
    applicant = browser(width=390, javascript=javascript)
    fill(applicant, live, name)
    applicant.get_by_role("button", name="Lähetä työnantajalle").click()
    applicant.wait_for_url("**/leads/*")
    expect(applicant.get_by_role("heading", level=1)).to_have_text("Kiitos! Tietosi ovat tallessa")
    expect(applicant.locator("main")).to_contain_text(name)

    until_true(lambda: letters(live, "tyo@harju.example", name) != [], 30, "the letter to the employer")
    (letter,) = letters(live, "tyo@harju.example", name)
    assert letter["Reply-To"] == "aino@posti.example"
    body = letter.get_body(["html"])
    assert body is not None
    assert 'href="tel:0401234567"' in body.get_content()
    until_true(lambda: letters(live, "aino@posti.example", name) != [], 30, "the applicant's copy")

    until_true(lambda: delivered(live, name), 30, "the delivery to be written down")
    applicant.reload()
    expect(applicant.locator("main")).to_contain_text("Perillä työnantajalla")

    owner = signed_in(browser, live, "owner")
    owner.get_by_role("link", name="Katso", exact=True).click()
    owner.wait_for_url("**/desk/leads")
    card = owner.locator("li.panel", has_text=name)
    expect(card).to_contain_text("Voi soittaa iltapäivisin.")
    expect(card.get_by_role("link", name="Soita 040 123 4567")).to_have_attribute("href", "tel:0401234567")

    stranger = signed_in(browser, live, "stranger")
    stranger.goto(f"{live.url}/desk/leads")
    expect(stranger.locator("main")).to_contain_text("Kukaan ei ole vielä jättänyt tietojaan")
    organiser = signed_in(browser, live, "organiser")
    answer = organiser.goto(f"{live.url}/desk/leads")
    assert answer is not None
    assert answer.status == 404
    assert name not in organiser.content()


@pytest.mark.parametrize("javascript", [True, False])
def test_mistake_keeps_what_was_typed(live: Live, browser: Person, javascript: bool) -> None:
    page = browser(width=390, javascript=javascript)
    name = f"Virhe {javascript}"
    fill(page, live, name)
    page.get_by_label("Puhelin").fill("soita")
    page.get_by_role("button", name="Lähetä työnantajalle").click()
    expect(page.locator(".summary")).to_contain_text("Tämä ei näytä puhelinnumerolta")
    expect(page.get_by_label("Viesti")).to_have_value("Voi soittaa iltapäivisin.")
    expect(page.get_by_label("Hitsaaja")).to_be_checked()
    page.get_by_label("Puhelin").fill("040 765 4321")
    page.get_by_role("button", name="Lähetä työnantajalle").click()
    page.wait_for_url("**/leads/*")
    assert count(live, name) == 1


def test_typed_words_survive_a_reload_and_are_forgotten_once_sent(live: Live, browser: Person) -> None:
    page = browser(width=390)
    fill(page, live, "Lataaja")
    page.reload()
    expect(page.get_by_label("Viesti")).to_have_value("Voi soittaa iltapäivisin.")
    expect(page.get_by_role("textbox", name="Nimi", exact=True)).to_have_value("Lataaja")
    page.get_by_role("button", name="Lähetä työnantajalle").click()
    page.wait_for_url("**/leads/*")
    page.goto(live.url + BOOTH)
    expect(page.get_by_role("textbox", name="Nimi", exact=True)).to_have_value("")
    assert count(live, "Lataaja") == 1


def test_impatient_thumb_and_back_button_make_one_lead(live: Live, browser: Person) -> None:
    page = browser(width=390)
    fill(page, live, "Kaksoisnapautus")
    page.get_by_role("button", name="Lähetä työnantajalle").dblclick()
    page.wait_for_url("**/leads/*")
    receipt = page.url
    page.go_back()
    page.get_by_role("textbox", name="Nimi", exact=True).fill("Kaksoisnapautus")
    assert count(live, "Kaksoisnapautus") == 1
    page.goto(receipt)
    page.get_by_role("button", name="Peru ja poista tietoni").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Peruttu")
    assert count(live, "Kaksoisnapautus") == 0


def test_keyboard_alone_is_enough(live: Live, browser: Person) -> None:
    page = browser()
    page.goto(live.url + BOOTH)
    page.get_by_role("textbox", name="Nimi", exact=True).focus()
    page.keyboard.type("Näppäimistö")
    page.keyboard.press("Tab")
    page.keyboard.type("040 123 4567")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Hitsaaja")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("Hei!")
    for place in (page.get_by_text("Lisää CV"), *(page.get_by_label(words) for words in CHOICES)):
        page.keyboard.press("Tab")
        expect(place).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Lähetä työnantajalle")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/*")
    assert count(live, "Näppäimistö") == 1

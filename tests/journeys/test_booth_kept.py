"""A company writes its booth on a bad line: a reload, a dead line and a colleague who saves meanwhile lose nothing."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.test_people import signed_in
from tests.processes import Live

Browser = Callable[..., Page]
DESK = "/desk/booths/miitti/harju?lang=fi"


def test_nothing_typed_into_a_booth_is_lost(live: Live, browser: Browser) -> None:
    page = signed_in(browser, live, "owner", width=360)
    page.goto(live.url + DESK)
    page.get_by_label("Työ yhdellä lauseella, suomeksi").fill("Hitsaat uuden hallin.")
    page.get_by_text("Sama ruotsiksi ja englanniksi").click()
    page.get_by_label("Työ yhdellä lauseella, ruotsiksi").fill("Du svetsar.")
    draft = page.locator("[data-draft]")
    expect(draft).to_contain_text("tallessa tällä laitteella")
    page.reload()
    expect(draft).to_contain_text("kirjoittamasi on tässä taas")
    expect(page.get_by_label("Työ yhdellä lauseella, suomeksi")).to_have_value("Hitsaat uuden hallin.")
    expect(page.get_by_label("Työ yhdellä lauseella, ruotsiksi")).to_be_visible()
    expect(page.get_by_label("Työ yhdellä lauseella, ruotsiksi")).to_have_value("Du svetsar.")

    # the line is gone: the page stays, with everything in it
    page.context.set_offline(True)
    page.get_by_role("button", name="Tallenna", exact=True).click()
    expect(draft).to_contain_text("yhteys on poikki")
    page.context.set_offline(False)

    # a colleague saves another text, and one of the same
    other = signed_in(browser, live, "teammate", width=1280)
    other.goto(live.url + DESK)
    other.get_by_label("Työ yhdellä lauseella, suomeksi").fill("Hitsaat siltoja.")
    other.get_by_label("Työaika, suomeksi").fill("Iltavuoro")
    other.get_by_role("button", name="Tallenna", exact=True).click()
    expect(other.get_by_text("Tallennettu.")).to_be_visible()
    expect(other.locator("[data-draft]")).to_be_hidden()
    page.reload()
    expect(draft).to_contain_text("Joku muu on välillä tallentanut")
    expect(page.get_by_label("Työ yhdellä lauseella, suomeksi")).to_have_value("Hitsaat uuden hallin.")
    expect(page.get_by_label("Työaika, suomeksi")).to_have_value("Iltavuoro")

    # what can't be used comes back as it was typed, and is still kept
    page.get_by_label("Osaston nimi").fill("")
    page.get_by_role("button", name="Tallenna", exact=True).click()
    expect(page.locator("#name-error")).to_be_visible()
    page.get_by_label("Osaston nimi").fill("Konepaja Harju")
    page.get_by_role("button", name="Tallenna", exact=True).click()
    expect(page.get_by_text("Tallennettu.")).to_be_visible()
    expect(draft).to_be_hidden()
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('miitti.booth'))") == []
    page.goto(f"{live.url}/miitti/miitti/booths/harju")
    expect(page.get_by_text("Hitsaat uuden hallin.").first).to_be_visible()
    expect(page.get_by_text(re.compile("Iltavuoro")).first).to_be_visible()

    # and what is dropped is gone
    page.goto(live.url + DESK)
    page.get_by_label("Kunta").fill("Heinola")
    page.get_by_role("button", name="Hylkää kirjoittamani").click()
    page.reload()
    expect(page.get_by_label("Kunta")).to_have_value("Hartola")
    expect(draft).to_be_hidden()

"""The hall on a phone: found by a word, near or far, kept, compared; and the same without a script."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.processes import Live

Browser = Callable[..., Page]


def test_near_kept_and_compared(live: Live, browser: Browser) -> None:
    page = browser(width=390)
    page.goto(f"{live.url}/miitti/miitti/booths")
    names = page.locator("#hall h2")
    expect(names).to_have_count(3)
    page.get_by_label("Oma kuntani").fill("joutsa")
    page.get_by_label("Oma kuntani").press("Tab")
    expect(page.locator("[data-booth=levytyo] [data-away]")).to_have_text("omassa kunnassasi")
    page.get_by_role("button", name="Lähimmät ensin").click()
    expect(names.first).to_have_text("Joutsan Levytyö")
    page.get_by_role("button", name=re.compile("Pidä tallessa ?: Sysmän Puusaha")).click()
    page.reload()
    expect(page.get_by_label("Oma kuntani")).to_have_value("joutsa")
    expect(page.locator("[data-booth=levytyo] [data-away]")).to_be_visible()
    page.get_by_role("button", name="Talteen pidetyt").click()
    expect(page.locator("#hall .card:visible")).to_have_count(1)
    page.get_by_role("button", name="Talteen pidetyt").click()
    page.get_by_label(re.compile("Vertaa ?: Konepaja Harju")).check()
    expect(page.get_by_text("1 valittu")).to_be_visible()
    page.get_by_label(re.compile("Vertaa ?: Sysmän Puusaha")).check()
    page.get_by_role("button", name="Vertaa valittuja").click()
    expect(page.get_by_role("columnheader", name="Konepaja Harju")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Paikat ja palkka"))).to_contain_text("15,80–19,50 €/h")


def test_without_a_script(live: Live, browser: Browser) -> None:
    page = browser(width=390, javascript=False)
    page.goto(f"{live.url}/miitti/miitti/booths")
    page.get_by_label("Mitä haluaisit tehdä?").fill("hitsaaja puusaha")
    page.get_by_role("button", name="Näytä", exact=True).click()
    expect(page.locator("#hall h2")).to_have_text(["Sysmän Puusaha"])
    page.get_by_role("link", name="Näytä kaikki").click()
    page.get_by_label("Kunta", exact=True).select_option("Hartola")
    page.get_by_role("button", name="Näytä", exact=True).click()
    expect(page.locator("#hall h2")).to_have_text(["Konepaja Harju"])
    page.goto(f"{live.url}/miitti/miitti/booths")
    page.get_by_role("button", name="Vertaa valittuja").click()
    expect(page.get_by_text("Valitse vertailuun kahdesta neljään")).to_be_visible()
    page.get_by_label(re.compile("Vertaa ?: Konepaja Harju")).check()
    page.get_by_label(re.compile("Vertaa ?: Joutsan Levytyö")).check()
    page.get_by_role("button", name="Vertaa valittuja").click()
    expect(page.get_by_role("columnheader")).to_have_count(3)

"""People at work in real browsers: invited, come in, work for a company, out everywhere."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.processes import Live

pytestmark = pytest.mark.browser
Person = Callable[..., Page]


def signed_in(browser: Person, live: Live, name: str, width: int = 390) -> Page:
    """A browser in which a person of the world has used the sign-in link."""
    with live.app.app_context():
        link = live.world.link(name)
    page = browser(width=width)
    page.goto(live.url + link)
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk")
    return page


def test_invited_come_in_work_and_out_everywhere(live: Live, browser: Person) -> None:
    host = signed_in(browser, live, "organiser", width=1280)
    host.goto(f"{live.url}/desk/events/miitti/people")
    host.get_by_label("Sähköpostiosoitteet").fill("uusi@yritys.example; Uuno Uusi; Uuden Paja Oy")
    host.get_by_role("button", name="Lähetä kutsut").click()
    host.get_by_text("1 henkilö on kutsuttu.").wait_for()
    (letter,) = live.post.wait_for("uusi@yritys.example")
    body = letter.get_body(["plain"])
    assert body is not None
    text = body.get_content()
    assert "Uuden Paja Oy" in text
    found = re.search(r"http\S+/sign-in/\S+", text)
    assert found
    # a mail scanner has opened it first, several times
    scanner = browser()
    for _ in range(3):
        scanner.goto(found[0])
    guest = browser(width=390)
    guest.goto(found[0])
    expect(guest.get_by_text("Uuden Paja Oy")).to_be_visible()
    guest.locator("main form button").first.click()
    guest.wait_for_url("**/desk")
    guest.goto(f"{live.url}/desk/booths/miitti/uuden-paja-oy")
    assert guest.locator("[data-behalf]").count() == 0
    guest.get_by_label("Osasto yhdellä lauseella").or_(guest.locator("#sentence_fi")).first.fill("Teemme uutta.")
    guest.locator("#booth-form > .button").click()
    guest.get_by_text("Tallennettu").first.wait_for()
    host.reload()
    expect(host.get_by_text("On tullut").first).to_be_visible()
    guest.goto(f"{live.url}/desk/me")
    guest.get_by_role("button", name="Kirjaudu ulos kaikkialta").click()
    guest.wait_for_url(live.url + "/")
    guest.goto(f"{live.url}/desk")
    assert "/sign-in" in guest.url
    guest.goto(found[0])
    expect(guest.get_by_role("heading", level=1)).to_have_text("Tämä linkki ei enää toimi")


def test_a_host_works_for_a_company_and_it_is_seen(live: Live, browser: Person) -> None:
    host = signed_in(browser, live, "cohost")
    host.goto(f"{live.url}/desk/booths/miitti/puusaha")
    expect(host.locator("[data-behalf]")).to_contain_text("Sysmän Puusaha")
    host.locator("#sentence_fi").fill("Saneltu puhelimessa.")
    host.locator("#booth-form > .button").click()
    host.get_by_text("Tallennettu").first.wait_for()
    organiser = signed_in(browser, live, "organiser", width=1280)
    organiser.goto(f"{live.url}/desk/events/miitti/audit?behalf=1")
    expect(organiser.locator(".audit li").first).to_contain_text("yrityksen Sysmän Puusaha puolesta")
    expect(organiser.locator(".audit li").first).to_contain_text("Saneltu puhelimessa.")

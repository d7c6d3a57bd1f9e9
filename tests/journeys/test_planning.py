"""A host makes an event in a browser: from nothing to a published teaser, its programme dragged, its pages checked."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from miitti.foundation import clock
from tests.house.test_front import violations
from tests.journeys.test_people import signed_in
from tests.materials.test_materials import picture
from tests.processes import Live

pytestmark = pytest.mark.browser

BOOTH = "/desk/booths/miitti/harju/materials"
STEPS = ("words", "time", "programme", "ready")


def test_from_nothing_to_a_published_teaser_in_five_presses(live: Live, browser: Callable[..., Page]) -> None:
    page = signed_in(browser, live, "organiser", width=390)
    presses = 0

    def press(name: str) -> None:
        nonlocal presses
        page.get_by_role("button", name=name, exact=True).or_(page.get_by_role("link", name=name, exact=True)).click()
        presses += 1

    page.goto(f"{live.url}/desk/events/new?lang=fi")
    day = clock.now().astimezone(clock.HELSINKI).date() + timedelta(days=45)
    page.get_by_label("Tapahtuman nimi suomeksi").fill("Kevään Miitti")
    page.get_by_label("Alkaa kello").fill("13:00")
    press("Tee luonnos")  # the day is missing: nothing typed is lost
    expect(page.get_by_label("Tapahtuman nimi suomeksi")).to_have_value("Kevään Miitti")
    page.get_by_label("Päivä", exact=True).fill(day.isoformat())
    page.get_by_label("Päättyy kello").fill("15:00")
    press("Tee luonnos")
    press("Tallenna ja jatka")
    press("Jatka esikatseluun")
    press("Julkaise ennakkosivu")
    assert presses == 5
    page.goto(f"{live.url}/miitti/kevaan-miitti?lang=fi")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kevään Miitti")

    wide = signed_in(browser, live, "organiser", width=1280)
    wide.goto(f"{live.url}/desk/events/kevaan-miitti/plan/programme?lang=fi")
    lines = wide.locator("[data-item]")
    last = lines.nth(3).locator("b").inner_text()
    lines.nth(3).drag_to(lines.nth(0), target_position={"x": 20, "y": 3})
    expect(lines.nth(0).locator("b")).to_have_text(last)
    expect(lines.nth(0).locator("time")).to_have_text("13.00")
    lines.nth(0).locator("button[name=down]").press("Enter")
    expect(lines.nth(1).locator("b")).to_have_text(last)

    page.goto(f"{live.url}{BOOTH}?lang=fi")
    page.get_by_label("Mikä tämä on").fill("Porukka koolla")
    page.get_by_label("Kuva tai PDF").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    page.get_by_role("button", name="Lisää osastolle").click()
    page.goto(f"{live.url}/miitti/miitti/booths/harju?lang=fi")
    seen = page.get_by_alt_text("Porukka koolla")
    seen.scroll_into_view_if_needed()
    page.wait_for_function("(image) => image.complete && image.naturalWidth > 0", arg=seen.element_handle())

    wrong = []
    for width, where in ((390, page), (1280, wide)):
        paths = [f"/desk/events/kevaan-miitti/plan/{step}" for step in STEPS]
        for path in [
            *paths,
            "/desk/events/new",
            "/desk/events/kevaan-miitti/cancel",
            "/desk/events/miitti/readiness",
            BOOTH,
        ]:
            where.goto(f"{live.url}{path}?lang=sv")
            where.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
            wrong += [f"{path} {width}: {one}" for one in violations(where)]
            if where.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append(f"{path}: wider than {width}")
    assert wrong == [], "\n".join(wrong)

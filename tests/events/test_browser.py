"""The event's page in a real browser: it turns live by itself, stays small, and fits every width."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from miitti.events import actions, queries
from miitti.events.states import Doors
from miitti.foundation import clock, db
from tests.processes import Live

pytestmark = pytest.mark.browser

Person = Callable[..., Page]


def event_in(live: Live, slug: str, after: timedelta) -> int:
    """A published event that starts after some time by the clock."""
    with live.app.app_context():
        start = clock.now() + after
        event = actions.create(
            slug=slug, title_fi="Odotettu Miitti", starts_at=start, ends_at=start + timedelta(hours=1)
        )
        actions.publish(event_id=event.id)
        return event.id


def test_a_waiting_teaser_turns_live_by_itself(live: Live, browser: Person) -> None:
    event_in(live, "kohta", timedelta(seconds=8))
    page = browser(width=390)
    page.goto(live.url + "/miitti/kohta")
    expect(page.locator(".hero")).to_contain_text("Alkaa 1 minuutin päästä")
    expect(page.locator("main.stage")).to_be_visible(timeout=40_000)


def test_a_typed_address_is_never_lost_to_the_change(live: Live, browser: Person) -> None:
    event_in(live, "kirjoittaja", timedelta(seconds=8))
    page = browser(width=390)
    page.goto(live.url + "/miitti/kirjoittaja")
    page.get_by_text("Muistuta minua").first.click()
    page.get_by_label("Sähköpostiosoitteesi").fill("aino@exam")
    expect(page.locator("#doors")).to_contain_text("Se alkoi.", timeout=40_000)
    expect(page.get_by_label("Sähköpostiosoitteesi")).to_have_value("aino@exam")
    page.locator("#doors").get_by_role("link", name="Näytä").click()
    expect(page.locator("main.stage")).to_be_visible()


def test_the_reminder_works_without_a_script(live: Live, browser: Person) -> None:
    event_in(live, "hiljainen", timedelta(days=3))
    page = browser(width=390, javascript=False)
    page.goto(live.url + "/miitti/hiljainen")
    page.get_by_text("Muistuta minua").first.click()
    page.get_by_label("Sähköpostiosoitteesi").fill("aino@hiljainen.example")
    page.get_by_role("button", name="Muistuta minua").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Muistutamme sinua")
    (letter,) = live.post.wait_for("aino@hiljainen.example")
    assert letter["Subject"] == "Muistutamme sinua: Odotettu Miitti"


@pytest.mark.parametrize("width", [360, 390, 1280])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_nothing_is_wider_than_the_window(live: Live, browser: Person, width: int, language: str) -> None:
    page = browser(width=width, language=language)
    with live.app.app_context():
        event_id = queries.by_slug("miitti").id
    for doors in (Doors.OPEN, Doors.OVER, Doors.LIVE):
        with live.app.app_context():
            actions.force_doors(event_id=event_id, doors=doors)
        for path in (
            "/",
            "/miitti/miitti",
            "/miitti/miitti/booths",
            "/miitti/miitti/booths/harju",
            "/jobs",
            "/privacy",
        ):
            page.goto(f"{live.url}{path}?lang={language}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, doors)


def test_the_first_load_of_a_teaser_is_small(live: Live, browser: Person) -> None:
    with live.app.app_context():
        actions.force_doors(event_id=queries.by_slug("miitti").id, doors=Doors.OPEN)
        db.session().rollback()
    page = browser(width=390)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: dict[str, float] = {}
    names: dict[str, str] = {}
    session.on("Network.responseReceived", lambda e: names.update({e["requestId"]: e["response"]["url"]}))
    session.on("Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}))
    page.goto(live.url + "/miitti/miitti", wait_until="networkidle")
    by_name = {names.get(key, key): size for key, size in sizes.items()}
    assert sum(by_name.values()) <= 150_000, json.dumps(by_name, indent=1)

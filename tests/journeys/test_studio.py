"""A host goes live from a browser: real Chromium with its test camera, the real stage, and people who see it move."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests import senders
from tests.journeys.test_upload_plays import sign_in
from tests.letters import until_true
from tests.processes import Live

pytestmark = pytest.mark.browser

Person = Callable[..., Page]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with senders.staged(tmp_path_factory.mktemp("studio")) as running:
        yield running


def studio(live: Live, page: Page, name: str = "cohost") -> None:
    sign_in(live, page, name)
    page.goto(f"{live.url}/desk/events/miitti/studio")
    expect(page.get_by_role("button", name="Aloita lähetys")).to_be_enabled(timeout=20_000)


def sees_it_move(page: Page) -> None:
    page.wait_for_function(
        "() => { const v = document.querySelector('.film video'); return v.videoWidth > 0 && v.currentTime > 0 }",
        timeout=40_000,
    )
    at = page.evaluate("document.querySelector('.film video').currentTime")
    page.wait_for_function(f"() => document.querySelector('.film video').currentTime > {at} + 1", timeout=20_000)


def test_live_from_a_browser_over_a_line_that_drops(live: Live, browser: Person) -> None:
    host = browser(width=390)
    studio(live, host)
    # the device check: her own picture, and a meter that moves with the test camera's beeps
    host.wait_for_function("() => document.querySelector('#studio video').videoWidth > 0")
    host.wait_for_function("() => document.querySelector('#studio meter').value > 0.01", timeout=15_000)
    sent: list[int] = []
    host.on("request", lambda request: sent.extend(int(n) for n in re.findall(r"/studio/[^/]+/(\d+)", request.url)))
    host.get_by_role("button", name="Aloita lähetys").click()
    expect(host.locator("#studio [data-say]")).to_have_text("Olet suorassa lähetyksessä.", timeout=20_000)
    senders.on_air(live, "live")

    visitor = browser(width=1280)
    visitor.goto(f"{live.url}/miitti/miitti")
    visitor.locator(".film .play").click()
    sees_it_move(visitor)

    # the line is gone for a moment: what was recorded meanwhile is sent afterwards, each chunk in its turn
    host.context.set_offline(True)
    expect(host.locator("#studio [data-say]")).to_contain_text("Yhteys katkesi", timeout=10_000)
    host.context.set_offline(False)
    expect(host.locator("#studio [data-say]")).to_have_text("Olet suorassa lähetyksessä.", timeout=20_000)
    senders.on_air(live, "live")
    senders.moves(live)
    until_true(lambda: len(set(sent)) > 20, 20, "more chunks")
    first = sorted(set(sent))
    assert first == list(range(first[-1] + 1))
    sees_it_move(visitor)

    host.get_by_role("button", name="Lopeta").click()
    expect(host.get_by_role("button", name="Aloita lähetys")).to_be_visible()
    senders.on_air(live, "slate")


def test_the_screen_is_shared_and_the_camera_comes_back(live: Live, browser: Person) -> None:
    host = browser()
    studio(live, host)
    host.get_by_role("button", name="Aloita lähetys").click()
    senders.on_air(live, "live")
    host.evaluate(
        """() => {
          const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 200 });
          const pen = canvas.getContext("2d");
          setInterval(() => {
            pen.fillStyle = `hsl(${Date.now() / 20 % 360} 80% 50%)`;
            pen.fillRect(0, 0, 320, 200);
          }, 100);
          navigator.mediaDevices.getDisplayMedia = async () => (window.shared = canvas.captureStream(10));
        }"""
    )
    host.get_by_role("button", name="Jaa näyttö").click()
    host.wait_for_function("() => document.querySelector('#studio video').videoWidth === 320")
    senders.on_air(live, "live")
    senders.moves(live)
    # the browser's own "stop sharing"
    host.evaluate("window.shared.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    host.wait_for_function("() => document.querySelector('#studio video').videoWidth > 320", timeout=20_000)
    senders.on_air(live, "live")
    senders.moves(live)
    host.get_by_role("button", name="Lopeta").click()
    senders.on_air(live, "slate")


def test_a_colleague_takes_over_with_one_tap(live: Live, browser: Person) -> None:
    first, second = browser(), browser(width=390)
    studio(live, first)
    first.get_by_role("button", name="Aloita lähetys").click()
    expect(first.locator("#studio [data-say]")).to_have_text("Olet suorassa lähetyksessä.", timeout=20_000)
    studio(live, second, "organiser")
    second.get_by_role("button", name="Aloita lähetys").click()
    take = second.get_by_role("button", name="Ota lähetys itsellesi")
    expect(take).to_be_visible(timeout=20_000)
    expect(first.locator("#studio [data-say]")).to_have_text("Olet suorassa lähetyksessä.")
    take.click()
    expect(second.locator("#studio [data-say]")).to_have_text("Olet suorassa lähetyksessä.", timeout=20_000)
    expect(first.locator("#studio [data-say]")).to_contain_text("Joku muu lähettää nyt", timeout=20_000)
    senders.on_air(live, "live")
    senders.moves(live)
    second.get_by_role("button", name="Lopeta").click()
    senders.on_air(live, "slate")

"""A viewer's line becomes too slow for any picture, and better again: the sound goes on, the picture comes back."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests import senders
from tests.journeys.test_studio import sees_it_move
from tests.processes import Live

pytestmark = pytest.mark.browser

Person = Callable[..., Page]
#: Noise does not compress: even the lightest rung needs the 600 kbit/s it may take.
NOISE = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25,noise=alls=60:allf=t")
SLOW = 25_000
"""Bytes a second that carry the sound (64 kbit/s), and a third of the lightest picture."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with senders.staged(tmp_path_factory.mktemp("slow")) as running:
        yield running


def hears(page: Page) -> None:
    at = page.evaluate("document.querySelector('.film video').currentTime")
    page.wait_for_function(f"() => document.querySelector('.film video').currentTime > {at} + 2", timeout=30_000)


def test_sound_while_the_line_is_slow(live: Live, browser: Person) -> None:
    with senders.sending(senders.address(live), picture=NOISE):
        senders.on_air(live, "live")
        page = browser(width=390)
        page.goto(f"{live.url}/miitti/miitti?lang=fi")
        page.locator(".film .play").click()
        sees_it_move(page)
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")

        def throttle(bytes_s: int) -> None:
            given = {"offline": False, "latency": 20, "downloadThroughput": bytes_s, "uploadThroughput": -1}
            line.send("Network.emulateNetworkConditions", given)

        throttle(SLOW)
        said = page.locator(".film .say")
        expect(said).to_have_text("Yhteys on hidas: kuulet äänen, kuva palaa itsestään.", timeout=60_000)
        page.wait_for_function("() => document.querySelector('.film video').videoWidth === 0", timeout=30_000)
        hears(page)
        expect(said).to_be_visible()
        # nobody chose that: the button for sound only is as it was
        expect(page.locator("[data-tool='sound']")).to_have_attribute("aria-pressed", "false")

        throttle(-1)
        expect(said).to_be_hidden(timeout=60_000)
        sees_it_move(page)

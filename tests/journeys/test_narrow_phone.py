"""The narrowest phones still sold: teaser, live page, hall and booth at 360 px, with names as long as names get."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from miitti.booths import actions as booths
from miitti.events import actions as events
from miitti.events.states import Doors
from tests.house.test_front import violations
from tests.processes import Live

Browser = Callable[..., Page]

LONGEST = "Päijät-Hämeen erikoisrakenneteräshitsauskonepajaosuuskunta Mäkeläinen & Häyrynen 🔧"
"""A name that breaks nowhere, as German and Finnish words can be."""

WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.outerHTML.slice(0, 120))"""
"""What makes the page wider than the screen."""

SMALL = """() => [...document.querySelectorAll('a.button, button, summary, input:not([type=hidden]), select')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height > 0)
  .filter((one) => one.type !== 'checkbox' && one.type !== 'radio')
  .filter((one) => one.getBoundingClientRect().height < 24)
  .map((one) => one.outerHTML.slice(0, 120))"""
"""What is too low for a thumb by WCAG 2.2, 2.5.8."""

WEIGHT = 150_000
"""Bytes of a teaser as they travel, with its styles, scripts and letters, before a video is asked for."""


def test_nothing_is_cut_off_on_the_narrowest_phone(live: Live, browser: Browser) -> None:
    with live.app.app_context():
        booths.describe(booth_id=live.world.booths["harju"], name=LONGEST, people=f"{LONGEST}, työnjohtaja")
        events.force_doors(event_id=live.world.event_id, doors=Doors.OPEN)
    page = browser(width=360, height=640)
    page.emulate_media(reduced_motion="reduce")
    event = f"{live.url}/miitti/miitti"
    wrong = []
    for doors in (Doors.OPEN, Doors.LIVE, Doors.OVER):
        with live.app.app_context():
            events.force_doors(event_id=live.world.event_id, doors=doors)
        for path in ("", "/booths", "/booths/harju"):
            for code in ("fi", "sv", "en"):
                where = f"{doors} {path or '/'} {code}"
                answer = page.goto(f"{event}{path}?lang={code}")
                assert answer is not None
                assert answer.ok, where
                page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
                wrong += [f"{where}: wider than the screen: {one}" for one in page.evaluate(WIDE)]
                wrong += [f"{where}: too low for a thumb: {one}" for one in page.evaluate(SMALL)]
                if code == "fi":
                    wrong += [f"{where}: {one}" for one in violations(page)]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no script"])
def test_a_teaser_weighs_little(live: Live, browser: Browser, javascript: bool) -> None:
    with live.app.app_context():
        events.force_doors(event_id=live.world.event_id, doors=Doors.OPEN)
    page = browser(width=360, height=640, javascript=javascript)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    weights: list[float] = []
    line.on("Network.loadingFinished", lambda told: weights.append(told["encodedDataLength"]))
    page.goto(f"{live.url}/miitti/miitti", wait_until="networkidle")
    assert len(weights) > 2
    assert 0 < sum(weights) <= WEIGHT, f"{sum(weights) / 1000:.0f} kB"
    print(f"a teaser weighs {sum(weights) / 1000:.0f} kB, {sum(weights) / WEIGHT:.0%} of what it may")

"""The desk pages of people and organisations, narrow and wide, in each language: nothing for axe to find."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.house.test_front import violations
from tests.journeys.test_people import signed_in
from tests.processes import Live

pytestmark = pytest.mark.browser

ANYBODY = ("/sign-in", "/sign-in/sent", "/sign-in/used-or-never-made", "/privacy", "/accessibility")
SIGNED_IN = {
    "organiser": (
        "/desk",
        "/desk/me",
        "/desk/privacy",
        "/desk/events/miitti/people",
        "/desk/events/miitti/audit",
        "/desk/events/miitti/delete",
        "/desk/organisations/harju",
        "/desk/booths/miitti/harju/dictation",
    ),
    "owner": ("/desk", "/desk/organisations/harju/people"),
}
"""Whose pages are opened: who runs the event, with passkeys on the own page, and who comes for a company."""


@pytest.mark.parametrize(("width", "codes"), [(390, ("fi", "sv", "en")), (1280, ("fi",))], ids=["phone", "wide"])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    live: Live, browser: Callable[..., Page], width: int, codes: tuple[str, ...]
) -> None:
    wrong = []
    visits: list[tuple[Page, tuple[str, ...]]] = [(browser(width=width), ANYBODY)]
    visits += [(signed_in(browser, live, name, width=width), paths) for name, paths in SIGNED_IN.items()]
    for page, paths in visits:
        page.emulate_media(reduced_motion="reduce")
        for path in paths:
            for code in codes:
                where = f"{path} {code}"
                answer = page.goto(f"{live.url}{path}?lang={code}")
                assert answer is not None
                assert answer.status == (410 if "never-made" in path else 200), where
                assert page.locator("html").get_attribute("lang") == code, where
                page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
                for scheme in ("light", "dark") if code == "fi" else ("light",):
                    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    wrong += [f"{where} {scheme}: {one}" for one in violations(page)]
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    wrong.append(f"{where}: wider than {width}")
    assert wrong == [], "\n".join(wrong)

"""Every page of the live questions, narrow and wide, in each language: nothing for axe to find, nothing cut off."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from miitti.moderation.actions import Args
from miitti.questions.states import Op
from miitti.screens import actions as screens
from tests.house.test_front import violations
from tests.journeys.test_question_answered import EVENT, QUEUE, ask, sign_in
from tests.processes import Live
from tests.questions import rows

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]
PICTURES = os.environ.get("PICTURES_TO")
"""A folder to put a picture of each page into, for looking at them."""


@pytest.fixture(scope="module")
def filled(live: Live) -> dict[str, tuple[str | None, str]]:
    """Name -> (who looks, address), with questions of every kind on them."""
    with live.app.app_context():
        stage, booth = rows.stage(live.world), rows.booth(live.world)

        def put(channel: object, text: str, *ops: Op, args: Args | None = None) -> None:
            rows.moved(live.world, channel, rows.asked(channel, text), *ops, args=args)  # type: ignore[arg-type]

        put(stage, "Soittakaa 044 123 4588 illalla")
        put(stage, "Onko teillä töitä pariskunnalle?")
        put(stage, "Mitä koeajalla maksetaan?", Op.APPROVE, Op.REPLY, args=Args(body="14,20 €.", by="Konepaja Harju"))
        put(stage, "Pääseekö bussilla?", Op.APPROVE, Op.MOVE, args=Args(to="harju"))
        put(stage, "Miksi?", Op.REJECT, args=Args(reason="unclear"))
        put(stage, "Mitä nyt tehdään?", Op.APPROVE, Op.NOW)
        put(booth, "Saako tulla katsomaan?", Op.APPROVE)
        put(booth, "Onko kahvia?", Op.APPROVE, Op.REPLY, args=Args(body="On.", by="Konepaja Harju"))
        token = screens.make_key(event_id=live.world.event_id)
    return {
        "live": (None, EVENT),
        "booth": (None, f"{EVENT}/booths/harju"),
        "page": (None, f"{EVENT}/qa/stage"),
        "projector": (None, f"{EVENT}/projector"),
        "overlay": (None, f"/overlay?token={token}"),
        "queue": ("organiser", QUEUE),
        "company": ("owner", f"{QUEUE}?ch=booth:harju"),
        "presenter": ("presenter", "/desk/events/miitti/presenter"),
        "screens": ("organiser", "/desk/events/miitti/screens"),
    }


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    live: Live, browser: Browse, filled: dict[str, tuple[str | None, str]], width: int
) -> None:
    people: dict[str | None, Page] = {}
    wrong = []
    for name, (who, path) in filled.items():
        if who not in people:
            people[who] = browser(width=width)
            people[who].emulate_media(reduced_motion="reduce")
            if who:
                sign_in(people[who], live, who)
            else:
                people[who].goto(live.url + EVENT)
                ask(people[who], "Näkyykö omani?")
        page = people[who]
        for code in ("fi", "sv", "en"):
            answer = page.goto(f"{live.url}{path}{'&' if '?' in path else '?'}lang={code}")
            assert answer is not None
            assert answer.status == 200, name
            page.wait_for_load_state("networkidle")
            page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
            wrong += [f"{name} {code}: {one}" for one in violations(page)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append(f"{name} {code}: wider than {width}")
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"{name}-{code}-{width}.png", full_page=True)
    assert wrong == [], "\n".join(dict.fromkeys(wrong))

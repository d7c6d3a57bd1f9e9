"""Bad lines: no websocket, one that is swallowed, a server that dies; and what a screen reader hears meanwhile."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from miitti.questions.states import Op
from tests.journeys.test_question_answered import EVENT, ask
from tests.letters import until_true
from tests.processes import Live
from tests.questions import rows

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]
REFUSED = "window.WebSocket = class { constructor() { throw new Error('blocked'); } };"
SWALLOWED = "window.WebSocket = class extends EventTarget { close() {} send() {} };"
"""A websocket that neither opens nor fails, as some networks make it."""


@pytest.mark.parametrize("line", [REFUSED, SWALLOWED], ids=["refused", "swallowed"])
def test_without_websockets_it_is_the_same_by_long_polling(live: Live, browser: Browse, line: str) -> None:
    page = browser(width=390)
    page.add_init_script(line)
    page.goto(live.url + EVENT)
    text = f"Kulkeeko tämä ilman pistokkeita {len(line)}?"
    ask(page, text)
    expect(page.locator(".questions.mine .q.pending", has_text=text)).to_be_visible(timeout=20_000)
    with live.app.app_context():
        stage = rows.stage(live.world)
        rows.moved(live.world, stage, rows.asked(stage, f"Toisen {len(line)}?"), Op.APPROVE)
    expect(page.locator(".questions.list .q", has_text=f"Toisen {len(line)}?")).to_be_visible()


def test_the_server_dies_and_nothing_is_lost_or_twice(live: Live, browser: Browse) -> None:
    page = browser(width=390)
    page.goto(live.url + EVENT)
    ask(page, "Ennen katkosta?")
    expect(page.locator(".questions.mine .q.pending", has_text="Ennen katkosta?")).to_be_visible()
    live.kill("wsgi.py")
    ask(page, "Katkoksen aikana?")
    expect(page.locator(".questions.mine .q", has_text="Katkoksen aikana?")).to_be_visible()
    page.locator(".ask textarea").fill("Kesken jäänyt")
    until_true(live.ready, 60, "the web process")
    expect(page.locator(".questions.mine .q.pending", has_text="Katkoksen aikana?")).to_be_visible(timeout=30_000)
    expect(page.locator(".ask textarea")).to_have_value("Kesken jäänyt")
    page.reload()
    expect(page.locator(".questions.mine .q.pending", has_text="Katkoksen aikana?")).to_have_count(1)
    expect(page.locator(".ask textarea")).to_have_value("Kesken jäänyt")


class Shuffler:
    """Stands between the page and the server: gives events in another order, some twice, and notes what is sent."""

    def __init__(self, order: tuple[int, ...]) -> None:
        self.order = order
        self.held: list[str] = []
        self.sent: list[str] = []

    def route(self, line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def up(message: str | bytes) -> None:
            self.sent.append(str(message))
            server.send(message)

        def down(message: str | bytes) -> None:
            if not str(message).startswith('42/qa,["ev"'):
                line.send(message)
                return
            self.held.append(str(message))
            if len(self.held) == max(self.order):
                for number in self.order:
                    line.send(self.held[number - 1])

        line.on_message(up)
        server.on_message(down)


@pytest.mark.parametrize("order", [(1, 3, 2), (1, 2, 2, 3)], ids=["1,3,2", "1,2,2,3"])
def test_events_out_of_order_or_twice_are_applied_once(live: Live, browser: Browse, order: tuple[int, ...]) -> None:
    page = browser(width=390)
    between = Shuffler(order)
    page.route_web_socket("**/socket.io/**", between.route)
    with page.expect_response("**/qa/stage/state"):
        page.goto(live.url + EVENT)
    shown = page.locator(".questions.list .q")
    said = [f"Järjestys {''.join(map(str, order))}, {number}?" for number in (1, 2, 3)]
    with live.app.app_context():
        stage = rows.stage(live.world)
        for body in said:
            rows.moved(live.world, stage, rows.asked(stage, body), Op.APPROVE)
    for body in said:
        expect(shown.filter(has_text=body)).to_have_count(1)
    page.wait_for_timeout(400)  # longer than a gap is waited for: had one stayed, it would ask for what is missing
    assert sum('"sync"' in message for message in between.sent) == 1, between.sent


def test_what_cannot_be_sent_keeps_its_text(live: Live, browser: Browse) -> None:
    page = browser(width=390)
    page.add_init_script(
        "window.now = Date.now; window.ahead = 0; Date.now = () => window.now.call(Date) + window.ahead;"
    )
    with page.expect_response("**/qa/stage/state"):
        page.goto(live.url + EVENT)
    page.context.set_offline(True)
    ask(page, "Vanheneeko tämä?")
    page.locator(".ask textarea").fill("Uusi jo kesken")
    page.evaluate("window.ahead = 11 * 60 * 1000")
    page.context.set_offline(False)
    own = page.locator(".questions.mine .q.unsent", has_text="Vanheneeko tämä?")
    expect(own).to_be_visible(timeout=30_000)
    expect(page.locator(".ask .outcome")).to_contain_text("Teksti on tallessa")
    page.locator(".ask textarea").fill("")
    own.get_by_role("button", name="Kysy toisin sanoin").click()
    expect(page.locator(".ask textarea")).to_have_value("Vanheneeko tämä?")
    expect(own).to_have_count(0)


def test_what_a_screen_reader_hears(live: Live, browser: Browse) -> None:
    page = browser()
    with page.expect_response("**/qa/stage/state"):
        page.goto(live.url + EVENT)
    assert (
        page.locator(".questions.list").evaluate("one => one.closest('[aria-live], [role=log], [role=status]')") is None
    )
    log = page.locator(".qa [role=log]")
    expect(log).to_have_class("unseen")
    page.evaluate(
        """() => { window.said = []; new MutationObserver(() => window.said.push([Date.now(), document.querySelector(
        ".qa [role=log]").textContent])).observe(document.querySelector(".qa [role=log]"), {childList: true}); }"""
    )
    box = page.locator(".ask textarea")
    box.focus()
    with live.app.app_context():
        stage = rows.stage(live.world)
        for number in range(3):
            rows.moved(live.world, stage, rows.asked(stage, f"Kuultava {number}?"), Op.APPROVE)
    expect(log).to_have_text("3 uutta kysymystä", timeout=12_000)
    expect(box).to_be_focused()
    assert page.evaluate("window.said.length") == 1
    expect(page.locator(".qa .outcome")).to_have_attribute("role", "status")
    vote = page.locator(".questions.list .q", has_text="Kuultava 1?").locator("button.vote")
    expect(vote).to_have_attribute("aria-pressed", "false")


def test_how_many_watch_is_one_number(live: Live, browser: Browse) -> None:
    """A person with two tabs is one."""
    page = browser()
    page.goto(live.url + EVENT)
    expect(page.locator(".watchers")).to_contain_text("seuraa", timeout=12_000)
    second = page.context.new_page()
    second.goto(live.url + EVENT)
    other = browser()
    other.goto(live.url + EVENT)
    with live.app.app_context():
        from miitti.foundation import db
        from miitti.presence import queries as present
        from miitti.stage import queries as stages

        def two() -> bool:
            db.session().rollback()
            return present.count(live.world.event_id, "stage") == stages.watching(live.world.event_id) >= 2

        until_true(two, 12, "two people")

"""People at work in real browsers: invited, come in, work for a company, out everywhere; thrown out of a live page."""

import http.client
import re
import time
from collections.abc import Callable

import pytest
import socketio
from playwright.sync_api import Page, expect

from miitti.accounts import queries
from miitti.questions import actions as questions
from tests.letters import until_true
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


def test_who_is_removed_on_the_page_is_out_of_an_open_socket_and_of_her_session(live: Live) -> None:
    """The organiser presses the page's button; the moderator's audience is left within 1 s, all of it within 5 s."""
    with live.app.app_context():
        token, host = live.world.token("moderator"), live.world.token("organiser")
        grant_id = queries.grants(live.world.people["moderator"])[0].id
        channel = questions.open_channel(event_id=live.world.event_id, ch="stage").id
    mine, csrf = _cookie(live, token)
    client = socketio.Client(reconnection=False)
    gone: list[float] = []
    heard: list[float] = []
    client.on("disconnect", lambda *_why: gone.append(time.monotonic()), namespace="/qa")
    client.on("ev", lambda *_told: heard.append(time.monotonic()), namespace="/qa")
    client.connect(
        f"{live.url}?event=miitti",
        headers={"Cookie": mine},
        namespaces=["/qa"],
        auth={"v": 1, "csrf": csrf},
        transports=["websocket"],
    )
    try:
        answer = client.call("sync", {"ch": "stage", "v": "mod"}, namespace="/qa")
        assert answer["ok"], answer
        _ask(live, channel, 1)
        until_true(lambda: bool(heard), 5, "the moderator to hear of a question")
        cookie, sent = _cookie(live, host)
        path = f"/desk/events/miitti/people/{grant_id}/remove"
        started = time.monotonic()
        assert _press(live, path, cookie, sent) == 303
        until_true(lambda: bool(gone), 5, "the connection to end")
        assert gone[0] - started < 5
        _ask(live, channel, 2)
        assert all(at - started < 1 for at in heard)
        with live.app.app_context():
            assert queries.session_person(token) is None
        # her cookie opens nothing: the desk asks her to sign in, and so does the socket
        assert _press(live, "/desk", mine, csrf, method="GET") == 303
    finally:
        client.disconnect()


def _ask(live: Live, channel: int, number: int) -> None:
    with live.app.app_context():
        questions.ask(channel_id=channel, visitor=f"v{number}", cid=f"{number}" * 20, body=f"Onko palkka {number}?")


def _cookie(live: Live, token: str) -> tuple[str, str]:
    """The cookie and the CSRF value of a browser that is signed in by a session's token."""
    with live.app.app_context():
        browser = live.app.test_client()
        with browser.session_transaction(base_url=live.url) as kept:
            kept["token"] = token
        page = browser.get("/sign-in/sent", base_url=live.url).text
        stored = browser.get_cookie("miitti", domain="127.0.0.1")
        assert stored is not None
    return f"miitti={stored.value}", page.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]


def _press(live: Live, path: str, cookie: str, csrf: str, method: str = "POST") -> int:
    """Send what a button of a page sends; gives the status."""
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=30)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request(method, path, f"csrf_token={csrf}" if method == "POST" else None, headers)
        return connection.getresponse().status
    finally:
        connection.close()

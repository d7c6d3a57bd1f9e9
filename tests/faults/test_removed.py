"""Somebody removed while her page is open: out of the audience, the connection and the session, in both async modes."""

import http.client
import time
from collections.abc import Iterator

import pytest
import socketio

from miitti.accounts import queries
from miitti.questions import actions as questions
from tests import processes
from tests.letters import until_true
from tests.processes import Live


@pytest.fixture(scope="module", params=["eventlet", "gevent"])
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A real process tree in each async mode."""
    with processes.running(tmp_path_factory.mktemp("live"), MIITTI_ASYNC_MODE=request.param) as running:
        yield running


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

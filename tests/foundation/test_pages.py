"""What holds for every page: headers, errors in words, nothing typed lost, nobody let in by forgetting."""

import gzip
import json
import logging

import pytest
from flask import Flask

from miitti.foundation import access, errors, logs, pages
from tests.conftest import Client
from tests.world import World


def test_headers_forbid_what_is_inline_or_foreign(client: Client) -> None:
    headers = client.get("/sign-in").headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "no-cache" in headers["Cache-Control"]


@pytest.mark.parametrize(
    ("code", "words"), [("fi", "Sivua ei ole"), ("sv", "Sidan finns inte"), ("en", "no such page")]
)
def test_an_unknown_address_is_told_in_the_readers_language(client: Client, code: str, words: str) -> None:
    answer = client.get("/nothing/here", headers={"Accept-Language": code})
    assert answer.status_code == 404
    assert words in answer.text


def test_json_is_answered_with_json(client: Client) -> None:
    answer = client.get("/nothing.json")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"]["code"] == "not_found"


def test_a_wrong_csrf_value_loses_nothing_that_was_typed(client: Client) -> None:
    answer = client.post("/sign-in", data={"email": "liisa@example.fi", "csrf_token": "wrong"})
    assert answer.status_code == 400
    assert 'value="liisa@example.fi"' in answer.text
    assert 'action="/sign-in"' in answer.text
    assert "Traceback" not in answer.text


def test_what_comes_from_another_site_is_not_taken_nor_offered_again(client: Client) -> None:
    answer = client.post(
        "/sign-in",
        data={"email": "liisa@example.fi", "csrf_token": client.csrf},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 403
    assert 'action="/sign-in"' not in answer.text


def test_an_unknown_host_is_refused(client: Client) -> None:
    answer = client.get("/sign-in", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "Tuntematon osoite" in answer.text


def test_a_view_that_forgot_to_declare_lets_nobody_in(app: Flask) -> None:
    app.add_url_rule("/forgot", "forgot", lambda: "in")
    assert app.test_client().get("/forgot").status_code == 404


def test_a_broken_view_shows_no_traceback_and_logs_no_text(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    @access.allow(access.Role.VISITOR)
    def broken() -> str:
        raise ValueError("liisa@example.fi")

    app.add_url_rule("/broken", "broken", broken)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logs.configure()
    try:
        answer = app.test_client().get("/broken")
    finally:
        root.handlers[:], level = before
        root.setLevel(level)
    assert answer.status_code == 500
    assert "liisa" not in answer.text
    said = capsys.readouterr().err
    assert "liisa" not in said
    line = next(json.loads(line) for line in said.splitlines() if '"error"' in line)
    assert line["error"] == "ValueError"


def test_too_many_says_when_to_come_back(app: Flask) -> None:
    with app.test_request_context("/x"):
        answer = pages.problem_response(errors.TooMany(retry_after=2.3))
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3"


def test_a_desk_page_sends_strangers_to_sign_in_and_back(client: Client, world: World) -> None:
    answer = client.get("/desk?x=1")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=%2Fdesk%3Fx%3D1"
    assert client.get("/desk/videos.json").status_code == 401


def test_health_tells_a_missing_worker(client: Client) -> None:
    assert client.get("/healthz").json == {"ok": True}
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"]["database"]["ok"]
    assert not answer.json["checks"]["worker"]["ok"]


def test_metrics_are_not_for_those_behind_a_proxy(client: Client) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 404


def test_text_is_sent_gzipped_to_those_who_take_it(client: Client) -> None:
    plain = client.get("/static/css/parts.css")
    packed = client.get("/static/css/parts.css", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]
    again = client.get("/static/css/parts.css", headers={"If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304
    page = client.get("/sign-in", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in page.headers
    assert {"Cookie", "Accept-Language", "Accept-Encoding"} <= set(page.headers["Vary"].split(", "))


def test_a_control_character_of_an_address_is_not_echoed_in_the_page(client: Client) -> None:
    answer = client.get("/sign-in/%00%C3%A4%22")
    assert "\0" not in answer.text
    assert "/sign-in/%00%C3%A4%22?lang=sv" in answer.text

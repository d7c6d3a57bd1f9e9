"""Getting in and out by the pages, as people, scanners and forgers do it."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from miitti.accounts import actions, queries, states
from miitti.accounts.models import Attempt
from miitti.foundation import db, jobs


@pytest.fixture
def person_id(app: Flask) -> int:
    """Somebody who may sign in."""
    with app.app_context():
        person = actions.invite(email="aino@example.fi", name="Aino", language="fi")
        actions.grant(person_id=person.id, role="organiser")
        return person.id


@pytest.fixture
def link(app: Flask, person_id: int) -> Callable[..., str]:
    """Give the path of a fresh sign-in address."""

    def fresh(minutes: int = 15) -> str:
        with app.app_context():
            return f"/sign-in/{actions.link(person_id=person_id, minutes=minutes)}"

    return fresh


def _csrf(page: str) -> str:
    found = re.search(r'<meta name="csrf-token" content="([^"]+)"', page)
    assert found
    return found[1]


def _without_own_values(page: str) -> str:
    """The page without what differs from visit to visit: the CSRF value, and its own address."""
    page = re.sub(r'<nav class="lang".*?</nav>', "", page, flags=re.DOTALL)
    return re.sub(r'"[^"]{60,}"', '""', page)


def _post(client: FlaskClient, path: str, **fields: str):  # type: ignore[no-untyped-def]
    page = client.get("/sign-in/sent").text
    return client.post(path, data={"csrf_token": _csrf(page), **fields})


def test_opening_the_link_shows_a_button_and_uses_nothing_up(client: FlaskClient, link: Callable[..., str]) -> None:
    path = link()
    for _ in range(3):
        page = client.get(path)
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
    assert client.head(path).status_code == 200
    assert _post(client, path).status_code == 303


def test_the_button_signs_in_once_and_goes_on(client: FlaskClient, app: Flask, link: Callable[..., str]) -> None:
    path = link()
    answer = _post(client, path, next="/desk/leads?x=1")
    assert (answer.status_code, answer.location) == (303, "/desk/leads?x=1")
    assert client.get("/sign-in", query_string={"next": "/desk/leads"}).location == "/desk/leads"
    other = app.test_client()
    assert other.get(path).status_code == 410
    assert _post(other, path).status_code == 410
    assert other.get("/sign-in").status_code == 200


@pytest.mark.parametrize("evil", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_away_from_here(client: FlaskClient, link: Callable[..., str], evil: str) -> None:
    assert evil not in client.get("/sign-in", query_string={"next": evil}).text
    assert _post(client, link(), next=evil).location == "/desk"


def test_every_bad_link_gets_the_same_helpful_page(
    client: FlaskClient, app: Flask, link: Callable[..., str], person_id: int
) -> None:
    used = link()
    _post(app.test_client(), used)
    revoked = link()
    with app.app_context():
        actions.sign_out_everywhere(person_id=person_id)
    pages = set()
    for path in (used, revoked, link(minutes=0), "/sign-in/forged", "/sign-in/" + "x" * 5000):
        for answer in (client.get(path), _post(client, path)):
            assert answer.status_code == 410
            pages.add(_without_own_values(answer.text))
    assert len(pages) == 1
    assert 'action="/sign-in"' in pages.pop()


def test_a_link_without_the_forms_own_value_signs_nobody_in(client: FlaskClient, link: Callable[..., str]) -> None:
    path = link()
    assert client.post(path).status_code == 400
    assert client.post(path, data={"csrf_token": "wrong"}).status_code == 400
    assert client.get(path).status_code == 200


def test_known_and_unknown_addresses_get_the_same_answer_and_the_same_work(
    client: FlaskClient, app: Flask, person_id: int
) -> None:
    answers, work = [], []
    for address in ("aino@example.fi", "tuntematon@example.fi"):
        answer = _post(client, "/sign-in", email=address)
        answers.append((answer.status_code, answer.location, answer.text))
        with app.app_context():
            work.append((db.session().query(Attempt).count(), sum(jobs.counts().values())))
    assert answers[0] == answers[1]
    assert answers[0][0] == 303
    assert work == [(2, 1), (4, 2)]


def test_what_is_no_address_is_said_beside_the_field(client: FlaskClient) -> None:
    for typed in ("", "aino", "aino@example.fi\r\nBcc: x@y.fi", "a" * 10_000 + "@example.fi"):
        answer = _post(client, "/sign-in", email=typed)
        assert answer.status_code == 422
        assert 'aria-invalid="true"' in answer.text


def test_too_many_letters_are_refused_with_the_time_to_wait(client: FlaskClient) -> None:
    for _ in range(states.ATTEMPTS_PER_ADDRESS):
        assert _post(client, "/sign-in", email="aino@example.fi").status_code == 303
    answer = _post(client, "/sign-in", email="aino@example.fi")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= states.ATTEMPT_MINUTES * 60
    assert 'value="aino@example.fi"' in answer.text


def test_signing_out_ends_the_session_and_not_only_the_cookie(
    client: FlaskClient, app: Flask, link: Callable[..., str], person_id: int
) -> None:
    _post(client, link())
    with client.session_transaction() as cookie:
        token = cookie["token"]
    assert _post(client, "/sign-out").location == "/"
    with app.app_context():
        assert queries.session_person(token) is None
    assert client.get("/sign-in").status_code == 200


def test_the_browsers_session_is_a_new_one_after_signing_in(client: FlaskClient, link: Callable[..., str]) -> None:
    client.get("/sign-in")
    with client.session_transaction() as cookie:
        cookie["planted"] = "by somebody else"
        visitor = cookie["visitor"]
        before = cookie["csrf_token"]
    _post(client, link())
    client.get("/sign-in/sent")
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert cookie["visitor"] == visitor
        assert cookie["csrf_token"] != before


def test_signing_in_again_ends_the_session_before(
    client: FlaskClient, app: Flask, link: Callable[..., str], person_id: int
) -> None:
    _post(client, link())
    _post(client, link())
    with app.app_context():
        assert len(queries.sessions(person_id)) == 1


@pytest.mark.parametrize(("code", "word"), [("fi", "Kirjaudu"), ("sv", "Logga in"), ("en", "Sign in")])
def test_the_pages_speak_three_languages(client: FlaskClient, code: str, word: str) -> None:
    page = client.get("/sign-in", query_string={"lang": code}).text
    assert f"<h1>{word}</h1>" in page
    assert f'<html lang="{code}"' in page


def _asked_from(client: FlaskClient, forwarded: str, number: int) -> int:
    page = client.get("/sign-in/sent").text
    fields = {"csrf_token": _csrf(page), "email": f"a{number}@example.fi"}
    status: int = client.post("/sign-in", data=fields, headers={"X-Forwarded-For": forwarded}).status_code
    return status


@pytest.mark.parametrize(
    ("app", "last"), [({}, 429), ({"MIITTI_TRUSTED_PROXIES": "1"}, 303)], indirect=["app"], ids=["nobody", "one proxy"]
)
def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    monkeypatch.setattr(states, "ATTEMPTS_PER_NETWORK", 3)
    asked = [_asked_from(client, f"192.0.2.{number}", number) for number in range(4)]
    assert asked == [303, 303, 303, last]

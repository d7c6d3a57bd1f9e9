"""Passkeys with a virtual authenticator in Chromium, and answers that are not what they should be."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from miitti.foundation import db
from miitti.passkeys import queries
from tests import processes
from tests.conftest import Client
from tests.processes import Live


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A process tree known as localhost: a bare network address can't have passkeys."""
    folder: Path = tmp_path_factory.mktemp("passkeys")
    with processes.running(folder) as running:
        yield running


def test_a_passkey_is_made_and_opens_the_door(here: Live, browser: Callable[..., Page]) -> None:
    address = here.url.replace("127.0.0.1", "localhost")
    with here.app.app_context():
        path = here.world.link("owner")
    page = browser(width=390)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto(address + path)
    page.get_by_role("button", name="Kirjaudu", exact=True).click()
    page.wait_for_url("**/desk")
    page.goto(address + "/desk/me")
    page.get_by_role("button", name="Luo pääsyavain tähän laitteeseen").click()
    page.get_by_text("Pääsyavain on valmis").wait_for()
    page.get_by_role("button", name="Kirjaudu ulos kaikkialta").click()
    page.wait_for_url(address + "/")
    page.goto(address + "/sign-in")
    page.get_by_role("button", name="Kirjaudu pääsyavaimella").click()
    page.wait_for_url("**/desk")
    with here.app.app_context():
        (key,) = queries.of_person(here.world.people["owner"])
        assert key.used_at is not None
        db.session().rollback()


@pytest.mark.parametrize("credential", [None, "x", {}, {"id": "x", "response": {"clientDataJSON": "e30"}}, [1]])
def test_nonsense_is_refused_in_the_same_words(app: Flask, client: Client, credential: object) -> None:
    headers = {"X-CSRFToken": client.csrf, "Accept": "application/json"}
    answer = client.post("/sign-in/passkey", json={"credential": credential}, headers=headers)
    assert answer.status_code == 403
    assert json.loads(answer.data)["ok"] is False


def test_at_an_address_of_numbers_the_page_says_what_to_do(as_: Callable[[str], Client]) -> None:
    owner = as_("owner")
    assert "pääsyavaimet eivät toimi" not in owner.get("/desk/me").text
    with owner.session_transaction() as cookie:
        kept = dict(cookie)
    with owner.session_transaction(base_url="http://127.0.0.1:8000") as cookie:
        cookie.update(kept)
    page = owner.get("/desk/me", base_url="http://127.0.0.1:8000").text
    assert "pääsyavaimet eivät toimi" in page
    assert 'href="http://localhost:8000/desk/me"' in page

"""The sign-in letter, over real SMTP."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from miitti.accounts import actions
from miitti.foundation import jobs, settings
from tests.letters import Post


def _known(email: str = "aino@example.fi", name: str = "Aino", language: str = "fi") -> None:
    person = actions.invite(email=email, name=name, language=language)
    actions.grant(person_id=person.id, role="organiser")


def _ask(app: Flask, email: str = "aino@example.fi", target: str | None = None) -> None:
    actions.ask_for_link(email=email, network="192.0.2.1", target=target)
    jobs.run_until_idle(app, ["mail"])


def _address(post: Post) -> str:
    body = post.letters[-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"^http\S+", body.get_content(), re.MULTILINE)
    assert found, body.get_content()
    return found[0]


def test_the_letter_opens_the_door(smtp: Post, app: Flask, client: FlaskClient) -> None:
    _known()
    _ask(app, target="/desk/leads?page=2&x=ä")
    (letter,) = smtp.to("aino@example.fi")
    assert letter["Auto-Submitted"] == "auto-generated"
    address = _address(smtp)
    base = settings.current().base_url
    assert address.startswith(f"{base}/sign-in/")
    page = client.get(address.removeprefix(base))
    assert page.status_code == 200
    html = letter.get_body(("html",))
    assert html is not None
    assert address.split("?")[0] in html.get_content()
    assert 'value="/desk/leads?page=2&amp;x=ä"' in page.text


def test_an_unknown_address_gets_nothing_and_leaves_no_broken_job(smtp: Post, app: Flask) -> None:
    _ask(app, "tuntematon@example.fi")
    actions.invite(email="ei-oikeuksia@example.fi")
    _ask(app, "ei-oikeuksia@example.fi")
    assert smtp.letters == []
    assert {state for _kind, state in jobs.counts()} == {"done"}


@pytest.mark.parametrize(("language", "word"), [("fi", "Hei"), ("sv", "Hej"), ("en", "Hello")])
def test_it_is_written_in_the_persons_language(smtp: Post, app: Flask, language: str, word: str) -> None:
    _known(language=language)
    _ask(app)
    body = smtp.letters[0].get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith(f"{word} Aino,")


def test_a_name_cannot_add_a_header_or_markup(smtp: Post, app: Flask) -> None:
    _known(name="<b>Aino</b>\r\nBcc: x@y.fi")
    _ask(app)
    letter = smtp.letters[0]
    assert letter["Bcc"] is None
    html = letter.get_body(("html",))
    assert html is not None
    assert "<b>Aino" not in html.get_content()


def test_a_letter_tried_again_is_the_same_letter(smtp: Post, app: Flask) -> None:
    _known()
    actions.ask_for_link(email="aino@example.fi", network="192.0.2.1")
    work = jobs.Work(1, "send_sign_in", "k", _args(), 1)
    for _ in range(2):
        jobs.KINDS["send_sign_in"].run(work)
    first, second = smtp.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_body(("plain",)).get_content() == second.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    token = _address(smtp).rsplit("/", 1)[1]
    assert actions.sign_in(token=token) is not None
    assert actions.sign_in(token=token) is None


def _args() -> dict[str, str]:
    return {"email": "aino@example.fi", "nonce": "a nonce", "next": "/desk"}

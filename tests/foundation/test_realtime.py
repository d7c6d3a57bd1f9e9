"""The socket wrapper and the gate before it."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from miitti.foundation import acks, callers, errors, gate, realtime
from miitti.foundation.access import Role
from tests.conftest import Client


@pytest.fixture
def handled() -> Iterator[None]:
    """A namespace of tests only, with a handler for each way to end."""
    before = dict(realtime._handlers)

    @realtime.on("give", namespace="/test", allow=(Role.VISITOR,))
    def give(data: dict[str, Any]) -> dict[str, Any]:
        return {"given": data}

    @realtime.on("refuse", namespace="/test", allow=(Role.VISITOR,))
    def refuse(data: dict[str, Any]) -> None:
        raise errors.TooMany(retry_after=1.5)

    @realtime.on("break", namespace="/test", allow=(Role.VISITOR,))
    def break_(data: dict[str, Any]) -> None:
        raise ZeroDivisionError("secret")

    @realtime.on("govern", namespace="/test", allow=(Role.ADMIN,))
    def govern(data: dict[str, Any]) -> None:
        return None

    yield
    realtime._handlers.clear()
    realtime._handlers.update(before)


def answered(app: Flask, event: str, *payload: Any) -> dict[str, Any]:
    with callers.speaking(callers.meet(app, "sid", "/test", {}, {"v": 1})):
        return realtime.answer("/test", event, payload)


def test_what_a_handler_gives_is_acknowledged(app: Flask, handled: None) -> None:
    assert answered(app, "give", {"a": 1}) == {"ok": True, "given": {"a": 1}}


def test_a_problem_is_told_with_its_code(app: Flask, handled: None) -> None:
    told = answered(app, "refuse", {})
    assert told["ok"] is False
    assert (told["error"]["code"], told["error"]["retry_after_ms"]) == ("rate_limited", 1500)


def test_a_broken_handler_tells_nothing_and_logs_once(
    app: Flask, handled: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "miitti.realtime"):
        told = answered(app, "break", {})
    assert told["error"]["code"] == "internal"
    assert "secret" not in str(told)
    assert len(caplog.records) == 1


def test_roles_are_asked_for(app: Flask, handled: None) -> None:
    assert answered(app, "govern", {})["error"]["code"] == "unauthenticated"


def test_a_handler_without_roles_or_twice_is_an_error(handled: None) -> None:
    with pytest.raises(ValueError, match="who may call"):
        realtime.on("open", namespace="/test", allow=())
    with pytest.raises(ValueError, match="twice"):
        realtime.on("give", namespace="/test", allow=(Role.VISITOR,))(lambda data: None)


@pytest.mark.parametrize("value", [{"a": b"x"}, {"a": {1, 2}}, {1: "a"}, {"a": "\udfff"}])
def test_only_json_is_plain(value: Any) -> None:
    assert not acks.plain(value, 6)


def test_depth_is_limited() -> None:
    assert acks.plain({"a": {"b": [1, None, True, 2.5, "ä"]}}, 6)
    assert not acks.plain([[[[]]]], 2)


# -- the gate ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "origins", "hosts"),
    [
        (
            "http://127.0.0.1:8000",
            ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"],
            {"localhost", "127.0.0.1", "::1"},
        ),
        ("https://miitti.example", ["https://miitti.example"], {"miitti.example"}),
    ],
)
def test_who_may_call_us_what(base: str, origins: list[str], hosts: set[str]) -> None:
    assert gate.origins(base) == origins
    assert gate.hosts(base) == hosts


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:8000", 200),
        ("LOCALHOST", 200),
        ("[::1]:8000", 200),
        ("evil.example", 400),
        ("localhost.evil.example", 400),
        ("evil.example@localhost:80", 200),
        ("", 400),
        ("[::1", 400),
    ],
)
def test_unknown_hosts_are_stopped(app: Flask, client: Client, host: str, status: int) -> None:
    for path in ("/healthz", "/socket.io/?EIO=4&transport=polling"):
        answer = app.test_client().get(path, headers={"Host": host})
        assert answer.status_code == status, (path, host)
        if status == 400:
            assert all(word in answer.text for word in ("Tuntematon osoite", "Tjänsten", "This service"))


def test_a_foreign_origin_gets_no_handshake(app: Flask) -> None:
    path = "/socket.io/?EIO=4&transport=polling"
    client = app.test_client()
    assert client.get(path, headers={"Origin": "http://evil.example"}).status_code == 400
    assert client.get(path, headers={"Origin": "http://localhost"}).status_code == 200

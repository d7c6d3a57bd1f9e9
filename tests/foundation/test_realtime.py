"""The socket wrapper and the gate before it."""

import logging
import queue
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from miitti.foundation import acks, errors, gate, lines, realtime
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
    with app.test_request_context("/socket.io/"):
        from flask import request

        request.environ["miitti.version"] = 1
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


class Frames:
    """A websocket that gives prepared frames."""

    def __init__(self, *frames: Any) -> None:
        self.frames = list(frames)

    def wait(self) -> Any:
        return self.frames.pop(0)

    def send(self, data: Any) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize("frame", ["", "x", "9", "42x"[::-1], None])
def test_frames_that_are_no_packets_end_the_connection(frame: Any) -> None:
    assert lines.Line(Frames(frame), 10).wait() is None


def test_packets_pass() -> None:
    guarded = lines.Line(Frames("2", "42[]"), 10)
    assert [guarded.wait(), guarded.wait()] == ["2", "42[]"]


# -- a frame for many ----------------------------------------------------------------------------------------


class Green:
    """Looks like eventlet's socket: a real non-blocking one under it, and a sendall that waits."""

    def __init__(self, fd: socket.socket) -> None:
        self.fd = fd

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self.fd.send(view) :]
            except BlockingIOError:
                threading.Event().wait(0.001)


class Wire:
    """Looks like eventlet's websocket."""

    def __init__(self, fd: socket.socket) -> None:
        self.socket = Green(fd)

    def send(self, message: str) -> None:
        self.socket.sendall(lines.text_frame(message.encode()))

    def wait(self) -> None: ...

    def close(self) -> None: ...


class Connection:
    """Looks like engineio's socket, as far as a line asks."""

    closed = closing = False
    upgraded = True

    def __init__(self) -> None:
        self.queue: queue.Queue[str] = queue.Queue()


@pytest.fixture
def wire() -> Iterator[tuple[Wire, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    yield Wire(ours), theirs
    ours.close()
    theirs.close()


def test_order_holds_for_a_reader_that_does_not_read(wire: tuple[Wire, socket.socket]) -> None:
    ws, theirs = wire
    line, connection = lines.Line(ws, 100), Connection()
    messages = [f"4{number:05d}" + "x" * 1500 for number in range(300)]
    ways = []
    for message in messages:
        pushed = line.push(connection, lines.text_frame(message.encode()), "6")
        ways.append(pushed)
        if not pushed:
            connection.queue.put(message)
    assert True in ways
    assert False in ways
    read = bytearray()

    def reader() -> None:
        while not read.endswith(b"end"):
            read.extend(theirs.recv(65536))

    reading = threading.Thread(target=reader)
    reading.start()
    while not connection.queue.empty():  # what engineio's writer does
        line.send(connection.queue.get())
    line.send("end")
    reading.join(20)
    expected = b"".join(lines.text_frame(message.encode()) for message in messages)
    assert bytes(read).replace(lines.text_frame(b"6"), b"", 1) == expected + lines.text_frame(b"end")


def test_what_waits_keeps_its_place(wire: tuple[Wire, socket.socket]) -> None:
    line, connection = lines.Line(wire[0], 100), Connection()
    assert line.push(connection, b"frame", "6")
    connection.queue.put("first")
    assert not line.push(connection, b"frame", "6")
    connection.queue.get()
    for name, value in (("closed", True), ("closing", True), ("upgraded", False)):
        setattr(connection, name, value)
        assert not line.push(connection, b"frame", "6")
        setattr(connection, name, not value)
    assert line.push(connection, b"frame", "6")


def test_a_websocket_of_another_make_goes_the_ordinary_way() -> None:
    assert not lines.Line(Frames(), 100).push(Connection(), b"frame", "6")


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_are_as_the_standard_says(size: int) -> None:
    from wsproto.frame_protocol import FrameProtocol, Opcode

    reader = FrameProtocol(client=True, extensions=[])
    reader.receive_bytes(lines.text_frame(b"x" * size))
    (frame,) = reader.received_frames()
    assert (frame.opcode, len(frame.payload), frame.message_finished) == (Opcode.TEXT, size, True)

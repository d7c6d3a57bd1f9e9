"""Many attendees in one thread: raw websockets that keep every byte, and follow the stage as the protocol says."""

import base64
import contextlib
import json
import os
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

import requests
from flask import Flask

from miitti.foundation import ids
from miitti.questions import states
from tests.questions.webs import EVENT, Web


def cookies(app: Flask, number: int) -> list[str]:
    """The cookies of that many different browsers, as our pages would have given them."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return [f"miitti={signer.dumps({'visitor': ids.new()})}" for _ in range(number)]


class Attendee:
    """One raw websocket. Answers pings; everything it gets is kept as it came."""

    def __init__(self, cookie: str) -> None:
        self.cookie = cookie
        self.sock: socket.socket | None = None
        self.frames: list[bytes] = []
        """The payload of every frame, over all its connections."""
        self.acks: dict[int, Any] = {}
        self.state: dict[str, Any] | None = None
        self.applied: list[tuple[int, str]] = []
        """(seq, kind) of every event applied, over all its connections."""
        self.tallies: list[tuple[float, Any]] = []
        """When each tally came, and what it said."""
        self.modes: list[str] = []
        self._held: dict[int, Any] = {}
        self._buffer = bytearray()
        self._number = 0
        self._syncing = 0

    def open(self, port: int, receive_buffer: int | None = None) -> None:
        """Connect, upgrade and ask for the namespace."""
        self.sock = socket.socket()
        if receive_buffer is not None:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(20)
        self.sock.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket&event=miitti HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Cookie: {self.cookie}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            one = self.sock.recv(1)
            if not one:
                raise ConnectionError("the server hung up")
            head += one
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.split(b"\r\n")[0].decode())
        self._buffer.clear()
        self._held.clear()
        self.text('40/qa,{"v":1}')
        self.sock.setblocking(False)

    def text(self, message: str) -> None:
        """Send a text frame; the mask is zero, which is allowed."""
        payload = message.encode()
        head = bytes([0x81, 0x80 | len(payload)])
        if len(payload) >= 126:
            head = bytes([0x81, 0xFE]) + len(payload).to_bytes(2, "big")
        assert self.sock is not None
        self.sock.setblocking(True)
        self.sock.sendall(head + b"\0\0\0\0" + payload)
        self.sock.setblocking(False)

    def send(self, event: str, data: Any) -> int:
        """Send a command; gives the number its acknowledgement will have."""
        self._number += 1
        self.text(f"42/qa,{self._number}{json.dumps([event, data])}")
        return self._number

    def sync(self) -> None:
        """Join the stage, with the cursor if there is one."""
        data: dict[str, Any] = {"ch": "stage"}
        if self.state is not None:
            data["cursor"] = {"epoch": self.state["epoch"], "seq": self.state["seq"]}
        self._syncing = self.send("sync", data)

    def read(self) -> None:
        """Take what has come. Raises ConnectionError when the other end is gone."""
        assert self.sock is not None
        with contextlib.suppress(BlockingIOError):
            part = self.sock.recv(1 << 18)
            if not part:
                raise ConnectionError("gone")
            self._buffer += part
        while len(self._buffer) >= 2:
            length, start = self._buffer[1] & 0x7F, 2
            if length >= 126:
                start = 4 if length == 126 else 10
                length = int.from_bytes(self._buffer[2:start], "big")
            if len(self._buffer) < start + length:
                return
            payload = bytes(self._buffer[start : start + length])
            opcode = self._buffer[0] & 0xF
            del self._buffer[: start + length]
            if opcode == 8:
                raise ConnectionError("closed")
            self.frames.append(payload)
            self._take(payload.decode())

    def _take(self, message: str) -> None:
        if message == "2":
            self.text("3")
        elif message.startswith("40/qa"):
            self.sync()
        elif message.startswith("43/qa,"):
            number, _, said = message.removeprefix("43/qa,").partition("[")
            self.acks[int(number)] = json.loads("[" + said)[0]
            if int(number) == self._syncing:
                self._synced(self.acks[int(number)])
        elif message.startswith("42/qa,"):
            event, data = json.loads(message.removeprefix("42/qa,"))
            if event == "ev":
                self._hold(data)
            elif event == "tally":
                self.tallies.append((time.monotonic(), data["t"]))

    def _synced(self, answer: Any) -> None:
        assert answer["ok"], answer
        self.modes.append(answer["mode"])
        if answer["mode"] == "delta":
            for event in answer["events"]:
                self._hold(event)

    def _hold(self, event: Any) -> None:
        self._held[event["seq"]] = event
        self.catch_up()

    def catch_up(self) -> None:
        """Apply what follows on without a gap."""
        while self.state is not None and (event := self._held.pop(self.state["seq"] + 1, None)) is not None:
            self.state = states.fold(self.state, event["seq"], event["t"], event["d"])
            self.applied.append((event["seq"], event["t"]))

    def close(self) -> None:
        """End the connection, if there is one."""
        if self.sock is not None:
            self.sock.close()
            self.sock = None


class Crowd:
    """Attendees of one web process."""

    def __init__(self, app: Flask, web: Web, number: int) -> None:
        self.web = web
        self.people = [Attendee(cookie) for cookie in cookies(app, number)]
        self.gone: list[Attendee] = []
        """Whose connections the server ended since `come`."""
        self._selector = selectors.DefaultSelector()
        self.come()

    def come(self) -> None:
        """Everybody connects and syncs; who has no state yet reads the snapshot, one for all, as a cache gives it."""
        self.gone = []
        awaited = [len(each.modes) + 1 for each in self.people]
        for each in self.people:
            each.open(self.web.port)
            assert each.sock is not None
            self._selector.register(each.sock, selectors.EVENT_READ, each)
            self.look(0)
        self.wait(lambda: [len(each.modes) for each in self.people] == awaited, "the answers", 60)
        new = [each for each in self.people if each.modes[-1] == "snapshot"]
        if new:
            state = requests.get(f"{self.web.url}{EVENT}/qa/stage/state", timeout=20).json()
            for each in new:
                each.state = state
                each.catch_up()

    def look(self, seconds: float) -> None:
        """Read what comes within that time."""
        for key, _ in self._selector.select(seconds):
            attendee: Attendee = key.data
            try:
                attendee.read()
            except OSError:
                self._selector.unregister(key.fileobj)
                attendee.close()
                self.gone.append(attendee)

    def wait(self, true: Callable[[], object], what: str, seconds: float = 30) -> None:
        """Read until a condition holds; fails naming what did not come."""
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, f"{what} did not come in {seconds} s"
            self.look(0.05)

    def ask_all(self, event: str, data: Sequence[Any]) -> list[Any]:
        """Each sends its own command at once; gives the answers."""
        numbers = [each.send(event, mine) for each, mine in zip(self.people, data, strict=True)]
        pairs = list(zip(self.people, numbers, strict=True))
        self.wait(lambda: all(number in each.acks for each, number in pairs), f"the answers to {event}", 60)
        return [each.acks[number] for each, number in pairs]

    def leave(self) -> None:
        """Everybody goes, without a word."""
        for each in self.people:
            if each.sock is not None:
                self._selector.unregister(each.sock)
                each.close()

    def close(self) -> None:
        """End all of it."""
        self.leave()
        self._selector.close()

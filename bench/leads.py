"""Leads: how long a post takes until it is committed and answered, with and without 500 open sockets.

A real process tree (web, worker, mail server) on loopback; posts come at a fixed pace whatever the answers take (open
loop, so that a pause of the server shows in every post it delays). Rounds with and without sockets take turns.

    python -m bench.leads [--quick] [--sockets 500] [--pace 50] [--seconds 20] [--rounds 2]
"""

import argparse
import base64
import contextlib
import http.client
import os
import queue
import re
import resource
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from tests import processes
from tests.letters import _free_port

BOOTHS = ("harju", "puusaha", "levytyo")
OF_ONE_VISITOR = 30
HANDS = 24
"""Threads that post: enough that none is missing while one waits."""


@contextlib.contextmanager
def audience(port: int, size: int) -> Iterator[None]:
    """So many browsers with the live page open: websockets joined to the questions, answering pings."""
    lines = [_line(port) for _ in range(size)]
    stop = threading.Event()
    selector = selectors.DefaultSelector()
    for line in lines:
        selector.register(line, selectors.EVENT_READ)

    def listen() -> None:
        while not stop.is_set():
            for key, _ in selector.select(0.2):
                line = key.fileobj
                assert isinstance(line, socket.socket)
                if b"2" in line.recv(65_536):  # Engine.IO's ping, or a frame with a 2 in it: a pong harms nothing
                    line.sendall(_frame(b"3"))

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        for line in lines:
            line.close()
        selector.close()


def _line(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), 30)
    key = base64.b64encode(os.urandom(16)).decode()
    line.sendall(
        f"GET /socket.io/?EIO=4&transport=websocket&event=miitti HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
        f"Sec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += line.recv(4_096)
    if b" 101 " not in answer.split(b"\r\n", 1)[0]:
        raise SystemExit(f"no websocket: {answer[:80]!r}")
    line.sendall(_frame(b'40/qa,{"v":1}'))
    return line


def _frame(text: bytes) -> bytes:
    mask = os.urandom(4)
    return bytes([0x81, 0x80 | len(text)]) + mask + bytes(sign ^ mask[n % 4] for n, sign in enumerate(text))


@contextlib.contextmanager
def mail_server(folder: Path) -> Iterator[str]:
    """The demo's mail server in a process of its own, so that reading letters is not counted as the posts' time."""
    address = f"127.0.0.1:{_free_port()}"
    server = subprocess.Popen([sys.executable, "-m", "miitti.demo.sink", address, str(folder / "mail")])
    try:
        yield f"smtp://{address}"
    finally:
        server.terminate()
        server.wait()


class Visitor:
    """Somebody with the form open; gives the fields of one post after the other."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.left = 0
        self.cookie = self.csrf = ""

    def fresh(self) -> None:
        """Be another visitor: the pace allows forty posts to one."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", f"/miitti/miitti/booths/{BOOTHS[0]}/leads")
        answer = connection.getresponse()
        found = re.search(r'name="csrf-token" content="([^"]+)"', answer.read().decode())
        assert found
        self.csrf, self.cookie = found[1], answer.headers["Set-Cookie"].split(";")[0]
        connection.close()
        self.left = OF_ONE_VISITOR

    def post(self, number: int) -> int:
        """Leave one lead; gives the status."""
        self.left -= 1
        fields = {
            "csrf_token": self.csrf, "form_key": f"f_bench_{os.getpid()}_{number}", "name": "Aino Hakija",
            "phone": "040 123 4567", "message": "Voi soittaa iltapäivisin. " * 8,
        }  # fmt: skip
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        path = f"/miitti/miitti/booths/{BOOTHS[number % len(BOOTHS)]}/leads"
        connection.request("POST", path, urllib.parse.urlencode(fields), headers)
        status = connection.getresponse().status
        connection.close()
        return status


def paced(visitors: list[Visitor], pace: float, seconds: float, first: int) -> tuple[list[float], int]:
    """Post at a pace; (milliseconds each took counted from when it was due, how many were not taken)."""
    for visitor in visitors:
        if visitor.left < 5 + pace * seconds / len(visitors) * 1.5:
            visitor.fresh()
    free: queue.Queue[Visitor] = queue.Queue()
    for visitor in visitors:
        free.put(visitor)
    took: list[float] = []
    refused: list[int] = []
    began = time.perf_counter() + 0.1

    def one(visitor: Visitor, due: float, number: int) -> None:
        status = visitor.post(number)
        took.append((time.perf_counter() - due) * 1000)
        if status != 303:
            refused.append(status)
        free.put(visitor)

    threads = []
    for number in range(int(pace * seconds)):
        due = began + number / pace
        time.sleep(max(0.0, due - time.perf_counter()))
        visitor = free.get()
        if visitor.left <= 0:
            visitor.fresh()
        thread = threading.Thread(target=one, args=(visitor, due, first + number))
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    return took, len(refused)


def flat_out(visitors: list[Visitor], seconds: float, first: int) -> float:
    """Posts a second when four people post one after the other without a pause."""
    until = time.perf_counter() + seconds
    done: list[int] = []

    def go(hand: int) -> None:
        visitor = visitors[hand]
        number = first + hand * 100_000
        while time.perf_counter() < until:
            if visitor.left <= 0:
                visitor.fresh()
            if visitor.post(number) == 303:
                done.append(number)
            number += 1

    threads = [threading.Thread(target=go, args=(hand,)) for hand in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done) / seconds


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--pace", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quick", action="store_true")
    asked, _rest = parser.parse_known_args()
    if asked.quick:
        asked.seconds, asked.rounds = 5, 1
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    number = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        mail_server(Path(folder)) as smtp,
        processes.running(Path(folder), MIITTI_SMTP_URL=smtp) as live,
    ):
        visitors = [Visitor(live.port) for _ in range(HANDS)]
        for round_ in range(asked.rounds):
            for size in (0, asked.sockets):
                with audience(live.port, size) if size else contextlib.nullcontext():
                    took, refused = paced(visitors, asked.pace, asked.seconds, number)
                    number += len(took)
                    rate = flat_out(visitors, asked.seconds / 2, number)
                    number += 1_000_000
                took.sort()
                p99 = took[min(len(took) - 1, int(len(took) * 0.99))]
                print(
                    f"round {round_ + 1}, {size:4} sockets, {asked.pace:g} posts/s: "
                    f"p50 {statistics.median(took):.1f} ms, p99 {p99:.1f} ms, worst {took[-1]:.1f} ms, "
                    f"not taken {refused}; flat out {rate:.0f} posts/s",
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())

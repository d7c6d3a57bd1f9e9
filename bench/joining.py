"""Joining: server CPU for a browser that comes, is told the state and listens; and a storm of two thousand at once.

Ours is the whole program with a hundred questions on the stage: the state over HTTP, a websocket, `sync`. Node's
socket.io gives the same bytes from memory and joins a room. The peers take turns; the storm is of ours alone.

    python -m bench.joining [--clients 1000] [--rounds 3] [--storm 2000] [--quick]
"""

import argparse
import contextlib
import http.client
import resource
import selectors
import signal
import socket
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.fanout import HERE, PATIENCE_S, Line, cpu, free_port, install_node
from miitti.questions.states import Op
from tests.questions import rows
from tests.questions.crowd import cookies
from tests.questions.webs import EVENT, Site, site

QUESTIONS = 100
STATE = f"{EVENT}/qa/stage/state"


class Joiner(Line):
    """A browser: joined when its `sync` (ours) or `join` (Node) is acknowledged."""

    query = "&event=miitti"

    def begin(self, ours: bool, cookie: str) -> None:
        """Connect; what follows is answered in `other`."""
        self.ours = ours
        self.open(f"Cookie: {cookie}\r\n")

    def text(self, message: str) -> None:
        """Send a text frame, to the namespace of whoever is there."""
        super().text(message.replace("40/bench,{}", '40/qa,{"v":1}') if self.ours else message)

    def other(self, message: bytes) -> None:
        """Answer what is no event."""
        if message == b"2":
            self.text("3")
        elif message.startswith(b"40/qa"):
            self.text('42/qa,1["sync",{"ch":"stage"}]')
        elif message.startswith(b"43/qa"):
            self.joined = b'"ok":true' in message
        else:
            super().other(message)


def state(port: int, path: str) -> bytes:
    """The first state, as a browser takes it."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(line):
        line.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"the state was answered by {answer.status}")
        return body


def join(port: int, ours: bool, people: list[str]) -> list[Joiner]:
    """Everybody comes, in groups of fifty; each also reads the state."""
    selector = selectors.DefaultSelector()
    lines: list[Joiner] = []
    for start in range(0, len(people), 50):
        fresh = [Joiner(port) for _ in people[start : start + 50]]
        for line, cookie in zip(fresh, people[start:], strict=False):
            line.begin(ours, cookie)
            line.sock.setblocking(False)
            selector.register(line.sock, selectors.EVENT_READ, line)
        read_until(selector, lambda fresh=fresh: all(line.joined for line in fresh))  # type: ignore[misc]
        for _ in fresh:
            state(port, STATE)
        lines += fresh
    selector.close()
    return lines


def read_until(selector: selectors.BaseSelector, done: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Read what comes until `done()`; fails when it takes too long."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise SystemExit("somebody never joined")
        for key, _ in selector.select(0.2):
            key.data.read()


def measure(port: int, pid: int, ours: bool, people: list[str]) -> float:
    """Milliseconds of server CPU for each who joins."""
    join(port, ours, people[:20])[0].sock.close()
    before = cpu(pid)
    lines = join(port, ours, people)
    spent = cpu(pid) - before
    for line in lines:
        line.sock.close()
    time.sleep(1)
    return spent / len(people) * 1e3


@contextlib.contextmanager
def node(folder: Path, body: bytes) -> Iterator[tuple[int, int]]:
    """Node's server with the state's bytes; gives its port and process."""
    (folder / "state.gz").write_bytes(body)
    port = free_port()
    command = ["node", str(HERE / "fanout_servers/node.js"), str(port), str(folder), str(folder / "state.gz")]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield port, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(12)


def storm(port: int, people: list[str]) -> tuple[int, float]:
    """All come at once, from eight threads; gives how many joined, and the seconds until the last."""
    joined: list[int] = []
    began = time.monotonic()

    def come(mine: list[str]) -> None:
        selector = selectors.DefaultSelector()
        lines = [Joiner(port) for _ in mine]
        for line, cookie in zip(lines, mine, strict=True):
            with contextlib.suppress(OSError):
                line.begin(True, cookie)
                line.sock.setblocking(False)
                selector.register(line.sock, selectors.EVENT_READ, line)
            for key, _ in selector.select(0):  # who is in answers pings while the rest come
                key.data.read()
        with contextlib.suppress(SystemExit, OSError):
            read_until(selector, lambda: all(line.joined for line in lines))
        joined.append(sum(line.joined for line in lines))
        for line in lines:
            line.sock.close()

    threads = [threading.Thread(target=come, args=(people[part::8],)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(joined), time.monotonic() - began


def ask_all(made: Site) -> None:
    """A stage with questions on it."""
    with made.app.app_context():
        stage = rows.stage(made.world)
        for number in range(QUESTIONS):
            question = rows.asked(stage, f"Kysymys {number}: millainen työpäivä on, ja kuka opastaa alussa?")
            rows.moved(made.world, stage, question, Op.APPROVE)


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description="server CPU per join")
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--storm", type=int, default=2000)
    parser.add_argument("--quick", action="store_true", help="one round")
    wish = parser.parse_args()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    with tempfile.TemporaryDirectory() as scratch, site(Path(scratch), "eventlet") as made:
        folder = Path(scratch) / "node"
        folder.mkdir()
        installed = install_node(folder)
        ask_all(made)
        web = made.web()
        assert web.process is not None
        people = cookies(made.app, max(wish.clients, wish.storm))
        body = state(web.port, STATE)
        results: dict[str, list[float]] = {"ours": [], "node": []}
        for _round in range(1 if wish.quick else wish.rounds):
            results["ours"].append(measure(web.port, web.process.pid, True, people[: wish.clients]))
            if installed is not None:
                with node(folder, body) as (port, pid):
                    results["node"].append(measure(port, pid, False, people[: wish.clients]))
        report(wish.clients, len(body), results)
        came, seconds = storm(web.port, people[: wish.storm])
        print(f"a storm of {wish.storm}: {came} joined, the last after {seconds:.1f} s")


def report(clients: int, size: int, results: dict[str, list[float]]) -> None:
    """Medians, their spread, and the ratio."""
    print(f"{clients} joins with a state of {QUESTIONS} questions ({size} bytes); server CPU, median (lowest-highest)")
    for peer, runs in results.items():
        if runs:
            print(f"{peer:8}{statistics.median(runs):8.2f} ms ({min(runs):.2f}-{max(runs):.2f})")
    if results["node"]:
        print(f"ours / node {statistics.median(results['ours']) / statistics.median(results['node']):.2f}x")


if __name__ == "__main__":
    main()

"""Telling: from a question's sending to every screen, with and without some who don't read.

The whole program, approval turned off; each question is asked over one of the sockets that hear it. Times are of this
machine as it is, so a busy one shows in them; rounds with and without slow readers take turns.

    python -m bench.telling [--clients 500] [--questions 60] [--rounds 2] [--quick]
"""

import argparse
import json
import re
import resource
import selectors
import tempfile
import time
from pathlib import Path

from bench.fanout import cpu
from bench.joining import Joiner
from miitti.moderation import actions as moderation
from miitti.questions.states import ChanOp
from tests.questions import rows
from tests.questions.crowd import Attendee, cookies
from tests.questions.webs import Site, site

GAP_S = 0.2
SLOW = 10
"""Clients that join and then read nothing."""
MARK = re.compile(rb"Mittaus (\d+)")


class Screen(Joiner):
    """A browser that notes when each question came."""

    def begin(self, ours: bool, cookie: str) -> None:
        """Connect, having heard nothing yet."""
        self.heard: dict[int, float] = {}
        super().begin(ours, cookie)

    def other(self, message: bytes) -> None:
        """Note a question; answer the rest."""
        if not message.startswith(b'42/qa,["ev"'):
            super().other(message)
            return
        found = MARK.search(message)
        if found:
            self.heard[int(found[1])] = time.monotonic()

    def ask(self, number: int) -> None:
        """Ask question `number`."""
        data = {"cid": rows.cid() + f"-{time.monotonic_ns()}", "ch": "stage", "body": f"Mittaus {number}"}
        self.text(f"42/qa,7{json.dumps(['ask', data])}")


def screens(port: int, people: list[str], selector: selectors.BaseSelector) -> list[Screen]:
    """Everybody comes and hears the stage."""
    made = [Screen(port) for _ in people]
    for each, cookie in zip(made, people, strict=True):
        each.begin(True, cookie)
        each.sock.setblocking(False)
        selector.register(each.sock, selectors.EVENT_READ, each)
        read(selector, 0)
    end = time.monotonic() + 120
    while not all(each.joined for each in made) and time.monotonic() < end:
        read(selector, 0.1)
    return made


def read(selector: selectors.BaseSelector, seconds: float) -> None:
    """Take what comes within that time."""
    end = time.monotonic() + seconds
    while True:
        for key, _ in selector.select(max(0.0, end - time.monotonic())):
            key.data.read()
        if time.monotonic() >= end:
            return


def deaf(port: int, people: list[str]) -> list[Attendee]:
    """Clients that join and read no more."""
    made = [Attendee(cookie) for cookie in people]
    for each in made:
        each.open(port, receive_buffer=4096)
        assert each.sock is not None
        each.sock.settimeout(20)
        while not each.modes:
            each.read()
    return made


def measure(made: Site, clients: int, questions: int, slow: int) -> list[float]:
    """Milliseconds from sending to each screen, sorted."""
    web = made.webs[0]
    selector = selectors.DefaultSelector()
    crowd = screens(web.port, cookies(made.app, clients), selector)
    silent = deaf(web.port, cookies(made.app, slow))
    asked: dict[int, float] = {}
    for number in range(questions):
        asked[number] = time.monotonic()
        crowd[number % clients].ask(number)
        read(selector, GAP_S)
    read(selector, 2)
    waits = sorted((each.heard[n] - at) * 1e3 for each in crowd for n, at in asked.items() if n in each.heard)
    lost = clients * questions - len(waits)
    if lost:
        print(f"{lost} deliveries did not come")
    for line in crowd:
        line.sock.close()
    for each in silent:
        each.close()
    selector.close()
    return waits


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description="milliseconds from a question to every screen")
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="one round")
    wish = parser.parse_args()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    with tempfile.TemporaryDirectory() as scratch, site(Path(scratch), "eventlet") as made:
        with made.app.app_context():
            stage = rows.stage(made.world)
            moderation.change_channel(
                channel_id=stage.id,
                person_id=made.world.people["organiser"],
                cid=rows.cid(),
                rev=None,
                op=ChanOp.PREMOD,
                on=False,
            )
        web = made.web()
        assert web.process is not None
        for _round in range(1 if wish.quick else wish.rounds):
            for slow in (0, SLOW):
                before = cpu(web.process.pid)
                waits = measure(made, wish.clients, wish.questions, slow)
                spent = cpu(web.process.pid) - before
                middle, most = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
                print(
                    f"{wish.clients} screens, {slow} who don't read: median {middle:.0f} ms, p99 {most:.0f} ms, "
                    f"last {waits[-1]:.0f} ms; {spent:.1f} s of server CPU, joins included",
                    flush=True,
                )


if __name__ == "__main__":
    main()

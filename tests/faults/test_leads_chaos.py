"""Leads while web and worker are killed by -9 again and again: none lost, none doubled but with its own Message-ID."""

import contextlib
import http.client
import re
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from miitti.foundation import db
from miitti.leads import states
from miitti.leads.models import Lead
from tests import processes
from tests.letters import until_true

FORM = "/miitti/miitti/booths/{}/leads"
BOOTHS = ("harju", "puusaha", "levytyo")
PATIENCE_S = 1500
"""How long somebody presses "send": the supervisor's pauses grow to half a minute when a part dies again and again."""
OF_ONE_BROWSER = 30
"""Leads one visitor leaves before another comes: the pace allows forty at once."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[processes.Live]:
    with processes.running(tmp_path_factory.mktemp("chaos")) as running:
        yield running


@dataclass
class Crowd:
    """People who press "send" until they hear that it was taken, as a browser does with the same form."""

    tree: processes.Live
    acknowledged: list[str] = field(default_factory=list)
    failures: int = 0
    wrong: list[str] = field(default_factory=list)

    def come(self, number: int, prefix: str) -> None:
        cookie = csrf = ""
        for one in range(number):
            key = f"{prefix}-{one:05d}"
            path = FORM.format(BOOTHS[one % len(BOOTHS)])
            until = time.monotonic() + PATIENCE_S
            while True:
                if time.monotonic() > until:
                    self.wrong.append(f"{key} was never taken")
                    return
                try:
                    if one % OF_ONE_BROWSER == 0 and not csrf:
                        cookie, csrf = self._open(path)
                    status = self._send(path, key, cookie, csrf)
                except (OSError, http.client.HTTPException):
                    self.failures += 1
                    time.sleep(0.05)
                    continue
                if status == 303:
                    self.acknowledged.append(key)
                    break
                if status not in (429, 502, 503):
                    self.wrong.append(f"{key}: {status}")
                    return
                time.sleep(0.05)
            if one % OF_ONE_BROWSER == OF_ONE_BROWSER - 1:
                csrf = ""

    def _open(self, path: str) -> tuple[str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.tree.port, timeout=5)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read().decode()
            found = re.search(r'name="csrf-token" content="([^"]+)"', text)
            if answer.status != 200 or not found:
                raise OSError(str(answer.status))
            return answer.headers["Set-Cookie"].split(";")[0], found[1]

    def _send(self, path: str, key: str, cookie: str, csrf: str) -> int:
        fields = {"csrf_token": csrf, "form_key": key, "name": key, "phone": "0401234567", "message": f"<{key}>"}
        connection = http.client.HTTPConnection("127.0.0.1", self.tree.port, timeout=5)
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        with contextlib.closing(connection):
            connection.request("POST", path, urllib.parse.urlencode(fields), headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status


def storm(tree: processes.Live, leads: int, kills: int, people: int, prefix: str) -> dict[str, object]:
    """Leave so many leads while both parts are killed so often; gives the figures."""
    crowd = Crowd(tree)
    each = leads // people
    threads = [threading.Thread(target=crowd.come, args=(each, f"{prefix}{n}")) for n in range(people)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for number in range(kills):
        # spread over the whole crowd: a tree that is killed the moment it is up takes nothing at all
        wanted = number * leads // (kills + 1)
        until_true(lambda wanted=wanted: len(crowd.acknowledged) >= wanted, PATIENCE_S, f"{wanted} leads")  # type: ignore[misc]
        for part in ("wsgi.py", "worker"):
            until_true(lambda part=part: tree.pids(part) != [], 60, f"{part} to be there again")  # type: ignore[misc]
            tree.kill(part)
        until_true(tree.ready, 180, "the tree to be ready again")  # the pause may be half a minute
    for thread in threads:
        thread.join()
    assert crowd.wrong == []

    def waiting() -> int:
        with tree.app.app_context():
            mine = Lead.message.like(f"<{prefix}%")
            return db.session().query(Lead).filter(Lead.delivery_state == states.Delivery.WAITING, mine).count()

    until_true(lambda: waiting() == 0, 240, f"every letter; {waiting()} wait\n{tree.said()[-2000:]}")
    seconds = time.monotonic() - began
    with tree.app.app_context():
        rows = db.session().query(Lead.message).filter(Lead.message.like(f"<{prefix}%")).all()
    kept = [message.strip("<>") for (message,) in rows]
    assert sorted(kept) == sorted(crowd.acknowledged), "each acknowledged one is there, and once"
    letters: dict[str, list[str]] = {}
    for letter in tree.post.letters:
        body = letter.get_body(["plain"])
        assert body is not None
        for key in re.findall(rf"<({prefix}[0-9]+-[0-9]+)>", body.get_content()):
            letters.setdefault(key, []).append(str(letter["Message-ID"]))
    lost = set(kept) - set(letters)
    foreign = {key: ids for key, ids in letters.items() if len(set(ids)) > 1}
    figures: dict[str, object] = {
        "leads": len(kept),
        "lost": len(lost),
        "sent again with the same Message-ID": sum(len(ids) - 1 for ids in letters.values()),
        "doubles under another Message-ID": len(foreign),
        "kills of each": kills,
        "tries that failed": crowd.failures,
        "seconds": round(seconds, 1),
    }
    print(figures)
    assert not lost, figures
    assert not foreign, figures
    return figures


def test_a_short_storm(tree: processes.Live) -> None:
    assert storm(tree, leads=60, kills=3, people=2, prefix="short")["leads"] == 60


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_a_thousand_leads_and_fifty_kills_of_each(tree: processes.Live) -> None:
    assert storm(tree, leads=1000, kills=50, people=4, prefix="long")["leads"] == 1000

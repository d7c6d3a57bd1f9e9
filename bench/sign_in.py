"""How long asking for a sign-in letter takes for an address that is known and for one that is not.

`python -m bench.sign_in [--quick]`. A real process tree; the two kinds are asked for in turn over kept connections,
each address once, so that neither limits nor caches tell them apart. The work is the same by design: the worker finds
out who is known. Figures: medians, their spread, and by how much the two differ.
"""

import argparse
import http.client
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from miitti.accounts import actions as accounts
from miitti.accounts import states
from miitti.foundation import db
from tests import processes


def main() -> int:
    """Ask, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests")
    pairs = 30 if parser.parse_args().quick else 300
    with tempfile.TemporaryDirectory() as folder, processes.running(Path(folder), MIITTI_TRUSTED_PROXIES="1") as live:
        with live.app.app_context():
            for number in range(pairs):
                _known(number)
        connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=30)
        cookie, csrf = _visit(connection)
        took: dict[str, list[float]] = {"known": [], "unknown": []}
        for number in range(pairs):
            # each order as often, and each network far from its limit
            for kind in ("known", "unknown") if number % 2 else ("unknown", "known"):
                address = f"{kind}{number}@example.fi"
                took[kind].append(_ask(connection, cookie, csrf, address, f"192.0.2.{number % 200}"))
    for kind, times in took.items():
        low, middle, high = statistics.quantiles(times, n=4)
        print(f"{kind:8} p50 {middle:.2f} ms, quartiles {low:.2f} to {high:.2f} ms, {len(times)} requests")
    differ = statistics.median(took["known"]) - statistics.median(took["unknown"])
    print(f"known minus unknown: {differ:+.2f} ms at the median")
    return 0


@db.writing
def _known(number: int) -> None:
    person = accounts.invite(email=f"known{number}@example.fi")
    accounts.grant(person_id=person.id, role="presenter", event_id=1)


def _visit(connection: http.client.HTTPConnection) -> tuple[str, str]:
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    found = re.search(r'name="csrf-token" content="([^"]+)"', answer.read().decode())
    if found is None:
        raise RuntimeError("the sign-in page has no CSRF value")
    return (answer.getheader("Set-Cookie") or "").split(";")[0], found[1]


def _ask(connection: http.client.HTTPConnection, cookie: str, csrf: str, address: str, network: str) -> float:
    """Ask for a letter; gives the milliseconds until the answer."""
    headers = {
        "Cookie": cookie,
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Forwarded-For": network,
    }
    started = time.perf_counter()
    connection.request("POST", "/sign-in", f"csrf_token={csrf}&email={address}", headers)
    answer = connection.getresponse()
    answer.read()
    took = (time.perf_counter() - started) * 1000
    if answer.status != 303:
        raise RuntimeError(f"{answer.status} for {address}; the window is {states.ATTEMPT_MINUTES} minutes")
    return took


if __name__ == "__main__":
    sys.exit(main())

"""Upload: MiB/s into a real web process over loopback, its CPU per GiB, and how long others wait meanwhile.

The plain peer is a socket that reads the same bytes and writes them to the same disk with one sync at the end, so the
ratio holds on a busy machine where MiB/s alone tell little.

    python -m bench.upload [--mib 512] [--rounds 3] [--quick]
"""

from __future__ import annotations

import argparse
import http.client
import http.cookiejar
import os
import re
import socket
import statistics
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.processes import Live, running

MIB = 1024 * 1024
PIECES = {"one request": 0, "8 MiB pieces": 8 * MIB}
#: Seconds between two looks of the one who waits.
EVERY = 0.02


def cpu(pid: int) -> float:
    """Seconds of processor time a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Sender:
    """A signed-in person's tus client on bare sockets: the file goes out by sendfile."""

    def __init__(self, live: Live) -> None:
        self.live = live
        with live.app.app_context():
            link = live.world.link("owner")
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        page = opener.open(live.url + link).read().decode()
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        opener.open(live.url + link, urllib.parse.urlencode(fields).encode())
        page = opener.open(f"{live.url}/desk").read().decode()
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert found is not None
        self.headers = {
            "X-CSRFToken": found[1],
            "Tus-Resumable": "1.0.0",
            "Cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar),
        }

    def send(self, path: Path, piece: int) -> float:
        """Send the file; gives the seconds it took. It is given up before its last byte, so nothing is transcoded."""
        size = path.stat().st_size
        connection = http.client.HTTPConnection("127.0.0.1", self.live.port, timeout=120)
        connection.request("POST", "/desk/uploads", headers={**self.headers, "Upload-Length": str(size + 1)})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 201:
            raise SystemExit(f"the upload was refused: {answer.status}")
        address = urllib.parse.urlsplit(answer.headers["Location"]).path
        began = time.monotonic()
        with path.open("rb") as file:
            for at in range(0, size, piece or size):
                length = min(piece or size, size - at)
                connection.putrequest("PATCH", address)
                headers = {
                    **self.headers,
                    "Upload-Offset": str(at),
                    "Content-Type": "application/offset+octet-stream",
                    "Content-Length": str(length),
                }
                for name, value in headers.items():
                    connection.putheader(name, value)
                connection.endheaders()
                if connection.sock is None:
                    raise SystemExit("the line broke")
                connection.sock.sendfile(file, at, length)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 204:
                    raise SystemExit(f"a piece was refused: {answer.status}")
        took = time.monotonic() - began
        connection.request("DELETE", address, headers=self.headers)
        connection.getresponse().read()
        connection.close()
        return took


@contextmanager
def waiting(port: int) -> Iterator[list[float]]:
    """Somebody else asks for a small answer again and again; milliseconds of each."""
    waits: list[float] = []
    over = threading.Event()

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while not over.is_set():
            began = time.monotonic()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            waits.append((time.monotonic() - began) * 1000)
            over.wait(EVERY)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield waits
    finally:
        over.set()
        thread.join()


def plain(path: Path, target: Path) -> float:
    """The same bytes through a bare socket to the same disk; seconds."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            line, _ = server.accept()
            with line, target.open("wb", buffering=0) as out:
                while data := line.recv(MIB):
                    out.write(data)
                os.fdatasync(out.fileno())

        thread = threading.Thread(target=take)
        thread.start()
        began = time.monotonic()
        with socket.create_connection(server.getsockname()) as line, path.open("rb") as file:
            line.sendfile(file)
        thread.join()
    took = time.monotonic() - began
    target.unlink()
    return took


def p99(waits: list[float]) -> float:
    """The wait that 99 of 100 stay below, in milliseconds."""
    return sorted(waits)[min(len(waits) - 1, int(len(waits) * 0.99))] if waits else 0.0


def main() -> int:
    """Measure, and print a line for each way of sending."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mib", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    mib, rounds = (128, 1) if given.quick else (given.mib, given.rounds)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder, "live")) as live:
        path = Path(folder, "film.mp4")
        block = os.urandom(MIB)
        with path.open("wb") as file:
            for _ in range(mib):
                file.write(block)
        sender = Sender(live)
        (web,) = live.pids("wsgi.py")[:1]
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in PIECES}
        bare, idle = [], []
        for _ in range(rounds):
            with waiting(live.port) as waits:
                bare.append(mib / plain(path, Path(folder, "plain")))
            idle.append(p99(waits))
            for name, piece in PIECES.items():
                used = cpu(web)
                with waiting(live.port) as waits:
                    took = sender.send(path, piece)
                found[name].append((mib / took, (cpu(web) - used) * 1024 / mib, p99(waits)))
    floor = statistics.median(bare)
    print(
        f"plain socket to disk: {floor:.0f} MiB/s ({min(bare):.0f}-{max(bare):.0f}), "
        f"p99 of a web process with nothing to do meanwhile {statistics.median(idle):.0f} ms"
    )
    for name, rows in found.items():
        speeds = [row[0] for row in rows]
        print(
            f"{name}: {statistics.median(speeds):.0f} MiB/s ({min(speeds):.0f}-{max(speeds):.0f}), "
            f"{statistics.median(speeds) / floor:.2f} of plain, "
            f"{statistics.median(row[1] for row in rows):.2f} CPU s/GiB, "
            f"others' p99 {statistics.median(row[2] for row in rows):.0f} ms"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

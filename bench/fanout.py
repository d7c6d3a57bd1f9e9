"""Fan-out: server CPU per delivered event, ours against stock Flask-SocketIO and Node's socket.io.

One process with raw websockets plays all clients, so that two cores are enough; the server's CPU is read from
/proc. The peers take turns in every round, so that a busy machine burdens all of them alike.

`paced` is ten events a second, each delivered by itself. `busy` is a hundred a second: ours gathers them in ticks, its
peers send each one. `idle` is memory of clients that offer compression, as browsers do, and only listen.

    python -m bench.fanout [--clients 200 1000] [--rounds 3] [--peers ours stock node ours-gevent]
"""

import argparse
import base64
import contextlib
import json
import os
import re
import resource
import selectors
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

HERE = Path(__file__).resolve().parent
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
SIZE = 250
"""Letters in an event; with its envelope about 300 bytes, as a question has."""
NODE_VERSION = "4.8.1"
PATIENCE_S = 300
"""How long anything may take on a busy machine before the run is given up."""


class Crowd:
    """Many websocket clients in one thread: joined, counting what they get, answering pings."""

    def __init__(self, port: int, size: int) -> None:
        self.selector = selectors.DefaultSelector()
        self.got = 0
        self.lines: list[Line] = []
        for start in range(0, size, 50):
            fresh = [Line(port) for _ in range(min(50, size - start))]
            for line in fresh:
                line.open()
                line.sock.setblocking(False)
                self.selector.register(line.sock, selectors.EVENT_READ, line)
            self.lines += fresh
            for key, _ in self.selector.select(0):  # who is in answers pings while the rest come
                key.data.read()
        self.wait_for(lambda: all(line.joined for line in self.lines), PATIENCE_S)

    def wait_for(self, done: "object", seconds: float) -> None:
        """Read until `done()`; fails when it takes too long."""
        end = time.monotonic() + seconds
        while not done():  # type: ignore[operator]
            if time.monotonic() > end:
                raise SystemExit(f"only {self.got} deliveries came in time")
            for key, _ in self.selector.select(0.5):
                self.got += key.data.read()

    def run(self, messages: int, gap: float) -> int:
        """Have one client start a burst; gives the deliveries counted."""
        self.got = 0
        self.lines[0].send("burst", {"n": messages, "size": SIZE, "gap": gap})
        expected = messages * len(self.lines)
        self.wait_for(lambda: self.got >= expected, PATIENCE_S + messages * gap)
        return self.got

    def close(self) -> None:
        """End all of them."""
        for line in self.lines:
            line.sock.close()
        self.selector.close()


@dataclass
class Line:
    """One client; reads frames with no more work than needed."""

    query: ClassVar[str] = ""

    port: int
    joined: bool = False
    buffer: bytearray = field(default_factory=bytearray)
    sock: socket.socket = field(init=False)
    asked: bool = False

    def open(self, offer: str = "") -> None:
        """Connect and upgrade; `offer` is a further header line."""
        self.sock = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall(
            f"GET /socket.io/?EIO=4&transport=websocket{self.query} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n{offer}\r\n".encode()
        )
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.sock.recv(4096)
        head, _, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise SystemExit(f"no websocket: {head[:80]!r}")
        self.buffer = bytearray(rest)
        self.text("40/bench,{}")

    def send(self, event: str, data: object) -> None:
        """Send an event that is acknowledged."""
        self.text(f"42/bench,1{json.dumps([event, data])}")

    def text(self, message: str) -> None:
        """Send a text frame; the mask is zero, which is allowed and costs nothing."""
        payload = message.encode()
        head = (
            bytes([0x81, 0x80 | len(payload)])
            if len(payload) < 126
            else bytes([0x81, 0xFE]) + len(payload).to_bytes(2, "big")
        )
        self.sock.sendall(head + b"\0\0\0\0" + payload)

    def read(self) -> int:
        """Take what has come; gives how many events were in it."""
        with contextlib.suppress(BlockingIOError):
            self.buffer += self.sock.recv(1 << 16)
        events = 0
        at = 0
        buffer = self.buffer
        while len(buffer) - at >= 2:
            length, start = buffer[at + 1] & 0x7F, at + 2
            if length == 126:
                if len(buffer) - at < 4:
                    break
                length, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            if len(buffer) < start + length:
                break
            if buffer[start : start + 14] == b'42/bench,["ev"':
                events += 1
            else:
                self.other(bytes(buffer[start : start + length]))
            at = start + length
        del buffer[:at]
        return events

    def other(self, message: bytes) -> None:
        """Answer what is no event: the namespace's welcome, acknowledgements, pings."""
        if message == b"2":
            self.text("3")
        elif message.startswith(b"40/bench"):
            self.send("join", {})
        elif message.startswith(b"43/bench"):
            self.joined = True


def memory(pid: int) -> int:
    """Resident memory of a process in KiB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])  # type: ignore[index]


def idle(port: int, pid: int, clients: int) -> float:
    """KiB the server keeps for each of so many clients that offered compression and do nothing."""
    first = _listeners(port, 20)  # what is made once belongs to nobody
    before = memory(pid)
    rest = _listeners(port, clients)
    time.sleep(1)
    found = (memory(pid) - before) / clients
    for line in first + rest:
        line.sock.close()
    time.sleep(1)
    return found


def _listeners(port: int, number: int) -> list[Line]:
    lines = [Line(port) for _ in range(number)]
    for line in lines:
        line.open("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n")
        line.sock.recv(1)  # the engine's own greeting
    return lines


def cpu(pid: int) -> float:
    """CPU seconds of a process so far, in user and kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(peer: str, port: int, folder: Path, node: Path | None) -> list[str]:
    """How a peer is started."""
    if peer == "node":
        return ["node", str(HERE / "fanout_servers/node.js"), str(port), str(node)]
    if peer == "stock":
        return [sys.executable, str(HERE / "fanout_servers/stock.py"), str(port), str(folder)]
    mode = "gevent" if peer.endswith("gevent") else "eventlet"
    return [sys.executable, "-W", "ignore", str(HERE / "fanout_servers/ours.py"), str(port), str(folder), mode]


def measure(peer: str, clients: int, folder: Path, node: Path | None) -> dict[str, float]:
    """One server: CPU per delivery in microseconds and per join in milliseconds, memory per idle client in KiB."""
    port = free_port()
    server = subprocess.Popen(command(peer, port, folder, node), stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if server.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{peer} did not start")
            time.sleep(0.1)
        kept = idle(port, server.pid, clients)
        before = cpu(server.pid)
        crowd = Crowd(port, clients)
        found = {"join ms": (cpu(server.pid) - before) / clients * 1e3, "idle KiB": kept}
        crowd.run(2, 0.05)
        # enough deliveries for a clock of 10 ms to tell microseconds
        paced = max(20, 20_000 // clients)
        for name, messages, gap in (("paced us", paced, 0.1), ("busy us", max(100, paced), 0.01)):
            before = cpu(server.pid)
            deliveries = crowd.run(messages, gap)
            found[name] = (cpu(server.pid) - before) / deliveries * 1e6
        crowd.close()
        return found
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(12)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def install_node(folder: Path) -> Path | None:
    """socket.io in a folder of its own, or None with a line saying why not."""
    if not (shutil.which("node") and shutil.which("npm")):
        print("node or npm is not here: Node's socket.io is left out")
        return None
    (folder / "package.json").write_text('{"private": true}')
    done = subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", f"socket.io@{NODE_VERSION}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    if done.returncode:
        print("socket.io could not be installed: Node's socket.io is left out")
        return None
    return folder


def report(clients: int, results: dict[str, list[dict[str, float]]]) -> None:
    """Medians, their spread over the rounds, and the ratio to every peer."""
    print(f"\n{clients} clients, {SIZE + 50}-byte events; server CPU, median (lowest-highest)")
    names = ["paced us", "busy us", "join ms", "idle KiB"]
    print(f"{'':14}" + "".join(f"{name:>24}" for name in names))
    middle = {peer: {n: statistics.median(r[n] for r in runs) for n in names} for peer, runs in results.items()}
    for peer, runs in results.items():
        cells = [f"{middle[peer][n]:.2f} ({min(r[n] for r in runs):.2f}-{max(r[n] for r in runs):.2f})" for n in names]
        print(f"{peer:14}" + "".join(f"{cell:>24}" for cell in cells))
    for peer in results:
        if peer != "ours" and "ours" in results:
            ratios = [f"{middle['ours'][n] / middle[peer][n]:.2f}x" if middle[peer][n] else "-" for n in names]
            print(f"{'ours / ' + peer:14}" + "".join(f"{ratio:>24}" for ratio in ratios))


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description="server CPU per delivered event")
    parser.add_argument("--clients", type=int, nargs="+", default=[200, 1000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--peers", nargs="+", default=["ours", "stock", "node"])
    wish = parser.parse_args()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "node").mkdir()
        node = install_node(folder / "node") if "node" in wish.peers else None
        peers = [peer for peer in wish.peers if peer != "node" or node]
        for clients in wish.clients:
            results: dict[str, list[dict[str, float]]] = {peer: [] for peer in peers}
            for _round in range(1 if wish.quick else wish.rounds):
                for peer in peers:
                    results[peer].append(measure(peer, clients, folder, node))
            report(clients, results)


if __name__ == "__main__":
    main()

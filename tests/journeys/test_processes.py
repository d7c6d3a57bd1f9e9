"""The process tree as an operator meets it: real `miitti serve`, real signals, real kills."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")
MIITTI = Path(sys.executable).with_name("miitti")


@dataclass
class Tree:
    """A supervisor started by a test, and where its server listens."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def children(self) -> dict[str, int]:
        """Process ids of the living children by a word of their command line."""
        found = {}
        for pid in _children(self.process.pid):
            words = _command(pid)
            if words[-1:] == ["stage"]:
                found["stage"] = pid
            elif any(word.endswith("wsgi.py") for word in words):
                found["web"] = pid
            elif any(word.endswith("worker") for word in words):
                found["worker"] = pid
        return found

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def up(self) -> bool:
        return _status(self.port, "/healthz") == 200

    def ready(self) -> bool:
        return _status(self.port, "/readyz") == 200


def _children(parent: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    return []


def _command(pid: int) -> list[str]:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    return []


def _alive(pid: int) -> bool:
    """Whether a process runs still; a zombie nobody has collected yet does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    return False


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _wait(what: Callable[[], T | None], seconds: float = 60) -> T:
    """Give the first truthy answer; fails the test when there is none in time."""
    until = time.monotonic() + seconds
    while True:
        answer = what()
        if answer:
            return answer
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environ(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIITTI_")}
    return {
        **kept,
        "MIITTI_DATA": str(folder / "data"),
        "MIITTI_MEDIA": str(folder / "media"),
        "PYTHONUNBUFFERED": "1",
        **more,
    }


@contextlib.contextmanager
def _tree(folder: Path, *arguments: str, **environ: str) -> Iterator[Tree]:
    port = _free_port()
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [MIITTI, *(arguments or ("serve",)), "--port", str(port)],
            cwd=folder,
            env=_environ(folder, **environ),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    tree = Tree(process, port, log)
    try:
        _wait(lambda: tree.up() or process.poll() is not None, 60)
        assert process.poll() is None, tree.said()
        yield tree
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    """A running `miitti serve` in a folder of its own."""
    with _tree(tmp_path) as running:
        yield running


def test_serve_comes_up_says_where_and_ends_cleanly(tree: Tree) -> None:
    _wait(lambda: f"http://127.0.0.1:{tree.port}" in tree.said())
    _wait(tree.ready)
    children = tree.children()
    assert set(children) == {"web", "worker", "stage"}

    began = time.monotonic()
    tree.process.send_signal(signal.SIGTERM)
    assert tree.process.wait(15) == 0
    assert time.monotonic() - began < 10
    assert not [pid for pid in children.values() if _alive(pid)]
    assert _status(tree.port, "/healthz") is None
    assert "Traceback" not in tree.said()


@pytest.mark.parametrize("name", ["worker", "web"])
def test_a_killed_child_is_started_again(tree: Tree, name: str) -> None:
    before = _wait(lambda: tree.children().get(name))
    os.kill(before, signal.SIGKILL)
    after = _wait(lambda: (pid := tree.children().get(name)) and pid != before and pid)
    assert after != before
    _wait(tree.up)
    _wait(tree.ready)
    assert tree.process.poll() is None


def test_a_killed_supervisor_leaves_nobody_behind(tree: Tree) -> None:
    _wait(lambda: len(tree.children()) == 3)
    children = tree.children()
    tree.process.kill()
    tree.process.wait()
    _wait(lambda: not any(_alive(pid) for pid in children.values()), 12)
    # The port is free again: the next start must not meet an orphan on it.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", tree.port))


def test_web_and_worker_run_alone(tmp_path: Path) -> None:
    with _tree(tmp_path, "web") as web:
        assert not web.children()
        worker = subprocess.Popen([MIITTI, "worker"], cwd=tmp_path, env=_environ(tmp_path))
        try:
            _wait(web.ready)
        finally:
            worker.terminate()
            assert worker.wait(15) == 0
        web.process.terminate()
        assert web.process.wait(15) == 0


def test_a_busy_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        done = subprocess.run(
            [MIITTI, "serve", "--port", str(port)],
            cwd=tmp_path,
            env=_environ(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert str(port) in done.stderr


def test_a_demo_told_to_end_while_it_is_being_made_does(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [MIITTI, "demo", "--port", str(_free_port()), "--data", str(tmp_path / "demo")],
            cwd=tmp_path,
            env=_environ(tmp_path),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(lambda: "1/" in log.read_text() or process.poll() is not None)
        began = time.monotonic()
        helpers = _children(process.pid)
        process.terminate()
        assert process.wait(15) == 0, log.read_text()
        assert time.monotonic() - began < 10
        _wait(lambda: not any(_alive(pid) for pid in helpers))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    assert "Traceback" not in log.read_text()
    assert not (tmp_path / "demo/demo.json").exists()

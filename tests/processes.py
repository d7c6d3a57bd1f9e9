"""A real Miitti as a process tree, with an application on the same data for making and reading rows."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from miitti.app import create_app
from miitti.foundation import db, settings
from miitti.foundation.settings import ROOT
from tests.letters import Post, _free_port, until_true
from tests.world import World, make

MIITTI = Path(sys.executable).with_name("miitti")


class Live:
    """A running `miitti serve` (web + worker) with a small Miitti in it."""

    def __init__(self, folder: Path, post: Post, **environ: str) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.post = post
        self.log = folder / "serve.log"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MIITTI_")}
        self.environ = {
            **clean,
            "MIITTI_DATA": str(folder / "data"),
            "MIITTI_MEDIA": str(folder / "media"),
            "MIITTI_BASE_URL": self.url,
            "MIITTI_SMTP_URL": post.url,
            **environ,
        }
        self.settings = settings.load({k: v for k, v in self.environ.items() if k.startswith("MIITTI_")})
        db.migrate(self.settings)
        self.app: Flask = create_app(self.settings)
        self.process: subprocess.Popen[bytes] | None = None
        self.world: World

    def fill(self) -> None:
        """Make the small Miitti."""
        with self.app.app_context():
            self.world = make()

    def start(self) -> None:
        """Start the tree and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [MIITTI, "serve", "--port", str(self.port)], env=self.environ, cwd=ROOT, stdout=log, stderr=log
            )
        until_true(self.ready, 60, f"{self.url} to be ready\n{self.said()}")

    def stop(self) -> int:
        """End the tree; gives its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        self.process = None
        return code

    def ready(self) -> bool:
        """Whether /readyz says 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def pids(self, mark: str) -> list[int]:
        """Processes of the tree whose command line ends a word with `mark` ("wsgi.py", "worker")."""
        assert self.process is not None
        found = []
        for pid in _family(self.process.pid):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
            except OSError:
                continue
            if any(word.endswith(mark) for word in words):
                found.append(pid)
        return found

    def kill(self, mark: str) -> None:
        """kill -9 a part of the tree: "wsgi.py" or "worker"; the supervisor starts it anew."""
        for pid in self.pids(mark):
            os.kill(pid, signal.SIGKILL)

    def said(self) -> str:
        """The processes' logs."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def _family(parent: int) -> list[int]:
    found: list[int] = []
    try:
        children = [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    except OSError:
        return found
    for child in children:
        found += [child, *_family(child)]
    return found


@contextmanager
def running(folder: Path, **environ: str) -> Iterator[Live]:
    """A running tree with a small Miitti and a mail server; ended with the block."""
    post = Post()
    post.start()
    live = Live(folder, post, **environ)
    try:
        live.fill()
        live.start()
        yield live
    finally:
        if live.process is not None:
            live.stop()
        with live.app.app_context():
            db.extension.engine.dispose()
        post.stop()

"""Real web processes and a follower that keeps to the protocol: what the browser's client does, in Python."""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
import socketio
from flask import Flask

from miitti.app import create_app
from miitti.foundation import db, settings
from miitti.foundation.settings import ROOT
from miitti.questions import states
from tests.letters import _free_port
from tests.world import World, make

EVENT = "/miitti/miitti"
_cids = (f"fault-{os.getpid()}-{number:06d}" for number in itertools.count())


def cid() -> str:
    """A name no command had before."""
    return next(_cids)


def until(true: Callable[[], object], what: str, seconds: float = 15) -> None:
    """Wait for a condition; fails naming what did not come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not come in {seconds} s"
        time.sleep(0.02)


class Web:
    """One `wsgi.py` process."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {**environ, "MIITTI_PORT": str(self.port), "MIITTI_BASE_URL": self.url}
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, program: str = "wsgi.py", **environ: str) -> None:
        """Start it, or another program in its place, and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, program], env={**self.environ, **environ}, cwd=ROOT, stdout=log, stderr=log
            )
        until(self.answers, f"the web process ({self.log.read_text()})", 30)

    def answers(self) -> bool:
        """Whether /healthz says 200."""
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
        return False

    def kill(self) -> None:
        """kill -9, without a word."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)
        self.process = None

    def died(self) -> None:
        """Wait until it has ended by itself, by kill -9."""
        assert self.process is not None
        assert self.process.wait(20) == -signal.SIGKILL
        self.process = None

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(12)
        self.process = None
        return code


class Site:
    """A database with a small live Miitti, and any number of web processes on it."""

    def __init__(self, folder: Path, mode: str, **environ: str) -> None:
        self.log = folder / "web.log"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MIITTI_")}
        self.environ = {
            **clean,
            "MIITTI_DATA": str(folder / "data"),
            "MIITTI_MEDIA": str(folder / "media"),
            "MIITTI_ASYNC_MODE": mode,
            **environ,
        }
        ours = settings.load({k: v for k, v in self.environ.items() if k.startswith("MIITTI_")})
        db.migrate(ours)
        self.app: Flask = create_app(ours)
        with self.app.app_context():
            self.world: World = make()
        self.webs: list[Web] = []

    def web(self) -> Web:
        """One more running web process."""
        made = Web(self.environ, self.log)
        self.webs.append(made)
        made.start()
        return made

    def person(self, name: str | None = None) -> "Person":
        """A fresh visitor, signed in as a person of the world if one is named."""
        token = None
        if name:
            with self.app.app_context():
                token = self.world.token(name)
        return Person(token, self.app)

    def said(self) -> str:
        """What the web processes logged."""
        return self.log.read_text(errors="replace")

    def close(self) -> None:
        """End everything."""
        for web in self.webs:
            if web.process is not None:
                web.kill()
        with self.app.app_context():
            db.extension.engine.dispose()


@contextlib.contextmanager
def site(folder: Path, mode: str, **environ: str) -> Iterator[Site]:
    """A site of a test, ended with the block."""
    made = Site(folder, mode, **environ)
    try:
        yield made
    finally:
        made.close()


class Person:
    """A browser's cookie and CSRF value, and the connections made with them."""

    def __init__(self, token: str | None, app: Flask) -> None:
        client = app.test_client()
        if token:
            with client.session_transaction() as session:
                session["token"] = token
        page = client.get(f"{EVENT}/qa/stage").text
        self.csrf = page.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
        client.get(f"{EVENT}/qa/stage/me")
        cookie = client.get_cookie("miitti")
        assert cookie is not None
        self.cookie = f"miitti={cookie.value}"

    def connect(self, web: Web, **more: Any) -> "Follower":
        """A connection to that web process; see Follower."""
        return Follower(self, web, **more)


class Follower:
    """Follows one stream as the protocol says: join, then look; n + 1 is applied; a gap is asked for."""

    def __init__(
        self,
        person: Person,
        web: Web,
        *,
        view: str = "pub",
        transports: tuple[str, ...] = ("websocket",),
        resume: "Follower | None" = None,
    ) -> None:
        self.person = person
        self.web = web
        self.view = view
        self.applied: list[tuple[int, str, str]] = resume.applied if resume else []
        """(seq, kind, id or body) of every event applied, over reconnections."""
        self.state: dict[str, Any] | None = resume.state if resume else None
        self.raw: list[Any] = []
        self.tallies: list[Any] = []
        self.byes: list[Any] = []
        self.modes: list[str] = []
        self._lock = threading.Lock()
        self._held: dict[int, Any] = {}
        self._http = requests.Session()
        self.client = socketio.Client(reconnection=False, http_session=self._http)
        self.client.on("ev", self._on_event, namespace="/qa")
        self.client.on("tally", self.tallies.append, namespace="/qa")
        self.client.on("bye", self.byes.append, namespace="/qa")
        self.client.connect(
            f"{web.url}?event=miitti",
            headers={"Cookie": person.cookie},
            namespaces=["/qa"],
            auth={"v": 1, "csrf": person.csrf},
            transports=list(transports),
            wait_timeout=10,
        )
        ws = self.client.eio.ws
        self._sock = ws.sock if ws is not None else None
        self.sync()

    def send(self, event: str, data: Any) -> Any:
        """Send a command and give its acknowledgement."""
        return self.client.call(event, data, namespace="/qa", timeout=10)

    def ask(self, body: str, name: str | None = None) -> Any:
        """Ask on the stage."""
        return self.send("ask", {"cid": name or cid(), "ch": "stage", "body": body})

    def moderate(self, question: dict[str, Any], op: str, **args: Any) -> Any:
        """A moderator's command."""
        return self.send("mod", {"cid": cid(), "id": question["id"], "rev": question["rev"], "op": op, "args": args})

    def sync(self) -> None:
        """Join and catch up."""
        data: dict[str, Any] = {"ch": "stage", "v": self.view}
        if self.state is not None:
            data["cursor"] = {"epoch": self.state["epoch"], "seq": self.state["seq"]}
        answer = self.send("sync", data)
        assert answer["ok"], answer
        self.modes.append(answer["mode"])
        if answer["mode"] == "delta":
            for event in answer["events"]:
                self._on_event(event)
            return
        state = requests.get(self.web.url + answer["url"], headers={"Cookie": self.person.cookie}, timeout=10)
        with self._lock:
            self.state = state.json()
            self._drain()

    def _on_event(self, event: Any) -> None:
        self.raw.append(event)
        with self._lock:
            self._held[event["seq"]] = event
            self._drain()

    def _drain(self) -> None:
        while self.state is not None:
            event = self._held.pop(self.state["seq"] + 1, None)
            if event is None:
                return
            self.state = states.fold(self.state, event["seq"], event["t"], event["d"])
            about = event["d"].get("q", {}).get("body") or event["d"].get("id") or ""
            self.applied.append((event["seq"], event["t"], about))

    def bodies(self) -> list[str]:
        """The questions it shows."""
        assert self.state is not None
        return [question["body"] for question in self.state["questions"]]

    def shows(self, body: str) -> bool:
        """Whether it shows that question."""
        return body in self.bodies()

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(Exception):
            self.client.disconnect()
        if self._sock is not None:
            self._sock.close()  # the library leaves it open when the other end died
        self._http.close()


def raw_frames(web: Web, person: Person, *frames: str | bytes) -> None:
    """Open a websocket and send frames as they are; whatever becomes of it."""
    import websocket

    url = f"{web.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket&event=miitti"
    line = websocket.create_connection(url, header=[f"Cookie: {person.cookie}"], timeout=5)
    sock: Any = line.sock
    try:
        line.recv()
        line.send(f"40/qa,{json.dumps({'v': 1})}")
        line.recv()
        for frame in frames:
            if isinstance(frame, bytes):
                line.send_binary(frame)
            else:
                line.send(frame)
        with contextlib.suppress(Exception):
            line.recv()
    except (OSError, websocket.WebSocketException):
        pass
    finally:
        line.close()
        sock.close()  # the library leaves it open when the other end has closed

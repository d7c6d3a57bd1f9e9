"""Several processes run together as one: started, watched, restarted, ended.

A plain process that is never monkey-patched and holds no database. Its children are `Part`s; each is
restarted with a growing pause when it dies, and all of them end when this process ends, even by kill -9
(see `foundation/lifeline.py`).
"""

import contextlib
import http.client
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from urllib.parse import urlsplit

from miitti.foundation import lifeline

log = logging.getLogger(__name__)

GRACE = 8.5
"""Seconds the parts have to end by themselves; with the rest it stays under the 10 s that are promised."""

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
"""Seconds before a dead part is started again; doubled at each death, begun anew after a steady minute."""

STEADY = 60.0
"""Seconds a part must have lived for its earlier deaths to be forgotten."""

WRONG_START = 2
"""A part that exits with this says its settings are wrong: starting it again would not help."""


class PortBusy(Exception):
    """Another program listens on the port already; the text says which and what to do."""


@dataclass(frozen=True)
class Part:
    """One process to keep alive. `last` parts are ended after all others (a mail server, say)."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    last: bool = False


@dataclass
class _Running:
    part: Part
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = 0.0
    codes: list[int] = field(default_factory=list)


def need_port(host: str, port: int) -> None:
    """Make sure a server can listen there; raises PortBusy with one clear line."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            raise PortBusy(
                f"port {port} on {host} can't be used ({error.strerror}); choose another with --port"
            ) from None


def free_port(host: str = "127.0.0.1") -> int:
    """A port nobody listens on just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        number: int = probe.getsockname()[1]
        return number


def free_from(port: int, host: str = "127.0.0.1") -> int:
    """The port itself when nobody listens on it, else the next one above that is free."""
    for number in range(port, min(port + 50, 65_536)):
        with contextlib.suppress(PortBusy):
            need_port(host, number)
            return number
    return free_port()


class Supervisor:
    """Runs parts until it is told to stop by SIGTERM, SIGINT or SIGHUP."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        alive: tuple[str, int, str] | None = None,
        ready: Callable[[], None] = lambda: None,
        grace: float = GRACE,
    ) -> None:
        """Take the parts. `alive` is (host, port, Host header) of the web server whose /healthz is asked
        until it answers; then `ready` is called, once. `grace` is in seconds.
        """
        self._parts = [_Running(part) for part in parts]
        self._alive = alive
        self._ready = ready
        self._grace = grace
        self._stopping = False

    def run(self) -> int:
        """Keep the parts alive until told to stop; gives the exit code (0, or 2 for a part's wrong start)."""
        wake_read, wake_write = socket.socketpair()
        wake_read.setblocking(False)
        wake_write.setblocking(False)
        before = {number: signal.getsignal(number) for number in _STOPS}
        for number in (*_STOPS, signal.SIGCHLD):
            signal.signal(number, self._heard)
        old_wake = signal.set_wakeup_fd(wake_write.fileno(), warn_on_full_buffer=False)
        line_read, line_write = os.pipe()
        try:
            return self._loop(wake_read, line_read)
        finally:
            self._end_all()
            os.close(line_write)
            os.close(line_read)
            signal.set_wakeup_fd(old_wake)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number, handler in before.items():
                signal.signal(number, handler)
            wake_read.close()
            wake_write.close()

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        if number in _STOPS:
            self._stopping = True

    def _loop(self, wake: socket.socket, line: int) -> int:
        waiting = self._alive is not None
        while not self._stopping:
            for running in self._parts:
                if running.process is None and running.due <= time.monotonic():
                    self._start(running, line)
            for running in self._parts:
                if self._died(running) == WRONG_START and waiting:
                    return WRONG_START
            if waiting and self._answers():
                waiting = False
                self._ready()
            self._sleep(wake, 0.1 if waiting else self._pause())
        return 0

    def _start(self, running: _Running, line: int) -> None:
        environ = {**running.part.environ, lifeline.NAME: str(line)}
        running.process = subprocess.Popen(
            list(running.part.command),
            env=environ,
            stdin=subprocess.DEVNULL,
            pass_fds=(line,),
            # Ctrl-C in a terminal reaches this process only, which then ends the parts in order.
            process_group=0,
        )
        running.started = time.monotonic()

    def _died(self, running: _Running) -> int | None:
        """The exit code of a part that has just been found dead, else None; sets when to start it again."""
        if running.process is None:
            return None
        code = running.process.poll()
        if code is None:
            return None
        now = time.monotonic()
        if now - running.started >= STEADY:
            running.pause = FIRST_PAUSE
        running.process = None
        running.due = now + running.pause
        log.warning("%s ended with code %s; starting it again in %.2f s", running.part.name, code, running.pause)
        running.pause = min(running.pause * 2, LONGEST_PAUSE)
        return code

    def _pause(self) -> float:
        """Seconds until the next part is due to be started again, at most 5."""
        dues = [running.due for running in self._parts if running.process is None]
        return min(5.0, *(max(0.01, due - time.monotonic()) for due in dues)) if dues else 5.0

    @staticmethod
    def _sleep(wake: socket.socket, seconds: float) -> None:
        """Wait for a signal (a stop, or a child's death) at most `seconds`."""
        if select.select([wake], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                while wake.recv(4096):
                    pass

    def _answers(self) -> bool:
        assert self._alive is not None
        host, port, name = self._alive
        connection = http.client.HTTPConnection(host, port, timeout=0.5)
        try:
            connection.request("GET", "/healthz", headers={"Host": name, "Connection": "close"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _end_all(self) -> None:
        """Ask every part to end, in two rounds, and end without asking whatever is left in the end."""
        until = time.monotonic() + self._grace
        for last in (False, True):
            round_ = [running.process for running in self._parts if running.part.last is last]
            for process in round_:
                if process is not None and process.poll() is None:
                    process.terminate()
            for process in round_:
                if process is not None:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(max(0.05, until - time.monotonic()))
            if not last:
                # The second round is left at least half a second: its parts have nothing to finish.
                until = max(until, time.monotonic() + 0.5)
        for running in self._parts:
            if running.process is not None and running.process.poll() is None:
                log.warning("%s did not end in time and was killed", running.part.name)
                running.process.kill()
                running.process.wait()


_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def python(*arguments: str) -> list[str]:
    """The command line of a fresh interpreter like this one."""
    return [sys.executable, *arguments]


def host_header(base_url: str) -> str:
    """What a request to our own server must call itself: the public name, which is always trusted."""
    return urlsplit(base_url).netloc

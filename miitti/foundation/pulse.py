"""What a web process does without being asked: follows the journal, sends what was gathered, pings, ticks."""

import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask

from miitti.foundation import journal, lines, ready, realtime

log = logging.getLogger("miitti.realtime")

BEAT_S = 1.0
"""How often it is looked who is due for a ping, or has stopped reading."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A small task every web process repeats."""

    seconds: float
    fn: Callable[[], None]


_ticks: list[Tick] = []
_stopping = False


def every(seconds: float) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Declare `fn()` as a task each web process repeats every `seconds`, in an application context."""

    def declare(fn: Callable[[], None]) -> Callable[[], None]:
        _ticks.append(Tick(seconds, fn))
        return fn

    return declare


def start(app: Flask) -> None:
    """Start this process's green tasks: the journal's tail, what gathers messages, and the rooms' ticks."""
    sockets: Any = app.extensions["socketio"]
    engine = sockets.server.eio
    ready.shelf(app).following = True
    watch = lines.beat_all if app.extensions["miitti_lines"] else _cut_off_deaf
    sockets.start_background_task(journal.follow, app, app.config["MIITTI"], lambda: _stopping)
    sockets.start_background_task(app.extensions["miitti_audiences"].gather, lambda: _stopping)
    for tick in [*_ticks, Tick(BEAT_S, lambda: watch(engine))]:
        sockets.start_background_task(_repeat, app, sockets, tick)


def _repeat(app: Flask, sockets: Any, tick: Tick) -> None:
    complained = False
    while not _stopping:
        sockets.sleep(tick.seconds)
        try:
            with app.app_context():
                tick.fn()
            complained = False
        except Exception as error:
            if not complained:  # a database away for a minute is one line, not hundreds
                log.error("tick %s failed: %s: %s", tick.fn.__name__, type(error).__name__, error)
            complained = True


def _cut_off_deaf(engine: Any) -> None:
    """Where the library's own sockets stayed: close clients that stopped reading; their queues have no bound."""
    for connection in list(engine.sockets.values()):
        if not connection.closed and connection.queue.qsize() > lines.MOST_PACKETS:
            log.info("a client reads nothing; its connection is closed")
            connection.close(wait=False, abort=True)


def stop(app: Flask) -> None:
    """End this process's green tasks, tell every socket to come back in a moment, and end the connections."""
    global _stopping
    _stopping = True
    sockets: Any = app.extensions["socketio"]
    for namespace in realtime.namespaces():
        sockets.server.emit("bye", {"code": "restart", "retry_after_ms": 1000}, namespace=namespace)
    sockets.sleep(0.2)  # the writers put `bye` on the wire
    for connection in list(sockets.server.eio.sockets.values()):
        with contextlib.suppress(Exception):
            connection.close(wait=False)
    sockets.sleep(0.05)

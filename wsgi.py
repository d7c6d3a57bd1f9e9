"""The web and stage processes: picks the async mode, patches the standard library for it, then builds and serves.

Run as a fresh process, `python wsgi.py [HOST [PORT]]`; without arguments MIITTI_HOST and MIITTI_PORT count.
`python wsgi.py stage [HOST [PORT]]` is the stage; its port is MIITTI_STAGE_PORT, else one above MIITTI_PORT.
Monkey-patching happens here and nowhere else, before anything that could hold an unpatched socket is imported.
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from miitti.foundation import lifeline

if TYPE_CHECKING:
    from miitti.foundation.settings import Settings

    Served = tuple[Any, Callable[[], None], Callable[[], None]]
    """A WSGI application, what to do when it listens, and what to do before it stops."""

lifeline.watch()

WRONG_START = 2
"""Exit code that tells the supervisor not to try again: the settings are wrong."""


BACKLOG = 4096
"""Connections the kernel holds for us; with the usual 50 a storm of 1 000 leaves some hanging for 15-40 s."""
MAX_CONNECTIONS = 20_000
"""eventlet's own default of 1 024 would be the most sockets served."""
SOCKET_TIMEOUT = 60
"""Seconds an idle or dawdling HTTP connection is kept."""
GRACE = 8
"""Seconds running requests have at the end; the promise is 10 s in all."""


def _async_mode() -> str:
    """The wished mode; a wrong value is refused later by the settings, with the others."""
    from dotenv import dotenv_values

    wish = os.environ.get("MIITTI_ASYNC_MODE") or dotenv_values(".env").get("MIITTI_ASYNC_MODE") or ""
    return "gevent" if wish.strip() == "gevent" else "eventlet"


def _patch(mode: str) -> None:
    # psycopg waits in C by default, which would stop every greenlet; this wait goes through `select`
    os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"
    if mode == "gevent":
        from gevent import monkey

        monkey.patch_all()
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # eventlet announces its bugfix-only mode at every start
            import eventlet
        eventlet.monkey_patch()


def _raise_open_files() -> None:
    """A thousand sockets need more than the usual 1 024 open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wish = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft != resource.RLIM_INFINITY and soft < wish:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wish, hard))


def _calm_the_collector() -> None:
    """Keep what the start made out of every garbage collection, and collect less often.

    Each join leaves some thousand lasting objects; with the usual thresholds a fifth of its CPU went to looking at
    all those before it (measured with 2 000 clients). What we make in cycles is little.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def _serve_eventlet(served: Served, host: str, port: int) -> None:
    import eventlet
    import eventlet.event
    import eventlet.hubs
    import eventlet.wsgi

    app, begin, end = served
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = eventlet.listen((host, port), family=family, backlog=BACKLOG)
    stop = eventlet.event.Event()

    def ask_to_stop(*_signal: Any) -> None:
        # the handler may interrupt any greenlet, so the hub is asked to do it
        eventlet.hubs.get_hub().schedule_call_global(0, lambda: None if stop.ready() else stop.send(True))

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    loop = eventlet.spawn(
        eventlet.wsgi.server,
        listener,
        app,
        max_size=MAX_CONNECTIONS,
        log_output=False,
        socket_timeout=SOCKET_TIMEOUT,
    )
    loop.link(lambda _: ask_to_stop())
    begin()
    stop.wait()
    end()
    with eventlet.Timeout(GRACE, False):
        # SystemExit ends the accept loop, which then closes idle connections and waits for the busy ones
        eventlet.kill(loop, SystemExit)
        loop.wait()


def _serve_gevent(served: Served, host: str, port: int) -> None:
    import gevent
    import gevent.event
    import gevent.pool
    import gevent.pywsgi
    from geventwebsocket.handler import WebSocketHandler

    app, begin, end = served
    busy: set[Any] = set()

    class Handler(WebSocketHandler):  # type: ignore[misc]
        """Knows which requests are running; a connection kept alive and idle need not be waited for."""

        def handle_one_response(self) -> None:
            busy.add(self)
            try:
                super().handle_one_response()
            finally:
                busy.discard(self)

    listener = gevent.socket.create_server(
        (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=BACKLOG
    )
    pool = gevent.pool.Pool(MAX_CONNECTIONS)
    http = gevent.pywsgi.WSGIServer(listener, app, spawn=pool, handler_class=Handler, log=None, error_log=None)
    stop = gevent.event.Event()

    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stop.set)
    http.start()
    begin()
    stop.wait()
    http.close()
    end()
    with gevent.Timeout(GRACE, False):
        while busy:
            gevent.sleep(0.02)
    http.stop(timeout=0)


def _web(wished: Settings, _host: str) -> Served:
    from miitti.app import create_app
    from miitti.foundation import pulse, restored

    app = create_app(wished)
    _calm_the_collector()

    def begin() -> None:
        pulse.start(app)
        restored.watch(app)

    return app, begin, lambda: pulse.stop(app)


def _stage(wished: Settings, host: str) -> Served:
    from miitti.app import create_app
    from miitti.foundation import restored
    from miitti.stage.commands import Director

    app = create_app(wished)
    director = Director(app, host)

    def begin() -> None:
        director.begin()
        restored.watch(app)

    return director.wsgi, begin, director.end


def _next(port: str) -> str:
    return str(int(port) + 1) if port.isascii() and port.isdigit() else port


def main() -> int:
    """Serve until SIGTERM; gives the exit code."""
    words = sys.argv[1:]
    staged = words[:1] == ["stage"]
    words = words[1:] if staged else words
    host = words[0] if words else os.environ.get("MIITTI_HOST", "127.0.0.1")
    port = os.environ.get("MIITTI_PORT", "8000")
    if staged:
        port = os.environ.get("MIITTI_STAGE_PORT", "").strip() or _next(port)
    port = words[1] if len(words) > 1 else port
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        print(f"MIITTI_PORT: {port} is not a port between 1 and 65535", file=sys.stderr)  # noqa: T201
        return WRONG_START
    mode = _async_mode()
    _patch(mode)

    from miitti.foundation import db, settings

    # SQLite's own waiting and copying would stop every greenlet: the first is short here, the second is the worker's
    db.busy_timeout_ms, db.checkpoint_pages = db.WEB_BUSY_MS, db.WEB_CHECKPOINT
    shown = f"[{host}]" if ":" in host else host
    try:
        wished = settings.load(listening=f"http://{shown}:{port}")
    except settings.SettingError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return WRONG_START
    # On SIGTERM sockets are told `bye` and running requests finish; what has not ended after GRACE is left.
    _raise_open_files()
    serve = {"eventlet": _serve_eventlet, "gevent": _serve_gevent}[mode]
    try:
        serve((_stage if staged else _web)(wished, host), host, int(port))
    except OSError as error:
        print(f"{host}:{port} can't be listened to: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

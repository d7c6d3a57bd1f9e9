"""Sockets: declared handlers that always answer, audiences, and the server that carries them.

Only this module, `lines` and wsgi.py know which green library is underneath (eventlet or gevent). In a process that
is not monkey-patched (tests, commands) everything works through Flask-SocketIO's test client and plain threads.
Who a connection is stands in `callers`, how many are told in `audiences`, how one is written to in `lines`, and what
a process does without being asked in `pulse`.

A room declares a handler once, with who may call it:

    @realtime.on("ask", namespace="/qa", allow=(Role.VISITOR,))
    def ask(data: dict[str, Any]) -> dict[str, Any]: ...

What the handler returns is acknowledged as `{ok: true, ...}`, a `Problem` as `{ok: false, error: {...}}`, and
anything else as `internal` with one log line. Malformed payloads never reach a handler.
"""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, cast

from flask import Flask, current_app, has_app_context
from flask_socketio import SocketIO

from miitti.foundation import access, acks, callers, errors, gate, lines, ready
from miitti.foundation.access import Role
from miitti.foundation.audiences import Audiences
from miitti.foundation.callers import Caller

log = logging.getLogger("miitti.realtime")

MAX_MESSAGE = 16 * 1024
"""Bytes of one message. A question of 500 graphemes with its envelope stays below 8 KiB."""
PROTOCOL = 1
"""Version of the protocol a client names in `auth.v`."""

P = ParamSpec("P")
R = TypeVar("R")
Fn = Callable[[dict[str, Any]], acks.Answer | None]


@dataclass(frozen=True, slots=True)
class Handler:
    """One declared socket event and who may send it."""

    event: str
    namespace: str
    allow: tuple[Role, ...]
    fn: Fn


_handlers: dict[tuple[str, str], Handler] = {}
_gone: dict[str, list[Callable[[str], None]]] = {}
_last: Flask | None = None


def on(event: str, *, namespace: str, allow: Iterable[Role]) -> Callable[[Fn], Fn]:
    """Declare `fn(data) -> dict` as the handler of `event`; `allow` names the roles that may send it.

    With `Role.VISITOR` anybody may. Any other role needs a signed-in person holding it and the page's CSRF
    value given at connect; whether it holds for the channel at hand is the handler's to check.
    """
    roles = tuple(allow)
    if not roles:
        raise ValueError(f"{event}: a handler has to say who may call it")

    def declare(fn: Fn) -> Fn:
        if (namespace, event) in _handlers:
            raise ValueError(f"{namespace} {event} is declared twice")
        _handlers[namespace, event] = Handler(event, namespace, roles, fn)
        return fn

    return declare


def on_gone(namespace: str) -> Callable[[Callable[[str], None]], Callable[[str], None]]:
    """Declare `fn(sid)` to run when a connection of `namespace` has ended."""

    def declare(fn: Callable[[str], None]) -> Callable[[str], None]:
        _gone.setdefault(namespace, []).append(fn)
        return fn

    return declare


def handlers() -> tuple[Handler, ...]:
    """Every declared handler, so that a test can try each with each role."""
    return tuple(sorted(_handlers.values(), key=lambda h: (h.namespace, h.event)))


# -- plugging in ---------------------------------------------------------------------------------------------


def plug(app: Flask) -> SocketIO:
    """Attach the socket server to `app` and guard both behind the host check.

    Call it once per application, after the rooms' `sockets` modules are imported.
    """
    global _last
    base_url: str = app.config["MIITTI"].base_url
    sockets = SocketIO(
        app,
        async_mode=mode(),
        manage_session=False,
        async_handlers=False,
        max_http_buffer_size=MAX_MESSAGE,
        ping_interval=10,
        ping_timeout=10,
        cors_allowed_origins=gate.origins(base_url),
        logger=False,
        engineio_logger=False,
        # a monitor thread per test application would outlive it
        monitor_clients=mode() != "threading",
    )
    for namespace in namespaces():
        _listen(app, sockets.server, namespace)
    _quiet_bad_messages(sockets)
    app.extensions["miitti_audiences"] = Audiences(sockets.server)
    app.extensions["miitti_callers"] = {}
    app.extensions["miitti_lines"] = lines.take_over(sockets.server.eio)
    ready.plug(app)
    app.wsgi_app = gate.Gate(app.wsgi_app, gate.hosts(base_url))  # type: ignore[method-assign]
    _last = app
    return sockets


def _listen(app: Flask, server: Any, namespace: str) -> None:
    """Take a namespace's events from the server itself: Flask-SocketIO would build a request around each."""

    def connected(sid: str, environ: Any, auth: Any = None) -> bool:
        caller = callers.meet(app, sid, namespace, environ, auth)
        with callers.speaking(caller):
            caller.who = access.me()
        _callers(app)[sid] = caller
        return True

    def receive(event: str, sid: str, *payload: Any) -> acks.Answer:
        caller = _callers(app).get(sid)
        if caller is None:
            return acks.refusal("bad_request", "qa.bad_request")
        with callers.speaking(caller):
            return answer(namespace, event, payload)

    def gone(sid: str, *_reason: Any) -> None:
        caller = _callers(app).pop(sid, None)
        for fn in _gone.get(namespace, ()) if caller else ():
            try:
                with callers.speaking(cast(Caller, caller)):
                    fn(sid)
            except Exception as error:
                log.error("closing a %s connection: %s", namespace, type(error).__name__)

    server.on("connect", connected, namespace=namespace)
    server.on("*", receive, namespace=namespace)
    server.on("disconnect", gone, namespace=namespace)


def _callers(app: Flask) -> dict[str, Caller]:
    return cast(dict[str, Caller], app.extensions["miitti_callers"])


def _quiet_bad_messages(sockets: SocketIO) -> None:
    """Close a connection whose message is not Socket.IO at all, with one line and no traceback."""
    eio = sockets.server.eio
    inner = eio.handlers["message"]

    def receive(eio_sid: str, data: Any) -> Any:
        try:
            return inner(eio_sid, data)
        except Exception as error:
            log.warning("unreadable socket message (%s), connection closed", type(error).__name__)
            connection = eio.sockets.get(eio_sid)
            if connection is not None:
                connection.close(wait=False)
            return None

    eio.handlers["message"] = receive


# -- one event -----------------------------------------------------------------------------------------------


def answer(namespace: str, event: str, payload: tuple[Any, ...]) -> acks.Answer:
    """Check, run and acknowledge one event. Never raises."""
    try:
        handler = _handlers.get((namespace, event))
        if handler is None:
            raise errors.Problem(key="qa.unknown_event")
        data = acks.checked(payload)
        if _caller().version != PROTOCOL:
            return acks.refusal("version", "qa.version")
        _authorise(handler)
        return {"ok": True, **(handler.fn(data) or {})}
    except errors.Problem as problem:
        return acks.told(problem)
    except Exception as error:
        log.error("%s %s failed: %s", namespace, event[:40], type(error).__name__, exc_info=error)
        return acks.refusal("internal", "qa.internal")


def _authorise(handler: Handler) -> None:
    if Role.VISITOR in handler.allow:
        return
    who = access.me()
    if who.person is None or not proven():
        raise errors.Unauthenticated
    if not who.may(*handler.allow):
        raise errors.Refused


# -- inside a handler ----------------------------------------------------------------------------------------


def _caller() -> Caller:
    caller = callers.now()
    if caller is None:
        raise RuntimeError("only the handler of a socket's event may ask for its caller")
    return caller


def sid() -> str:
    """The connection the running handler serves."""
    return _caller().sid


def proven() -> bool:
    """Whether this connection showed the page's CSRF value, without which it acts as nobody's staff."""
    return _caller().proven


def query(name: str) -> str:
    """A value of the address the connection was opened with."""
    return _caller().query.get(name, "")


def join(audience: str) -> None:
    """Let the running handler's connection hear `audience`."""
    _sockets().server.enter_room(sid(), audience, namespace=_caller().namespace)


def leave(audience: str) -> None:
    """Stop the running handler's connection from hearing `audience`."""
    _sockets().server.leave_room(sid(), audience, namespace=_caller().namespace)


# -- audiences -----------------------------------------------------------------------------------------------


def emit(event: str, data: Any, namespace: str, audience: str) -> None:
    """Send `event` to everybody of this process who hears `audience`; other processes have their own journal tail."""
    _audiences().emit(event, data, namespace, audience)


def audiences(namespace: str) -> list[str]:
    """The audiences somebody of this process hears just now, connections' own ones left out."""
    return _audiences().names(namespace)


def members(namespace: str, audience: str) -> list[str]:
    """The connections of this process that hear `audience`."""
    return _audiences().members(namespace, audience)


def people(namespace: str, audience: str) -> list[access.Who]:
    """Who hears `audience` in this process, as they were when they connected; a revoked person is gone by then."""
    known = _callers(_app())
    return [known[member].who for member in members(namespace, audience) if member in known]


@contextlib.contextmanager
def acting_as(member: str, namespace: str) -> Iterator[None]:
    """Run a block as if connection `member` had sent something, so `access.me()` is its person."""
    with callers.speaking(_callers(_app())[member]):
        yield


def expel(member: str, namespace: str, audience: str) -> None:
    """Stop connection `member` from hearing `audience`."""
    _sockets().server.leave_room(member, audience, namespace=namespace)


def drop(member: str, namespace: str = "/qa") -> None:
    """End a connection; its client may come back and is judged anew."""
    _sockets().server.disconnect(member, namespace)


def dismiss(person: int) -> int:
    """End every connection of this process that a person signed in on, out of all audiences first; gives how many.

    Their clients come back and are judged anew.
    """
    server = _sockets().server
    theirs = [caller for caller in list(_callers(_app()).values()) if caller.who and caller.who.person == person]
    for caller in theirs:
        for audience in list(server.rooms(caller.sid, caller.namespace)):
            if audience != caller.sid:
                server.leave_room(caller.sid, audience, namespace=caller.namespace)
        server.disconnect(caller.sid, caller.namespace)
    return len(theirs)


def _app() -> Flask:
    if has_app_context():
        return cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
    if _last is None:
        raise RuntimeError("realtime.plug(app) has not been called")
    return _last


def _sockets() -> SocketIO:
    return cast(SocketIO, _app().extensions["socketio"])


def namespaces() -> set[str]:
    """The namespaces somebody declared a handler in."""
    return {namespace for namespace, _ in _handlers}


def _audiences() -> Audiences:
    return cast(Audiences, _app().extensions["miitti_audiences"])


# -- the library underneath ---------------------------------------------------------------------------------


def mode() -> str:
    """The green library this process was patched for by wsgi.py, or "threading"."""
    eventlet_patcher = sys.modules.get("eventlet.patcher")
    if eventlet_patcher is not None and eventlet_patcher.is_monkey_patched("socket"):
        return "eventlet"
    gevent_monkey = sys.modules.get("gevent.monkey")
    if gevent_monkey is not None and gevent_monkey.is_module_patched("socket"):
        return "gevent"
    return "threading"


def aside(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Make a call of the operating system that takes its time, and serve others meanwhile.

    It is made in a thread of the kernel's, so it may touch nothing of ours: no database session, no lock, no request.
    Where nothing is green it is simply made. What it raises comes out here.
    """
    green = mode()
    if green == "eventlet":
        from eventlet import tpool

        return cast(R, tpool.execute(call, *args, **kwargs))
    if green == "gevent":
        import gevent

        return cast(R, gevent.get_hub().threadpool.apply(call, args, kwargs))
    return call(*args, **kwargs)

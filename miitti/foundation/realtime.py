"""Sockets: declared handlers that always answer, audiences, and the server that carries them.

Only this module and wsgi.py know which green library is underneath (eventlet or gevent). In a process that is
not monkey-patched (tests, commands) everything works through Flask-SocketIO's test client and plain threads.

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

from engineio.packet import MESSAGE, NOOP, Packet
from flask import Flask, current_app, has_app_context, request
from flask_socketio import SocketIO
from flask_wtf.csrf import validate_csrf
from socketio.packet import EVENT
from wtforms.validators import ValidationError

from miitti.foundation import access, acks, errors, gate, journal, lines
from miitti.foundation.access import Role

log = logging.getLogger("miitti.realtime")

MAX_MESSAGE = 16 * 1024
"""Bytes of one message. A question of 500 graphemes with its envelope stays below 8 KiB."""
MAX_QUEUE = 2_000
"""Packets waiting for one client before it is cut off; it comes back with its cursor."""
YIELD_EVERY = 500
"""Clients written to before others get their turn; 5 000 in one go hold everything for 30-60 ms."""
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


@dataclass(frozen=True, slots=True)
class Tick:
    """A small task every web process repeats."""

    seconds: float
    fn: Callable[[], None]


_handlers: dict[tuple[str, str], Handler] = {}
_ticks: list[Tick] = []
_gone: dict[str, list[Callable[[str], None]]] = {}
_last: SocketIO | None = None
_stopping = False


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


def every(seconds: float) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Declare `fn()` as a task each web process repeats every `seconds`, in an application context."""

    def declare(fn: Callable[[], None]) -> Callable[[], None]:
        _ticks.append(Tick(seconds, fn))
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
    for namespace in {namespace for namespace, _ in _handlers}:
        sockets.on("connect", namespace=namespace)(_connected)
        sockets.on("*", namespace=namespace)(_receiver(namespace))
        sockets.on("disconnect", namespace=namespace)(_leaver(namespace))
    _quiet_bad_messages(sockets)
    lines.guard(sockets.server.eio, MAX_MESSAGE)
    app.wsgi_app = gate.Gate(app.wsgi_app, gate.hosts(base_url))  # type: ignore[method-assign]
    _last = sockets
    return sockets


def _connected(auth: Any = None) -> bool:
    """Accept a connection; remember whether it showed the page's CSRF value."""
    auth = auth if isinstance(auth, dict) else {}
    request.environ["miitti.version"] = auth.get("v", PROTOCOL)
    access.forget_me()
    who = request.environ["miitti.who"] = access.me()
    request.environ["miitti.person"] = who.person
    token = auth.get("csrf")
    with contextlib.suppress(ValidationError):
        if isinstance(token, str) and token:
            validate_csrf(token)
            request.environ["miitti.csrf"] = True
    return True


def _receiver(namespace: str) -> Callable[..., acks.Answer]:
    def receive(event: str, *payload: Any) -> acks.Answer:
        return answer(namespace, event, payload)

    return receive


def _leaver(namespace: str) -> Callable[..., None]:
    def leave_all(*_reason: Any) -> None:
        for fn in _gone.get(namespace, ()):
            try:
                fn(sid())
            except Exception as error:
                log.error("closing a %s connection: %s", namespace, type(error).__name__)

    return leave_all


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
        access.forget_me()  # judged anew at every event, also where an outer context keeps its `g`
        data = acks.checked(payload)
        if request.environ.get("miitti.version") != PROTOCOL:
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


def sid() -> str:
    """The connection the running handler serves."""
    return cast(str, request.sid)  # type: ignore[attr-defined]


def proven() -> bool:
    """Whether this connection showed the page's CSRF value, without which it acts as nobody's staff."""
    return bool(request.environ.get("miitti.csrf"))


def query(name: str) -> str:
    """A value of the address the connection was opened with."""
    return request.args.get(name, "")


def join(audience: str) -> None:
    """Let the running handler's connection hear `audience`."""
    _sockets().server.enter_room(sid(), audience, namespace=request.namespace)  # type: ignore[attr-defined]


def leave(audience: str) -> None:
    """Stop the running handler's connection from hearing `audience`."""
    _sockets().server.leave_room(sid(), audience, namespace=request.namespace)  # type: ignore[attr-defined]


def emit(event: str, data: Any, namespace: str, audience: str) -> None:
    """Send `event` to everybody of this process who hears `audience`; other processes have their own journal tail."""
    server = _sockets().server
    hearers = list(server.manager.rooms.get(namespace, {}).get(audience, {}).values())
    if not hearers:
        return
    encoded = server.packet_class(EVENT, namespace=namespace, data=[event, data]).encode()
    packet = Packet(MESSAGE, encoded)
    frame = lines.text_frame(packet.encode().encode())
    noop = Packet(NOOP)
    for number, hearer in enumerate(hearers):
        connection = server.eio.sockets.get(hearer)
        line = getattr(connection, lines.NAME, None)
        if line is None or not line.push(connection, frame, noop):
            server._send_eio_packet(hearer, packet)
        if number % YIELD_EVERY == YIELD_EVERY - 1:
            server.sleep(0)


def audiences(namespace: str) -> list[str]:
    """The audiences somebody of this process hears just now, connections' own ones left out."""
    rooms = _sockets().server.manager.rooms.get(namespace, {})
    own = rooms.get(None, {})
    return [name for name in list(rooms) if isinstance(name, str) and name not in own]


def members(namespace: str, audience: str) -> list[str]:
    """The connections of this process that hear `audience`."""
    return list(_sockets().server.manager.rooms.get(namespace, {}).get(audience, {}))


def people(namespace: str, audience: str) -> list[access.Who]:
    """Who hears `audience` in this process, as they were when they connected; a revoked person is gone by then."""
    server = _sockets().server
    found = []
    for member in members(namespace, audience):
        who = (server.get_environ(member, namespace) or {}).get("miitti.who")
        if who is not None:
            found.append(who)
    return found


@contextlib.contextmanager
def acting_as(member: str, namespace: str) -> Iterator[None]:
    """Run a block as if connection `member` had sent something, so `access.me()` is its person."""
    environ = _sockets().server.get_environ(member, namespace)
    with current_app.request_context(environ):
        request.sid, request.namespace = member, namespace  # type: ignore[attr-defined]
        access.forget_me()
        try:
            yield
        finally:
            access.forget_me()


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
    gone = 0
    for namespace, rooms in list(server.manager.rooms.items()):
        for member in list(rooms.get(None, {})):
            if (server.get_environ(member, namespace) or {}).get("miitti.person") != person:
                continue
            for audience in list(server.rooms(member, namespace)):
                if audience != member:
                    server.leave_room(member, audience, namespace=namespace)
            server.disconnect(member, namespace)
            gone += 1
    return gone


def _sockets() -> SocketIO:
    if has_app_context():
        return cast(SocketIO, current_app.extensions["socketio"])
    if _last is None:
        raise RuntimeError("realtime.plug(app) has not been called")
    return _last


# -- serving -------------------------------------------------------------------------------------------------


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


def start(app: Flask) -> None:
    """Start this process's green tasks: the journal's tail and the rooms' ticks."""
    sockets: SocketIO = app.extensions["socketio"]

    sockets.start_background_task(journal.follow, app, app.config["MIITTI"], lambda: _stopping)
    for tick in [*_ticks, Tick(1.0, lambda: _cut_off_deaf(sockets))]:
        sockets.start_background_task(_repeat, app, sockets, tick)


def _repeat(app: Flask, sockets: SocketIO, tick: Tick) -> None:
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


def _cut_off_deaf(sockets: SocketIO) -> None:
    """Close clients that stopped reading; their queues would otherwise grow without bound."""
    for connection in list(sockets.server.eio.sockets.values()):
        if not connection.closed and connection.queue.qsize() > MAX_QUEUE:
            log.info("a client reads nothing; its connection is closed")
            connection.close(wait=False, abort=True)


def stop(app: Flask) -> None:
    """End this process's green tasks, tell every socket to come back in a moment, and end the connections."""
    global _stopping
    _stopping = True
    sockets: SocketIO = app.extensions["socketio"]
    for namespace in {namespace for namespace, _ in _handlers}:
        sockets.server.emit("bye", {"code": "restart", "retry_after_ms": 1000}, namespace=namespace)
    sockets.sleep(0.2)  # the writers put `bye` on the wire
    for connection in list(sockets.server.eio.sockets.values()):
        with contextlib.suppress(Exception):
            connection.close(wait=False)
    sockets.sleep(0.05)

"""Who is at the other end of a socket: what its handshake brought, read once and kept.

A socket's event has no request of its own. Building one for each, with its routing and its session, was a sixth of
the CPU of a join (measured with 1 000 clients); so an event runs in a plain application context, and what is asked of
the asker is answered from here.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from flask import Flask, g
from flask_wtf.csrf import validate_csrf
from itsdangerous import BadSignature
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_cookie
from wtforms.validators import ValidationError


@dataclass(slots=True)
class Caller:
    """One connection of one namespace."""

    app: Flask
    sid: str
    namespace: str
    environ: Mapping[str, Any]
    version: Any
    csrf: str
    """The page's CSRF value as the client gave it; `proven` judges it."""
    kept: Mapping[str, Any]
    """What the signed session cookie of the handshake held; empty without one."""
    query: Mapping[str, str]
    """The values of the address the connection was opened with."""
    who: Any = None
    """The `access.Who` at connect, for counting and finding people; every event asks anew."""
    _proven: bool | None = field(default=None)

    @property
    def proven(self) -> bool:
        """Whether the connection showed its page's CSRF value, without which it acts as nobody's staff."""
        if self._proven is None:
            self._proven = False
            if self.csrf:
                with self.app.request_context(dict(self.environ)), contextlib.suppress(ValidationError):
                    validate_csrf(self.csrf)
                    self._proven = True
        return self._proven

    def language(self, known: tuple[str, ...], of_person: str | None) -> str | None:
        """The language asked for in the address, chosen before, the person's own or the browser's, of those `known`."""
        for wish in (self.query.get("lang"), self.kept.get("lang"), of_person):
            if wish in known:
                return str(wish)
        accepted = parse_accept_header(self.environ.get("HTTP_ACCEPT_LANGUAGE"), LanguageAccept)
        return accepted.best_match(known)


def meet(app: Flask, sid: str, namespace: str, environ: Mapping[str, Any], auth: Any) -> Caller:
    """The caller of a fresh connection; `auth` is what the client gave with it."""
    auth = auth if isinstance(auth, dict) else {}
    token = auth.get("csrf")
    return Caller(
        app=app,
        sid=sid,
        namespace=namespace,
        environ=environ,
        version=auth.get("v", 1),
        csrf=token if isinstance(token, str) else "",
        kept=_session(app, environ.get("HTTP_COOKIE", "")),
        query={name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()},
    )


def _session(app: Flask, cookies: str) -> Mapping[str, Any]:
    value = parse_cookie(cookies).get(app.config["SESSION_COOKIE_NAME"])
    if not value:
        return {}
    signer = app.extensions.get("miitti_signer")
    if signer is None:  # the interface would make one for each reading
        signer = app.extensions["miitti_signer"] = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    try:
        found = signer.loads(value, max_age=int(app.permanent_session_lifetime.total_seconds()))
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def now() -> Caller | None:
    """The caller whose event is being carried out; None in a request, a job, a command."""
    caller: Caller | None = g.get("caller") if g else None
    return caller


@contextlib.contextmanager
def speaking(caller: Caller) -> Iterator[None]:
    """Run a block as one event of that caller, in an application context of its own."""
    with caller.app.app_context():
        g.caller = caller
        yield

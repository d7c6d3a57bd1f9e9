"""Pages made of several rooms: named places, the scripts and styles they bring, headers, and errors in words.

The lower room owns the address and leaves places; a higher room fills them. `app.py` decides who comes.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from miitti.foundation import access, compress, db, errors, forms, gate, language
from miitti.foundation.settings import Settings

log = logging.getLogger(__name__)

Part = Callable[..., "Markup | str"]
DeskLinks = Callable[[], "list[tuple[str, str, bool, str]]"]


class Number(IntegerConverter):
    """A row's number in an address. A larger one than a database can hold names nothing, so it is no address."""

    def __init__(self, addresses: Map, **limits: Any) -> None:
        super().__init__(addresses, **{"max": 2**31 - 1, **limits})


def number(name: str) -> int | None:
    """A row's number out of the query string, or None for what can't be one."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


STYLES_HERE = "<!--styles of the parts-->"
MAX_BODY = 2 * 1024 * 1024
"""Largest request body in bytes outside the upload route; a form with a text of a megabyte still gets its answer."""

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
"""The content security policy: nothing inline, nothing from elsewhere (CSP Level 3)."""


def fill(app: Flask, place: str, part: Part, *, order: int = 50) -> None:
    """Put what `part(**context)` renders into a named place; smaller `order` comes first."""
    parts = app.extensions.setdefault("miitti_places", {}).setdefault(place, [])
    parts.append((order, part))
    parts.sort(key=lambda pair: pair[0])


def place(name: str, **context: Any) -> Markup:
    """Everything the rooms have to say in a place. A part that breaks is left out, never the page."""
    pieces: list[str] = []
    for _order, part in current_app.extensions.get("miitti_places", {}).get(name, []):
        try:
            pieces.append(str(part(**context)))
        except errors.Problem as problem:
            log.warning("a part was left out: %s", type(problem).__name__, extra={"place": name})
    return Markup("\n".join(piece for piece in pieces if piece))  # noqa: S704 - parts render escaped templates


def facts(app: Flask, place: str, fact: Callable[..., Any]) -> None:
    """Register something that is not markup in a named place: a line of a list, a number."""
    app.extensions.setdefault("miitti_facts", {}).setdefault(place, []).append(fact)


def gather(name: str, **context: Any) -> list[Any]:
    """What the registered facts of a place say; a fact that gives a list adds all of it, None nothing."""
    found: list[Any] = []
    for fact in current_app.extensions.get("miitti_facts", {}).get(name, []):
        said = fact(**context)
        if isinstance(said, list):
            found.extend(said)
        elif said is not None:
            found.append(said)
    return found


def desk_link(app: Flask, link: Callable[[], Any], *, order: int = 50) -> None:
    """Add to the desk's navigation: `link()` gives one (label, url, badge), a list of them, or None."""
    links = app.extensions.setdefault("miitti_desk_links", [])
    links.append((order, link))
    links.sort(key=lambda pair: pair[0])


def desk_links() -> list[tuple[str, str, bool, str]]:
    """The desk's navigation: (label, address, whether one is there, badge)."""
    found: list[tuple[str, str, bool, str]] = []
    for _order, link in current_app.extensions.get("miitti_desk_links", []):
        said = link()
        for label, url, badge in said if isinstance(said, list) else [said] if said else []:
            found.append((str(label), url, request.path == url, str(badge or "")))
    return found


@cache
def _version(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """The address of a static file, changing with its content so that it may be cached for good."""
    path = Path(current_app.static_folder or "") / name
    try:
        return url_for("static", filename=name, v=_version(path, path.stat().st_mtime_ns))
    except FileNotFoundError:
        return url_for("static", filename=name)


def script(name: str) -> str:
    """Add a module of `static/js/` to the page being rendered, once."""
    wanted = g.setdefault("scripts", [])
    if name not in wanted:
        wanted.append(name)
    return ""


def style(name: str) -> str:
    """Add a sheet of `static/css/` to the page being rendered, once."""
    wanted = g.setdefault("styles", [])
    if name not in wanted:
        wanted.append(name)
    return ""


def page_scripts() -> Markup:
    """The modules the parts asked for."""
    return Markup("\n").join(
        Markup('<script type="module" src="{}"></script>').format(asset(f"js/{name}")) for name in g.get("scripts", [])
    )


def page_styles() -> Markup:
    """A mark in the head; the sheets the parts asked for take its place once the whole page is known."""
    return Markup(STYLES_HERE)  # noqa: S704 - a constant


def _sheets() -> str:
    return "\n".join(
        str(Markup('<link rel="stylesheet" href="{}">').format(asset(f"css/{name}"))) for name in g.get("styles", [])
    )


def language_links() -> list[tuple[str, str, str, bool]]:
    """This page in each language: (code, name, address, whether it is the present one)."""
    # after a failed POST the same address need not answer GET; the front page always does
    path = request.path if request.method in ("GET", "HEAD") else "/"
    rest = [(k, v) for k, v in request.args.items(multi=True) if k != "lang"] if path != "/" else []
    return [
        (code, name, f"{quote(path)}?{urlencode([*rest, ('lang', code)])}", code == language.current())
        for code, name in language.NAMES.items()
    ]


def absolute(path: str) -> str:
    """The public address of one of our paths."""
    settings: Settings = current_app.config["MIITTI"]
    return settings.base_url + path


def wants_json() -> bool:
    """Whether the answer should be JSON: asked for by name, or by a client that is no reader of pages."""
    if request.path.endswith(".json") or "Tus-Resumable" in request.headers:
        return True
    accept = request.accept_mimetypes
    return accept["application/json"] > accept["text/html"]


# -- errors ---------------------------------------------------------------------------------------------------

_HTTP: dict[int, Any] = {
    400: (_l("That request could not be understood"), errors.Problem),
    401: (_l("Sign in first"), errors.Unauthenticated),
    403: (_l("This can't be done now"), errors.Refused),
    404: (_l("There is no such page"), errors.NotFound),
    405: (_l("This can't be done here"), errors.Problem),
    409: (_l("Somebody was first"), errors.Conflict),
    410: (_l("This is no longer here"), errors.NotFound),
    411: (_l("The size was not told"), errors.Problem),
    413: (_l("That is too large"), errors.TooBig),
    415: (_l("This kind of content is not accepted"), errors.UnsupportedType),
    422: (_l("Something is missing or wrong"), errors.Invalid),
    429: (_l("Wait a moment"), errors.TooMany),
    500: (_l("Something broke on our side"), errors.Problem),
    503: (_l("Try again in a moment"), errors.Busy),
}
_BROKE = _l("It was not your fault, and it has been noted. Try again in a moment.")
_STALE = _l("The page had been open too long, or your browser keeps no cookies. Nothing was lost: send it again.")
_FOREIGN = _l("This was sent from another site, so it was not taken.")


def problem_response(problem: errors.Problem, *, resend: bool = True) -> Response:
    """A problem as a page, or as JSON where JSON was asked."""
    if isinstance(problem, errors.Unauthenticated) and not wants_json():
        target = request.full_path.rstrip("?") if request.method == "GET" else "/desk"
        response = make_response("", 303)
        response.headers["Location"] = f"/sign-in?{urlencode({'next': target})}"
        return response
    answer = _answer(problem.status, str(problem.message), code=problem.code, resend=resend, problem=problem)
    retry = getattr(problem, "retry_after", None)
    if retry is not None:
        answer.headers["Retry-After"] = str(max(1, int(-(-retry // 1))))
    return answer


def _answer(
    status: int, text: str, *, code: str, resend: bool = True, problem: errors.Problem | None = None
) -> Response:
    heading = _HTTP.get(status, _HTTP[400])[0]
    if wants_json():
        fields = {k: [str(m) for m in v] for k, v in getattr(problem, "fields", {}).items()}
        body = {
            "ok": False,
            "error": {"code": code, "message": text, **({"fields": fields} if fields else {})},
        }
        return Response(json.dumps(body, ensure_ascii=False) + "\n", status, mimetype="application/json")
    page = render_template(
        "error.html",
        heading=str(heading),
        explanation=text,
        kept=_typed() if status not in (404, 405) else [],
        resend=request.full_path.rstrip("?") if resend else None,
    )
    return make_response(page, status)


def _typed() -> list[tuple[str, str]]:
    """What a person had typed into the form that failed, so that nothing is lost."""
    if request.method != "POST" or request.mimetype not in (
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ):
        return []
    try:
        return [(name, text) for name, text in request.form.items(multi=True) if name != "csrf_token" and text]
    except HTTPException:
        return []  # too large to be read at all; the browser's back button still has it


def _on_problem(problem: errors.Problem) -> Response:
    return problem_response(problem)


def _on_csrf(error: CSRFError) -> Response:
    return _answer(400, str(_STALE), code="bad_request")


def _on_http(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    kind = _HTTP.get(status, _HTTP[400])[1]
    text = str(kind.default) if status != 500 else str(_BROKE)
    answer = _answer(status, text, code=kind.code if status != 500 else "internal")
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _on_database(error: OperationalError) -> Response:
    full = "full" in str(error.orig)
    if not (full or db.is_busy(error)):
        log.exception("the database failed")
    return problem_response(errors.Busy())


def _on_anything(error: Exception) -> Response:
    log.exception("a page broke")
    db.session().rollback()
    return _answer(500, str(_BROKE), code="internal")


# -- plugging in ----------------------------------------------------------------------------------------------


def plug(app: Flask, settings: Settings) -> None:
    """Give the application its headers, template words, CSRF, origin check and errors."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        SESSION_COOKIE_NAME="miitti",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        PERMANENT_SESSION_LIFETIME=60 * 60 * 24 * 31,
        SESSION_REFRESH_EACH_REQUEST=False,  # else shared bytes would carry a cookie
        WTF_CSRF_TIME_LIMIT=None,  # a live page is open for hours
        WTF_CSRF_SSL_STRICT=False,  # our own check of the origin stands below
        SEND_FILE_MAX_AGE_DEFAULT=60 * 60,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.url_map.converters["int"] = Number
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    forms.csrf.init_app(app)
    origins = frozenset(gate.origins(settings.base_url))

    @app.before_request
    def _own_origin() -> Response | None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return None
        origin = request.headers.get("Origin")
        if origin not in (None, *origins) or request.headers.get("Sec-Fetch-Site") == "cross-site":
            return problem_response(errors.Refused(_FOREIGN), resend=False)
        return None

    # the origin is looked at before the CSRF value, so that a foreign page never gets a form to send again
    app.before_request_funcs[None].insert(0, app.before_request_funcs[None].pop())
    app.jinja_env.globals.update(
        place=place,
        gather=gather,
        asset=asset,
        page_scripts=page_scripts,
        page_styles=page_styles,
        page_script=script,
        page_style=style,
        language_links=language_links,
        desk_links=desk_links,
        absolute=absolute,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def _always() -> dict[str, Any]:
        return {"lang": language.current(), "me": access.me(), "wants_json": wants_json, "_": _}

    app.after_request(_finish)
    app.register_error_handler(errors.Problem, _on_problem)
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(OperationalError, _on_database)
    app.register_error_handler(Exception, _on_anything)


def _finish(response: Response) -> Response:
    if response.mimetype == "text/html" and not response.direct_passthrough:
        text = response.get_data(as_text=True)
        if STYLES_HERE in text:
            response.set_data(text.replace(STYLES_HERE, _sheets(), 1))
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(("Cookie", "Accept-Language"))
    policy = {**POLICY, **g.get("policy", {})}
    sockets = urlsplit(current_app.config["MIITTI"].base_url)
    scheme = "wss" if sockets.scheme == "https" else "ws"
    policy["connect-src"] += f" {scheme}://{request.host}"
    headers = response.headers
    headers.setdefault("Content-Security-Policy", "; ".join(f"{k} {v}" for k, v in policy.items()))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), browsing-topics=()")
    if sockets.scheme == "https":
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static" and "v" in request.args and response.status_code == 200:
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return compress.compressed(response)

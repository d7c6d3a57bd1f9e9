"""The demo's pages: the letters that were sent. Plugged in only where the program runs as a demo."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, Response, render_template

from miitti.demo import mailbox
from miitti.foundation import access, errors, settings
from miitti.foundation.access import Role

blueprint = Blueprint("demo", __name__)


def plug(app: Flask) -> None:
    """Add the pages to an application that runs as a demo."""
    app.register_blueprint(blueprint)


def _folder() -> Path:
    return settings.current().data / "mail"


@blueprint.get("/demo/mail")
@access.allow(Role.VISITOR)
def letters() -> str:
    """Every letter that was sent, the newest first."""
    return render_template("demo/letters.html", letters=mailbox.letters(_folder()))


@blueprint.get("/demo/mail/<name>")
@access.allow(Role.VISITOR)
def letter(name: str) -> str:
    """One letter: its words, its HTML half in a closed frame, what came with it."""
    return render_template("demo/letter.html", letter=mailbox.letter(_folder(), name))


@blueprint.get("/demo/mail/<name>/html")
@access.allow(Role.VISITOR)
def letter_html(name: str) -> Response:
    """The HTML half by itself, for the frame: no scripts, nothing from elsewhere, an origin of its own."""
    kept = mailbox.letter(_folder(), name)
    if not kept.html:
        raise errors.NotFound
    response = Response(kept.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
    )
    return response

"""What visitors see and take along from a booth's table."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, g, render_template, send_file
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.foundation import access, errors, pages, storage
from miitti.foundation.access import Role
from miitti.materials import actions, queries
from miitti.materials.models import Material
from miitti.materials.states import Kind

blueprint = Blueprint("materials", __name__)


def plug(app: Flask) -> None:
    """Put the materials under the booth's jobs."""
    pages.fill(app, "booth.main", _table, order=35)
    app.jinja_env.filters["photo"] = photo
    app.jinja_env.filters["host"] = lambda url: urlsplit(url).hostname or ""


def photo(material: Material) -> str:
    """The address of a photo."""
    return storage.signed(f"{actions.FOLDER}/{material.file}")


@blueprint.get("/miitti/<slug>/booths/<booth>/materials/<int:material_id>")
@access.allow(Role.VISITOR)
def paper(slug: str, booth: str, material_id: int) -> Response:
    """A paper, as a download: what is in a stranger's PDF is not run on our address."""
    event = events.seen(slug, access.me())
    found = queries.in_booth(material_id, booths.by_slug(event.id, booth).id)
    if found.kind is not Kind.PAPER:
        raise errors.NotFound
    g.setdefault("policy", {})["sandbox"] = ""
    path = storage.place(actions.FOLDER, found.file)
    name = "".join(c if c.isalnum() or c in " -" else "-" for c in found.title)[:80].strip() or "miitti"
    return send_file(path, mimetype="application/pdf", as_attachment=True, download_name=f"{name}.pdf")


def _table(**ctx: Any) -> Markup | str:
    booth: Booth = ctx["booth"]
    found = queries.of_booth(booth.id)
    if not found:
        return ""
    page = render_template("materials/table.html", event=ctx["event"], booth=booth, materials=found)
    return Markup(page)  # noqa: S704 - our own template

"""The materials' part of a booth's desk page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import access, errors, pages
from miitti.materials import actions, queries, states
from miitti.materials.forms import MaterialForm

blueprint = Blueprint("materials_desk", __name__, url_prefix="/desk/booths/<event>/<booth>/materials")


def plug(app: Flask) -> None:
    """Put what lies on the booth on its desk page."""
    pages.fill(app, "desk.booth", _of_booth, order=30)


@blueprint.route("", methods=["GET", "POST"])
@access.allow(*access.EDITORS)
def add(event: str, booth: str) -> str | tuple[str, int] | Response:
    """Lay out a photo, a paper or a link; what is typed stays when something in it can't be used."""
    found, its_event = booths.editable(event, booth, access.me())
    if request.method != "POST":
        return _page(its_event, found, MaterialForm())
    form = MaterialForm.sent()
    sent = request.files.get("file")
    content = sent.read(states.FILE_BYTES + 1) if sent else b""
    try:
        form.check()
        title, url = form.title.data or "", form.url.data or ""
        if url and not content:
            actions.add_link(booth_id=found.id, title=title, url=url)
        else:
            actions.add_file(booth_id=found.id, title=title, content=content)
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return _page(its_event, found, form), 422
    flash(_("Saved. Visitors see it now."), "done")
    return redirect(url_for("materials_desk.add", event=event, booth=booth), 303)


@blueprint.post("/<int:material_id>/remove")
@access.allow(*access.EDITORS)
def remove(event: str, booth: str, material_id: int) -> Response:
    """Take one away."""
    found, _its_event = booths.editable(event, booth, access.me())
    actions.remove(material_id=material_id, booth_id=found.id)
    flash(_("Taken away."), "done")
    return redirect(url_for("materials_desk.add", event=event, booth=booth), 303)


def _page(event: Event, booth: Booth, form: MaterialForm) -> str:
    return render_template(
        "materials/edit.html", event=event, booth=booth, form=form, materials=queries.of_booth(booth.id)
    )


def _of_booth(**ctx: Any) -> Markup:
    booth: Booth = ctx["booth"]
    page = render_template(
        "materials/desk.html", event=ctx["event"], booth=booth, number=len(queries.of_booth(booth.id))
    )
    return Markup(page)  # noqa: S704 - our own template

"""The signed-in page for the phone: one big field for each thing to ask."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.booths import queries as booths
from miitti.dictation import actions, forms
from miitti.foundation import access, errors, pages

blueprint = Blueprint("dictation_desk", __name__, url_prefix="/desk/booths/<event>/<booth>/dictation")

TEXTS = ("sentence_fi", "text_fi", "municipality", "shift_fi", "start_fi")


def plug(app: Flask) -> None:
    """Lead there from the page of a booth that somebody works on for its company."""
    pages.fill(app, "desk.booth", _link, order=5)


@blueprint.route("", methods=["GET", "POST"])
@access.allow(*access.EDITORS)
def write(event: str, booth: str) -> str | tuple[str, int] | Response:
    """Ask on the phone and write down what is said; nothing typed is lost by an error."""
    found, its_event = booths.editable(event, booth, access.me())
    form = forms.Dictation.sent() if request.method == "POST" else forms.Dictation(obj=found)
    if request.method != "POST":
        return render_template("dictation/write.html", event=its_event, booth=found, form=form)
    try:
        form.check()
        actions.take_down(
            booth_id=found.id,
            texts={name: form[name].data or "" for name in TEXTS},
            title=form.title_fi.data or "",
            pay_min=form.pay_min.data,
            pay_max=form.pay_max.data,
            unit=form.pay_unit.data,
        )
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return render_template("dictation/write.html", event=its_event, booth=found, form=form), 422
    flash(_("Saved. Visitors see it now."), "done")
    return redirect(url_for("booths_desk.edit", event=event, booth=booth), 303)


def _link(**ctx: Any) -> Markup | str:
    booth, event = ctx["booth"], ctx["event"]
    if not access.me().acts_for(booth.organisation_id):
        return ""
    page = render_template("dictation/link.html", booth=booth, event=event)
    return Markup(page)  # noqa: S704 - our own template

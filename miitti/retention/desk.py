"""On each of the company's leads: until when it stays, and the hold."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from miitti.foundation import access, pages
from miitti.foundation.access import Role
from miitti.leads.queries import Whole
from miitti.retention import actions, queries, states

blueprint = Blueprint("retention_desk", __name__)


def plug(app: Flask) -> None:
    """Put the date on each card."""
    pages.fill(app, "lead.card", _card, order=30)


@blueprint.post("/desk/leads/<reference>/hold")
@access.allow(Role.COMPANY)
def hold(reference: str) -> Answer:
    """Hold a lead with a reason, or let it go."""
    if request.form.get("release"):
        actions.release(reference=reference, who=access.me())
    else:
        actions.hold(reference=reference, reason=request.form.get("reason", ""), who=access.me())
    flash(_("Saved."), "done")
    return redirect(url_for("leads_desk.leads", _anchor=reference), 303)


def _card(*, whole: Whole, leads: list[Whole], **_ctx: object) -> Markup:
    if "holds" not in g:
        g.holds = queries.holds([one.lead.id for one in leads])
    page = render_template(
        "retention/card.html", whole=whole, held=g.holds.get(whole.lead.id), most=states.REASON_LENGTH
    )
    return Markup(page)  # noqa: S704 - our own template

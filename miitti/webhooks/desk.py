"""The signed-in page on which a company points its webhook, changes its secret, and reads the log."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from miitti.foundation import access, errors, pages
from miitti.foundation.access import Power
from miitti.leads.web import private
from miitti.webhooks import actions, queries, states

blueprint = Blueprint("webhooks_desk", __name__)

SENT_WORDS = {
    states.Sent.WAITING: _l("on its way"),
    states.Sent.DELIVERED: _l("delivered"),
    states.Sent.FAILED: _l("failed"),
}


def plug(app: Flask) -> None:
    """Lead there from the company's list."""
    pages.fill(app, "lead.desk", _link, order=50)


@blueprint.get("/desk/webhooks")
@access.allow(*access.holders(Power.READ_LEADS))
def webhooks() -> Response:
    """Address, secret and log of each of one's companies."""
    return _page({})


@blueprint.post("/desk/webhooks")
@access.allow(*access.holders(Power.READ_LEADS))
def change() -> Answer:
    """Point it, change the secret, send a test, or send a message again."""
    organisation_id = request.form.get("company", type=int) or 0
    who = access.me()
    asked = request.form.get("do", "")
    try:
        if asked == "point":
            actions.point(organisation_id=organisation_id, url=request.form.get("url", ""), who=who)
        elif asked == "secret":
            actions.change_secret(organisation_id=organisation_id, who=who)
        elif asked == "test":
            actions.test(organisation_id=organisation_id, who=who)
        elif asked == "replay":
            message_id = request.form.get("message", "")
            actions.replay(organisation_id=organisation_id, message_id=message_id, who=who)
        else:
            raise errors.Invalid(_("Choose one of the buttons on the page."), field="do")
    except errors.Invalid as problem:
        typed = {organisation_id: (request.form.get("url", ""), next(iter(problem.fields.values()))[0])}
        return make_response(_page(typed), 422)
    flash(_("Saved."), "done")
    return redirect(url_for("webhooks_desk.webhooks"), 303)


def _page(wrong: dict[int, tuple[str, object]]) -> Response:
    page = render_template(
        "webhooks/desk.html",
        heading=_("Contacts to your own system"),
        companies=queries.companies(access.me()),
        wrong=wrong,
        sent_words=SENT_WORDS,
    )
    return private(make_response(page))


def _link(**_ctx: object) -> Markup:
    return Markup(render_template("webhooks/link.html"))  # noqa: S704 - our own template

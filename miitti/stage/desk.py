"""The signed-in edge of the stage: a host runs the show."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from miitti.events import queries as events
from miitti.foundation import access, errors, pages
from miitti.foundation.access import Role
from miitti.stage import actions, states

blueprint = Blueprint("stage_desk", __name__)


def plug(app: Flask) -> None:
    """Put the way to the questions on a host's event page."""
    pages.facts(app, "desk.links", _questions)


@blueprint.post("/desk/events/<slug>/stage")
@access.allow(Role.ORGANISER, Role.COHOST)
def run(slug: str) -> Response:
    """Do what the host tells the stage: `action` is live, playlist, slate or end."""
    event = events.hosted(slug, access.me())
    asked = request.form.get("action", "")
    if asked not in list(states.Turn):
        raise errors.Invalid(_("Choose one of the buttons on the page."), field="action")
    actions.run(event_id=event.id, turn=states.Turn(asked))
    if pages.wants_json():
        return jsonify(ok=True, doors=events.doors(events.by_id(event.id)))
    flash(_("Done. Visitors see it now."), "done")
    return redirect(url_for("events_desk.event", slug=slug), 303)


def _questions(**ctx: Any) -> dict[str, str]:
    return {
        "title": _("Questions of the broadcast"),
        "note": _("Approve, choose what is answered next, hide"),
        "url": url_for("questions_desk.queue", slug=ctx["event"].slug),
    }

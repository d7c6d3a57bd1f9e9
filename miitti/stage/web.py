"""Public edges of the stage: the live stream's address and what the event page shows in its place."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, make_response, render_template
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, pages
from miitti.foundation.access import Role
from miitti.stage import states
from miitti.videos import queries as videos

blueprint = Blueprint("stage", __name__)


def plug(app: Flask) -> None:
    """Put a slate where there is nothing to play, and a first look on the teaser.

    While the doors are live or over, the companies' videos themselves are put there by the videos room.
    """
    pages.fill(app, "event.hero", _hero, order=10)
    pages.fill(app, "event.poster", _poster, order=10)


@blueprint.get("/live/<slug>/main.m3u8")
@access.allow(Role.VISITOR)
def playlist(slug: str) -> Response:
    """The live stream. Nothing is sent yet, so a known event answers 503 and when to ask again."""
    events.seen(slug, access.me())
    answer = make_response(_("The broadcast has not started.") + "\n", 503)
    answer.headers["Retry-After"] = str(states.RETRY_S)
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    answer.cache_control.no_store = True
    return answer


def _hero(**ctx: Any) -> Markup | str:
    event: Event = ctx["event"]
    doors = ctx["doors"]
    films = videos.playable_of_event(event.id)
    if doors in (Doors.DRAFT, Doors.OPEN):
        if not films:
            return ""
        video, booth = films[0]
        return _written("stage/look.html", event=event, booth=booth, poster=videos.address(video, videos.POSTER))
    if films or doors is not Doors.LIVE:
        return ""
    return _written("stage/slate.html", event=event)


def _poster(**ctx: Any) -> Markup | str:
    """The first company's picture on the event's card of the front page."""
    event: Event = ctx["event"]
    url = next(iter(videos.posters(event.id).values()), "")
    return _written("stage/poster.html", url=url) if url else ""


def _written(template: str, **values: Any) -> Markup:
    return Markup(render_template(template, **values))  # noqa: S704 - our own templates

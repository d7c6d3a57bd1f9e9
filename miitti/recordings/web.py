"""Public edge of recordings: the player with chapters on the event's page, captions, and a lasting address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, redirect, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, errors, language, pages
from miitti.foundation.access import Role
from miitti.recordings import queries
from miitti.recordings.queries import Shown
from miitti.stage import web as stage_web
from miitti.videos import queries as videos
from miitti.videos import states as video_states
from miitti.videos import web as videos_web

blueprint = Blueprint("recordings", __name__)


def plug(app: Flask) -> None:
    """Put the recording where the show was."""
    pages.fill(app, "event.hero", _hero, order=5)
    pages.facts(app, "question.moments", _moments)


def _moments(*, event: Event, **_ctx: Any) -> list[tuple[str, dict[str, str]]]:
    """Where in the recording each question is answered: (its id, address and time as words)."""
    shown = queries.of_event(event.id) if events.doors(event) is Doors.OVER else None
    if shown is None or shown.hidden:
        return []
    page = url_for("events.page", slug=event.slug)
    return [
        (each["id"], {"url": f"{page}#t={int(each['at'])}", "time": video_states.clock(each["at"])})
        for each in queries.chapters(event, shown)
        if each["id"]
    ]


@blueprint.get("/miitti/<slug>/recording/main.m3u8")
@access.allow(Role.VISITOR)
def playlist(slug: str) -> Answer:
    """The lasting address of an event's recording: leads to what is served now."""
    answer = redirect(_seen(slug).playlist, 302)
    answer.cache_control.no_store = True
    return answer


@blueprint.get("/miitti/<slug>/recording/<any(fi, sv, en):code>.vtt")
@access.allow(Role.VISITOR)
def captions(slug: str, code: str) -> Response:
    """The captions of a recording in one language."""
    found = queries.caption(_seen(slug).event_id, code)
    if found is None:
        raise errors.NotFound
    answer = Response(found.vtt, mimetype=videos_web.TYPES["vtt"])
    answer.headers["Cache-Control"] = "no-cache"
    answer.add_etag()
    return answer


def _seen(slug: str) -> Shown:
    """The recording when the one who asks may see it. Raises NotFound."""
    event = events.seen(slug, access.me())
    shown = queries.of_event(event.id)
    if shown is None or (shown.hidden and not access.me().may(*access.HOSTS, event_id=event.id)):
        raise errors.NotFound
    return shown


def _hero(**ctx: Any) -> Markup | str:
    event: Event = ctx["event"]
    shown = queries.of_event(event.id) if ctx["doors"] is Doors.OVER else None
    if shown is None:
        return ""
    return stage_web.films(event) if shown.hidden else player(event, shown)


def player(event: Event, shown: Shown) -> Markup:
    """The recording with its chapters, as visitors see it."""
    title = language.pick(event, "title")
    film = {
        "id": f"recording-{shown.folder}",
        "title": title,
        "src": shown.playlist,
        "audio": shown.sound,
        "poster": next(iter(videos.posters(event.id).values()), ""),
        "seconds": shown.seconds,
        "captions": [
            {
                "lang": caption.language,
                "label": language.NAMES[caption.language],
                "src": url_for("recordings.captions", slug=event.slug, code=caption.language),
            }
            for caption in sorted(queries.captions(event.id), key=lambda c: c.language != language.current())
        ],
    }
    seen = videos_web.player([film], _("The recording of %(name)s", name=title), night=True)
    pages.script("recordings/chapters.js")
    text = render_template("recordings/recording.html", player=seen, chapters=queries.chapters(event, shown))
    return Markup(text)  # noqa: S704 - our own template

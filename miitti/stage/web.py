"""Public edges of the stage: the live stream's address, who watches, and what the event page shows in its place."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, gate, language, limits, pages, settings
from miitti.foundation.access import Role
from miitti.stage import actions, queries, states
from miitti.stage.states import Air
from miitti.videos import queries as videos
from miitti.videos import web as videos_web

blueprint = Blueprint("stage", __name__)


def plug(app: Flask) -> None:
    """Put the show where people look: a first look on the teaser, the player while it is live."""
    pages.fill(app, "event.hero", _hero, order=10)
    pages.fill(app, "event.notice", _notice)
    pages.fill(app, "event.poster", _poster, order=10)


# -- the stream -----------------------------------------------------------------------------------------------


@blueprint.get("/live/<slug>/main.m3u8")
@access.allow(Role.VISITOR)
def playlist(slug: str) -> Response:
    """The live stream: leads to the stage's own address, or says when to ask again while nothing plays."""
    return _lead(slug, "main")


@blueprint.get("/live/<slug>/audio.m3u8")
@access.allow(Role.VISITOR)
def sound(slug: str) -> Response:
    """The sound of the live stream alone."""
    return _lead(slug, "audio")


def _lead(slug: str, name: str) -> Response:
    event = events.seen(slug, access.me())
    if events.doors(event) is Doors.LIVE and queries.on_air(event.id) is not Air.NOTHING:
        query = f"?{request.query_string.decode()}" if request.query_string else ""
        answer = redirect(f"{origin()}/live/{slug}/{name}.m3u8{query}", 307)
        answer.cache_control.no_store = True
        return answer
    waiting = make_response(_("The broadcast has not started.") + "\n", 503)
    waiting.headers["Retry-After"] = str(states.RETRY_S)
    waiting.headers["Content-Type"] = "text/plain; charset=utf-8"
    waiting.cache_control.no_store = True
    return waiting


def origin() -> str:
    """The stage's address as the one who asks reaches it: on loopback by the name they used themselves."""
    current = settings.current()
    named = urlsplit(f"//{request.host}").hostname or ""
    parts = urlsplit(current.stage_origin)
    if current.stage_url is not None or not (gate.loopback(named) and gate.loopback(parts.hostname or "")):
        return current.stage_origin
    return f"{parts.scheme}://{f'[{named}]' if ':' in named else named}:{parts.port}"


@blueprint.post("/miitti/<slug>/watching")
@access.allow(Role.VISITOR)
def watching(slug: str) -> Response:
    """A player says that somebody watches; it keeps saying so. Who it is, is not kept."""
    event = events.seen(slug, access.me())
    visitor = access.me().visitor
    limits.take(f"watching:{visitor or limits.address()}", burst=6, per_s=0.2)
    if visitor is not None and events.doors(event) is Doors.LIVE:
        actions.watch(event_id=event.id, visitor=visitor)
    return make_response("", 204)


@blueprint.get("/miitti/<slug>/notice.json")
@access.allow(Role.VISITOR)
def notice(slug: str) -> Response:
    """What the host says to everybody just now, for pages whose connection was away for a moment."""
    event = events.seen(slug, access.me())
    answer = jsonify(queries.notice(queries.of_event(event.id)))
    answer.cache_control.no_store = True
    return answer


# -- the event's page -----------------------------------------------------------------------------------------


def _hero(**ctx: Any) -> Markup | str:
    event: Event = ctx["event"]
    match ctx["doors"]:
        case Doors.LIVE:
            return _live(event)
        case Doors.OVER:
            # what is made of the recording is the recordings' to say
            return "" if queries.recording(event.id) else films(event)
        case _:
            first = videos.playable_of_event(event.id)[:1]
            if not first:
                return ""
            video, booth = first[0]
            return _written("stage/look.html", event=event, booth=booth, poster=videos.card(video))


def _live(event: Event) -> Markup:
    """The player of the broadcast; while there is none it plays the companies' videos by itself."""
    shown = [videos_web.shown(video, booth) for video, booth in videos.playable_of_event(event.id)]
    if not shown and queries.on_air(event.id) is Air.NOTHING:
        return _written("stage/slate.html", event=event)
    allow_stage()
    stream = {
        "src": url_for("stage.playlist", slug=event.slug),
        "audio": url_for("stage.sound", slug=event.slug),
        "watching": url_for("stage.watching", slug=event.slug),
    }
    shown = shown or [{"title": "", "src": "", "audio": "", "poster": "", "captions": []}]
    name = _("The broadcast of %(name)s", name=language.pick(event, "title"))
    return videos_web.player(shown, name, night=True, live=stream)


def films(event: Event) -> Markup | str:
    """The companies' videos one after another, where there is no broadcast and no recording."""
    found = [videos_web.shown(video, booth) for video, booth in videos.playable_of_event(event.id)]
    return videos_web.player(found, _("The companies' videos one after another"), night=True) if found else ""


def allow_stage() -> None:
    """Let the page being made fetch from the stage's address."""
    policy = g.setdefault("policy", {})
    for name in ("connect-src", "media-src"):
        policy[name] = f"{policy.get(name, pages.POLICY[name])} {origin()}"


def _notice(*, event: Event, **_ctx: Any) -> Markup:
    """What the host says to everybody, above the event's page."""
    said = queries.notice(queries.of_event(event.id))
    return _written("stage/notice.html", event=event, text=said["text"], at=said["at"])


def _poster(**ctx: Any) -> Markup | str:
    """The first company's picture on the event's card of the front page."""
    event: Event = ctx["event"]
    url = next(iter(videos.posters(event.id).values()), "")
    return _written("stage/poster.html", url=url) if url else ""


def _written(template: str, **values: Any) -> Markup:
    return Markup(render_template(template, **values))  # noqa: S704 - our own templates

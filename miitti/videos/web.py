"""Public edge of the videos: the player in booths and events, captions, and the files behind signed addresses."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, Response, g, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, db, errors, language, pages, storage, webvtt
from miitti.foundation.access import Role
from miitti.videos import queries, states
from miitti.videos.models import Video
from miitti.videos.states import SEEN

blueprint = Blueprint("videos", __name__)

SERVED = ("videos/", "stage/", "logos/", "materials/")
"""Folders of which signed addresses open something: films, recordings of shows, logos, photos. Never `private/`."""

TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "mp4": "video/mp4",
    "m4s": "video/iso.segment",
    "vtt": "text/vtt",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "json": "application/json",
}
"""What is served, by the ending of its name; nothing else leaves the media folder."""


def plug(app: Flask) -> None:
    """Put the player into booths, and posters onto the hall's cards; the event's page belongs to the stage."""
    pages.fill(app, "booth.video", _of_booth)
    pages.fill(app, "hall.poster", _poster)


# -- files ---------------------------------------------------------------------------------------------------


@blueprint.get("/media/s/<int:expires>/<signature>/<path:path>")
@access.allow(Role.VISITOR)
def media(expires: int, signature: str, path: str) -> Response:
    """A stored file, in parts where they are asked for. A segment never changes; a playlist may."""
    kind = TYPES.get(path.rpartition(".")[2])
    if kind is None or not path.startswith(SERVED):
        raise errors.NotFound
    found = storage.opened(expires, signature, path)
    answer = send_file(found, mimetype=kind, conditional=True, max_age=0)
    answer.headers.pop("Content-Disposition", None)
    if path.endswith(".m3u8"):
        answer.headers["Cache-Control"] = "no-cache"
    else:
        answer.headers["Cache-Control"] = "public, max-age=86400, immutable"
    return answer


@blueprint.get("/media/videos/<video_id>/main.m3u8")
@access.allow(Role.VISITOR)
def stream(video_id: str) -> Answer:
    """The lasting address of a video: leads to the edition served now."""
    return _to(video_id, queries.MASTER)


@blueprint.get("/media/videos/<video_id>/audio.m3u8")
@access.allow(Role.VISITOR)
def stream_sound(video_id: str) -> Answer:
    """The lasting address of a video's sound alone."""
    return _to(video_id, queries.SOUND)


def _to(video_id: str, name: str) -> Answer:
    answer = redirect(queries.address(_seen(video_id), name), 302)
    answer.cache_control.no_store = True
    return answer


@blueprint.get("/media/videos/<video_id>/<any(fi, sv, en):code>.vtt")
@access.allow(Role.VISITOR)
def captions(video_id: str, code: str) -> Response:
    """A video's captions in one language."""
    video = _seen(video_id)
    for caption in queries.captions(video.id):
        # A draft nobody has read is for its own people's eyes only.
        if caption.language == code and (not caption.draft or _own(video)):
            answer = Response(caption.vtt, mimetype=TYPES["vtt"])
            answer.headers["Cache-Control"] = "no-cache"
            answer.add_etag()
            return answer
    raise errors.NotFound


def _seen(video_id: str) -> Video:
    """The video when the one who asks may see its event and there is something to see. Raises NotFound."""
    video = queries.by_id(video_id)
    if video is None or video.state not in SEEN or not video.edition:
        raise errors.NotFound
    booth = db.row(Booth, video.booth_id)
    if not booths.may_edit(booth, access.me()):
        if video.replaces:
            raise errors.NotFound
        events.seen(db.row(Event, booth.event_id).slug, access.me())
    return video


def _own(video: Video) -> bool:
    return booths.may_edit(db.row(Booth, video.booth_id), access.me())


# -- the player ----------------------------------------------------------------------------------------------


def shown(video: Video, booth: Booth, *, drafts: bool = False) -> dict[str, Any]:
    """What the player is told of one video; plain values, so that it can stand in the page as JSON."""
    codes = [caption.language for caption in queries.captions(video.id) if drafts or not caption.draft]
    return {
        "id": video.id,
        "title": booth.name,
        "src": url_for("videos.stream", video_id=video.id),
        "audio": url_for("videos.stream_sound", video_id=video.id) if video.sound else "",
        "poster": queries.poster(video),
        "small": queries.card(video),
        "seconds": video.duration_s or 0,
        "chapters": (video.chapters or {}).get("list", []),
        "board": video.board and {**video.board, "src": queries.address(video, queries.BOARD)},
        "captions": [
            {
                "lang": code,
                "label": language.NAMES[code],
                "src": url_for("videos.captions", video_id=video.id, code=code),
            }
            for code in sorted(codes, key=lambda code: (code != language.current(), code))
        ],
    }


def player(
    films: list[dict[str, Any]], name: str, *, night: bool = False, live: dict[str, str] | None = None
) -> Markup:
    """The one player, for one video or several one after another. `name` is what a screen reader calls it.

    `live` gives the addresses of a broadcast (`src`, `audio`, and `watching` to tell that somebody watches); it is
    played while it is there, and the films when it is not.
    """
    pages.script("videos/player.js")
    pages.style("videos.css")
    given = {"films": films, "films_json": json.dumps(films), "name": name, "night": night, "live": live}
    text = render_template("videos/player.html", **given)
    return Markup(text)  # noqa: S704 - a rendered template of ours


def transcript(videos: list[Video]) -> Markup:
    """What is said in the videos, to be read and searched: in the reader's language, or the first there is."""
    found = []
    for video in videos:
        ready = {caption.language: caption for caption in queries.captions(video.id) if not caption.draft}
        code = next((code for code in (language.current(), "fi", "sv", "en") if code in ready), None)
        if code is not None:
            cues = [(states.clock(c.begin), int(c.begin), webvtt.plain(c.text)) for c in webvtt.cues(ready[code].vtt)]
            found.append((video.id, code, cues))
    text = render_template("videos/transcript.html", texts=found) if found else ""
    return Markup(text)  # noqa: S704 - a rendered template of ours


def _of_booth(**ctx: Any) -> Markup | str:
    booth: Booth = ctx["booth"]
    videos = queries.seen_of_booth(booth.id)
    if not videos:
        return ""
    films = [shown(video, booth) for video in videos]
    return player(films, _("Video of %(name)s", name=booth.name)) + transcript(videos)


def _poster(**ctx: Any) -> Markup | str:
    booth: Booth = ctx["booth"]
    known: dict[int, dict[int, Video]] = g.setdefault("posters", {})
    if booth.event_id not in known:
        known[booth.event_id] = queries.firsts(booth.event_id)
    video = known[booth.event_id].get(booth.id)
    text = render_template("videos/card.html", src=queries.card(video), srcset=queries.widths(video)) if video else ""
    return Markup(text)  # noqa: S704 - a rendered template of ours

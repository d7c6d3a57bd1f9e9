"""Signed-in pages of the videos: a booth's videos, their state as JSON, captions, and uploads by tus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import access, clock, errors, language, pages
from miitti.videos import actions, arrivals, forms, queries, states, uploads
from miitti.videos.models import Video
from miitti.videos.states import Reason, State
from miitti.videos.uploads import EDITORS
from miitti.videos.web import player, shown

blueprint = Blueprint("videos_desk", __name__, url_prefix="/desk")

REASONS = {
    Reason.EMPTY: arrivals.EMPTY,
    Reason.NOT_A_VIDEO: _l("This file is not a video. Choose a file your phone or camera filmed, such as MP4 or MOV."),
    Reason.NO_PICTURE: _l("There is only sound in this file, no picture. Choose the video itself."),
    Reason.CODEC: _l(
        "This kind of video can't be read here. Save it as MP4 (H.264) in the program it was made with "
        "and send it again."
    ),
    Reason.DAMAGED: _l(
        "The file is damaged: a part of the video is missing. Copy it from the camera or phone again and send it anew."
    ),
    Reason.TOO_MANY_PIXELS: _l(
        "The picture is too large: at most 8K, or 5K in HDR, is taken. Save the video in Full HD and send it again."
    ),
    Reason.TOO_LONG: _l("The video is longer than an hour. Cut it shorter; two minutes is what most people watch."),
    Reason.TOO_LARGE: arrivals.TOO_LARGE,
    Reason.OUR_FAULT: _l(
        "The video could not be made ready. It is not your fault; the organiser sees it. Sending it again may help."
    ),
}
"""Why nothing can be made of a file, and what to do about it."""


def plug(app: Flask) -> None:
    """Put the video on a booth's list of what is ready."""
    pages.fill(app, "ready", _ready, order=10)
    pages.facts(app, "audit.names", queries.names)
    app.register_blueprint(uploads.blueprint)


# -- the page ------------------------------------------------------------------------------------------------


@blueprint.get("/booths/<event>/<booth>/video")
@access.allow(*EDITORS)
def page(event: str, booth: str) -> str:
    """A booth's videos, and the place to send one."""
    found, its_event = booths.editable(event, booth, access.me())
    return shelf(found, its_event)


@dataclass(frozen=True)
class Wrong:
    """What is wrong with what was sent for a video."""

    video_id: str
    part: str
    """`captions`, `poster` or `chapters`: where on the page it is said."""
    text: str
    typed: str = ""
    """What a person had written, to be shown again."""


def said(problem: errors.Problem) -> str:
    """The first thing that is wrong, in words."""
    fields: dict[str, list[Any]] = getattr(problem, "fields", {})
    return str(next((message for messages in fields.values() for message in messages), problem.message))


def shelf(booth: Booth, event: Event, wrong: Wrong | None = None) -> str:
    """The page of a booth's videos."""
    videos = queries.of_booth(booth.id)
    return render_template(
        "videos/desk.html",
        booth=booth,
        event=event,
        videos=[(video, facts(video)) for video in videos],
        player=player,
        films={video.id: shown(video, booth) for video in videos if video.edition},
        captions={
            video_id: [language.NAMES[code] for code in codes]
            for video_id, codes in queries.caption_languages(video.id for video in videos).items()
        },
        unfinished=queries.unfinished(booth.id),
        coming={video.id: queries.replacement(video.id) for video in videos},
        reasons={reason.value: words for reason, words in REASONS.items()},
        posters=_posters,
        chapters_text=_chapters_text,
        days_left=lambda video: states.days_to_caption(video.recorded_at, clock.now()),
        languages=[(code, language.NAMES[code]) for code in states.CAPTION_LANGUAGES],
        drafts={video.id: [c.language for c in queries.captions(video.id) if c.draft] for video in videos},
        form=forms.CaptionsForm(),
        wrong=wrong,
        max_bytes=states.MAX_BYTES,
        max_seconds=states.MAX_SECONDS,
        under_way=states.UNDER_WAY,
        State=State,
    )


@blueprint.get("/videos/<video_id>/original")
@access.allow(*EDITORS)
def original(video_id: str) -> Response:
    """The file as it was sent: its company owns it."""
    video, _booth, _event = mine(video_id)
    path = actions.bytes_of(video.source)
    if not path.is_file():
        raise errors.NotFound
    answer = send_file(
        path,
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=video.filename or "video.mp4",
        conditional=True,
        etag=False,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/videos/<video_id>/poster")
@access.allow(*EDITORS)
def poster(video_id: str) -> Answer | tuple[str, int]:
    """Choose the picture: one of those offered, a moment, or a picture of one's own."""
    video, booth, event = mine(video_id)
    sent = request.files.get("picture")
    picture = sent.stream.read(states.MAX_PICTURE + 1) if sent is not None else b""
    offered = request.form.get("offered", "")
    try:
        if picture:
            actions.ask_poster(video_id=video.id, picture=picture)
        elif offered:
            if offered not in (*states.POSTERS, video.poster):
                raise errors.NotFound
            actions.choose_poster(video_id=video.id, poster=offered)
        else:
            actions.ask_poster(video_id=video.id, moment=_seconds(request.form.get("moment", "")))
    except (errors.Invalid, errors.TooBig, errors.Refused) as problem:
        return shelf(booth, event, Wrong(video.id, "poster", said(problem))), problem.status
    flash(_("The picture is in use.") if offered else _("The picture is being made; it changes in a moment."), "done")
    return back(booth, event)


def _seconds(text: str) -> float | None:
    """Seconds written as 12.5, 12,5 or 1:05; None when it is no time."""
    parts = text.strip().replace(",", ".").split(":")
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        return None
    if len(numbers) > 3 or any(not 0 <= number < 1e6 for number in numbers):
        return None
    return sum(number * 60.0**place for place, number in enumerate(reversed(numbers)))


@blueprint.post("/videos/<video_id>/chapters")
@access.allow(*EDITORS)
def chapters(video_id: str) -> Answer | tuple[str, int]:
    """Write the chapters, a line each."""
    video, booth, event = mine(video_id)
    text = request.form.get("chapters", "")[:10_000]
    try:
        actions.set_chapters(video_id=video.id, text=text)
    except errors.Invalid as problem:
        return shelf(booth, event, Wrong(video.id, "chapters", said(problem), text)), 422
    flash(_("The chapters are in use."), "done")
    return back(booth, event)


def _chapters_text(video: Video) -> str:
    listed = (video.chapters or {}).get("list", [])
    return "\n".join(f"{states.clock(chapter['at'])} {chapter['title']}" for chapter in listed)


def _posters(video: Video) -> list[tuple[str, str, bool]]:
    """The pictures offered: name, address, whether it is the one in use."""
    return [
        (name, queries.address(video, f"{name}{queries.SMALL}"), name == video.poster)
        # one of a person's own choice stands first
        for name in ([] if video.poster in states.POSTERS else [video.poster]) + list(states.POSTERS)
        if queries.holds(video, f"{name}{queries.SMALL}")
    ]


@blueprint.post("/videos/<video_id>/remove")
@access.allow(*EDITORS)
def remove(video_id: str) -> Answer:
    """Remove a video and everything made of it."""
    video, booth, event = mine(video_id)
    actions.remove(video_id=video.id)
    flash(_("The video was removed."), "done")
    return back(booth, event)


def mine(video_id: str) -> tuple[Video, Booth, Event]:
    """The video, its booth and event when the one who asks may work on it. Raises NotFound."""
    video = queries.for_editor(video_id, access.me())
    return (video, *booths.with_event(video.booth_id))


def back(booth: Booth, event: Event) -> Answer:
    """Leads to a booth's videos."""
    return redirect(url_for("videos_desk.page", event=event.slug, booth=booth.slug), 303)


# -- where a video stands ------------------------------------------------------------------------------------


@blueprint.get("/videos/<video_id>.json")
@access.allow(*EDITORS)
def state(video_id: str) -> Response:
    """Where one video stands."""
    return _uncached(jsonify(facts(queries.for_editor(video_id, access.me()))))


@blueprint.get("/videos.json")
@access.allow(*EDITORS)
def all_states() -> Response:
    """Where all of one's videos stand, the newest first."""
    rows = queries.of_who(access.me())
    return _uncached(
        jsonify(
            videos=[
                {**facts(video), "booth": booth.slug, "event": event.slug, "filename": video.filename}
                for video, booth, event in rows
            ]
        )
    )


def facts(video: Video) -> dict[str, Any]:
    """What scripts and pages are told about a video; the reason in the reader's language."""
    there = video.edition is not None
    coming = queries.replacement(video.id)
    return {
        "id": video.id,
        "state": video.state,
        "progress": video.progress,
        "eta_s": video.eta_s,
        "reason": str(REASONS[Reason(video.reason)]) if video.reason else None,
        "reason_code": video.reason,
        "playlist": queries.address(video, queries.MASTER) if there else None,
        "poster": queries.poster(video) if there else None,
        "duration_s": video.duration_s,
        "replacement": coming
        and {
            "id": coming.id,
            "state": coming.state,
            "progress": coming.progress,
            "eta_s": coming.eta_s,
            "reason": str(REASONS[Reason(coming.reason)]) if coming.reason else None,
        },
    }


def _uncached(answer: Response) -> Response:
    answer.cache_control.no_store = True
    return answer


def _ready(**ctx: Any) -> Markup:
    booth: Booth = ctx["booth"]
    event: Event = ctx["event"]
    videos = queries.seen_of_booth(booth.id)
    languages = queries.caption_languages(video.id for video in videos)
    silent = [v for v in videos if v.sound and not v.speechless and not languages.get(v.id)]
    days = [left for v in silent if (left := states.days_to_caption(v.recorded_at, clock.now())) is not None]
    title, action, note = _("The video plays"), _("Look"), ""
    if not videos:
        title, action = _("The video is missing"), _("Send a video")
    elif silent:
        title, action, note = _("The video has no captions"), _("Add captions"), _("Many watch without sound.")
        if days and min(days) < 0:
            note = _("A recording may be up without captions for 14 days; that time is over.")
        elif days:
            note = ngettext(
                "A recording needs captions within 14 days: %(num)s day left.",
                "A recording needs captions within 14 days: %(num)s days left.",
                min(days),
            )
    item = {
        "done": bool(videos) and not silent,
        "title": title,
        "note": note,
        "url": url_for("videos_desk.page", event=event.slug, booth=booth.slug),
        "action": action,
    }
    return Markup(render_template("booths/ready_line.html", item=item))  # noqa: S704 - a rendered template of ours

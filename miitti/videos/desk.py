"""Signed-in pages of the videos: a booth's videos, their state as JSON, captions, and uploads by tus."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.http import http_date
from werkzeug.wrappers import Response as Answer

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import access, db, errors, language, pages, tus
from miitti.foundation.access import Role, Who
from miitti.foundation.forms import clean_line
from miitti.videos import actions, forms, queries, states
from miitti.videos.models import Upload, Video
from miitti.videos.states import Reason, State
from miitti.videos.web import player, shown

blueprint = Blueprint("videos_desk", __name__, url_prefix="/desk")

EDITORS = (Role.COMPANY, Role.ORGANISER, Role.COHOST)
"""Roles that may work on some booth's videos; which one, the queries say."""

REASONS = {
    Reason.EMPTY: actions.EMPTY,
    Reason.NOT_A_VIDEO: _l("This file is not a video. Choose a file your phone or camera filmed, such as MP4 or MOV."),
    Reason.NO_PICTURE: _l("There is only sound in this file, no picture. Choose the video itself."),
    Reason.CODEC: _l(
        "This kind of video can't be read here. Save it as MP4 (H.264) in the program it was made with "
        "and send it again."
    ),
    Reason.DAMAGED: _l(
        "The file is damaged: a part of the video is missing. Copy it from the camera or phone again and send it anew."
    ),
    Reason.TOO_MANY_PIXELS: _l("The picture is larger than 8K. Save the video in Full HD and send it again."),
    Reason.TOO_LONG: _l("The video is longer than an hour. Cut it shorter; two minutes is what most people watch."),
    Reason.TOO_LARGE: actions.TOO_LARGE,
    Reason.OUR_FAULT: _l(
        "The video could not be made ready. It is not your fault; the organiser sees it. Sending it again may help."
    ),
}
"""Why nothing can be made of a file, and what to do about it."""


def plug(app: Flask) -> None:
    """Put the video on a booth's list of what is ready."""
    pages.fill(app, "ready", _ready, order=10)


@blueprint.url_value_preprocessor
def lift_limit(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Only the bytes of an upload may exceed the size of an ordinary request; they go straight to the disk."""
    if endpoint == "videos_desk.upload_more":
        request.max_content_length = states.MAX_BYTES


# -- the page ------------------------------------------------------------------------------------------------


@blueprint.get("/booths/<event>/<booth>/video")
@access.allow(*EDITORS)
def page(event: str, booth: str) -> str:
    """A booth's videos, and the place to send one."""
    found, its_event = booths.editable(event, booth, access.me())
    return _page(found, its_event)


def _page(booth: Booth, event: Event, wrong: tuple[str, str] | None = None) -> str:
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
        form=forms.CaptionsForm(),
        wrong=wrong,
        max_bytes=states.MAX_BYTES,
        max_seconds=states.MAX_SECONDS,
        under_way=states.UNDER_WAY,
        State=State,
    )


@blueprint.post("/videos/<video_id>/captions")
@access.allow(*EDITORS)
def captions(video_id: str) -> Answer | tuple[str, int]:
    """Attach a captions file."""
    video, booth, event = _mine(video_id)
    form = forms.CaptionsForm.sent()
    try:
        form.check()
        actions.attach_captions(video_id=video.id, language=form.language.data, text=form.text())
    except errors.Invalid as problem:
        said = [message for messages in problem.fields.values() for message in messages] or [problem.message]
        return _page(booth, event, (video.id, str(said[0]))), 422
    flash(_("The captions are in use."), "done")
    return _back(booth, event)


@blueprint.post("/videos/<video_id>/no-speech")
@access.allow(*EDITORS)
def no_speech(video_id: str) -> Answer:
    """Declare that nobody speaks in the video, or take it back."""
    video, booth, event = _mine(video_id)
    actions.declare_speechless(video_id=video.id, speechless=request.form.get("speechless", "1") == "1")
    flash(_("Noted."), "done")
    return _back(booth, event)


@blueprint.post("/videos/<video_id>/remove")
@access.allow(*EDITORS)
def remove(video_id: str) -> Answer:
    """Remove a video and everything made of it."""
    video, booth, event = _mine(video_id)
    actions.remove(video_id=video.id)
    flash(_("The video was removed."), "done")
    return _back(booth, event)


def _mine(video_id: str) -> tuple[Video, Booth, Event]:
    video = queries.for_editor(video_id, access.me())
    return (video, *booths.with_event(video.booth_id))


def _back(booth: Booth, event: Event) -> Answer:
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
    return {
        "id": video.id,
        "state": video.state,
        "progress": video.progress,
        "eta_s": video.eta_s,
        "reason": str(REASONS[Reason(video.reason)]) if video.reason else None,
        "reason_code": video.reason,
        "playlist": queries.address(video, queries.MASTER) if there else None,
        "poster": queries.address(video, queries.POSTER) if there else None,
        "duration_s": video.duration_s,
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
    title, action, note = _("The video plays"), _("Look"), ""
    if not videos:
        title, action = _("The video is missing"), _("Send a video")
    elif silent:
        title, action, note = _("The video has no captions"), _("Add captions"), _("Many watch without sound.")
    item = {
        "done": bool(videos) and not silent,
        "title": title,
        "note": note,
        "url": url_for("videos_desk.page", event=event.slug, booth=booth.slug),
        "action": action,
    }
    return Markup(render_template("booths/ready_line.html", item=item))  # noqa: S704 - a rendered template of ours


# -- tus -----------------------------------------------------------------------------------------------------


@blueprint.route("/uploads", methods=["OPTIONS"], provide_automatic_options=False)
@blueprint.route("/uploads/<upload_id>", methods=["OPTIONS"], provide_automatic_options=False)
@access.allow(Role.VISITOR)
def upload_options(upload_id: str = "") -> Response:
    """What this server can do."""
    answer = _tus(204)
    answer.headers["Tus-Version"] = tus.VERSION
    answer.headers["Tus-Extension"] = tus.EXTENSIONS
    answer.headers["Tus-Max-Size"] = str(states.MAX_BYTES)
    answer.headers["Tus-Checksum-Algorithm"] = ",".join(tus.ALGORITHMS)
    return answer


@blueprint.route("/uploads", methods=["POST"], provide_automatic_options=False)
@access.allow(*EDITORS)
def upload_begin() -> Response:
    """Make room for a file: the address to send its bytes to."""
    _speaks_tus()
    who = access.me()
    if "Upload-Length" not in request.headers:
        raise tus.BadRequest(_("The size must be known at the start. Send the header Upload-Length."))
    length = tus.number(request.headers["Upload-Length"], "Upload-Length")
    given = tus.metadata(request.headers.get("Upload-Metadata", ""))
    if length > states.MAX_BYTES:
        raise errors.TooBig(actions.TOO_LARGE)
    booth = _booth(who, given.get("booth", ""), given.get("event", ""))
    assert who.person is not None
    name = clean_line(given.get("filename", ""))
    upload_id = actions.begin(booth_id=booth.id, person_id=who.person, filename=name, length=length)
    upload = queries.upload_for(upload_id, who)
    answer = _tus(201, upload)
    answer.headers["Location"] = url_for("videos_desk.upload_state", upload_id=upload_id)
    return answer


@blueprint.route("/uploads/<upload_id>", methods=["HEAD"], provide_automatic_options=False)
@access.allow(*EDITORS)
def upload_state(upload_id: str) -> Response:
    """How many bytes are here."""
    _speaks_tus()
    upload = queries.upload_for(upload_id, access.me())
    answer = _tus(200, upload)
    answer.headers["Upload-Length"] = str(upload.length)
    answer.headers["Content-Length"] = "0"
    return answer


@blueprint.route("/uploads/<upload_id>", methods=["PATCH"], provide_automatic_options=False)
@access.allow(*EDITORS)
def upload_more(upload_id: str) -> Response:
    """Take the next bytes. They are on the disk, and known to be, before the answer says so."""
    _speaks_tus()
    who = access.me()
    if request.mimetype != tus.CONTENT:
        raise errors.UnsupportedType
    # Without a length nobody knows whether the bytes that came are all of them.
    if request.content_length is None or "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        raise tus.LengthRequired
    offset = tus.number(request.headers.get("Upload-Offset"), "Upload-Offset")
    expected = tus.checksum(request.headers.get("Upload-Checksum"))
    queries.upload_for(upload_id, who)
    with tus.locked(actions.bytes_of(upload_id)) as file:
        # Only under the lock is what the row says the last word.
        db.session().rollback()
        upload = queries.upload_for(upload_id, who)
        if offset != upload.offset:
            raise errors.Conflict(_("The upload stands at another place. Ask for its state and go on from there."))
        if offset + request.content_length > upload.length:
            raise errors.TooBig(_("More bytes came than were announced."))
        # A minutes-long request must not hold a read transaction, or the database's log could not be tidied.
        db.session().rollback()
        if upload.video_id is None:
            tus.write(
                file,
                request.stream,
                offset=offset,
                length=request.content_length,
                expected=expected,
                durable=lambda here: _record(upload_id, here),
            )
    return _tus(204, queries.upload_for(upload_id, who))


def _record(upload_id: str, offset: int) -> None:
    actions.append(upload_id=upload_id, offset=offset)


@blueprint.route("/uploads/<upload_id>", methods=["DELETE"], provide_automatic_options=False)
@access.allow(*EDITORS)
def upload_abandon(upload_id: str) -> Response:
    """Forget an unfinished upload."""
    _speaks_tus()
    queries.upload_for(upload_id, access.me())
    with tus.locked(actions.bytes_of(upload_id)):
        actions.abandon(upload_id=upload_id)
    return _tus(204)


def _speaks_tus() -> None:
    if request.headers.get("Tus-Resumable") != tus.VERSION:
        raise tus.WrongVersion


def _tus(status: int, upload: Upload | None = None) -> Response:
    answer = Response(status=status)
    answer.headers["Tus-Resumable"] = tus.VERSION
    answer.headers["Cache-Control"] = "no-store"
    if upload is not None:
        answer.headers["Upload-Offset"] = str(upload.offset)
        if upload.video_id is not None:
            answer.headers["Miitti-Video"] = upload.video_id
        else:
            answer.headers["Upload-Expires"] = http_date(upload.expires_at)
    return answer


@blueprint.after_request
def say_version(answer: Response) -> Response:
    """Every answer of an upload address names the protocol's version, errors too."""
    if request.path.startswith("/desk/uploads"):
        answer.headers["Tus-Resumable"] = tus.VERSION
        if answer.status_code == 412:
            answer.headers["Tus-Version"] = tus.VERSION
    return answer


def _booth(who: Who, slug: str, event: str) -> Booth:
    """The booth a file is meant for. Raises `errors.Invalid` naming the choices when that is not one booth."""
    mine = booths.of_who(who)
    fitting = [(b, e) for b, e in mine if b.slug == slug and event in ("", e.slug)]
    if len(fitting) == 1:
        return fitting[0][0]
    if not slug and len(mine) == 1:
        return mine[0][0]
    names = ", ".join(f"{e.slug}/{b.slug}" for b, e in (fitting or mine)[:20])
    if fitting:
        raise errors.Invalid(
            _("More than one of your booths is called %(slug)s: %(names)s. Name the event too.", slug=slug, names=names)
        )
    raise errors.Invalid(_("None of your booths is called so. Yours are: %(names)s.", names=names or "–"))

"""Signed-in pages of captions: a file sent, words written beside the video, drafts by a program, and none needed."""

from __future__ import annotations

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import access, errors, jobs, language, settings, speech, webvtt
from miitti.videos import actions, forms, queries, states
from miitti.videos.desk import Wrong, back, mine, said, shelf
from miitti.videos.models import Video
from miitti.videos.uploads import EDITORS
from miitti.videos.web import player, shown

blueprint = Blueprint("videos_captions", __name__, url_prefix="/desk/videos/<video_id>")

CODES = ", ".join(states.CAPTION_LANGUAGES)


@blueprint.post("/captions")
@access.allow(*EDITORS)
def send(video_id: str) -> Answer | tuple[str, int]:
    """Attach a captions file."""
    video, booth, event = mine(video_id)
    form = forms.CaptionsForm.sent()
    try:
        form.check()
        actions.attach_captions(video_id=video.id, language=form.language.data, text=form.text())
    except errors.Invalid as problem:
        return shelf(booth, event, Wrong(video.id, "captions", said(problem))), 422
    flash(_("The captions are in use."), "done")
    return back(booth, event)


@blueprint.get(f"/captions/<any({CODES}):code>")
@access.allow(*EDITORS)
def write(video_id: str, code: str) -> str:
    """The captions in one language, to be written beside the video."""
    video, booth, event = mine(video_id)
    if not video.edition:
        raise errors.NotFound
    return _writing(video, booth, event, code)


def _writing(video: Video, booth: Booth, event: Event, code: str, text: str | None = None, wrong: str = "") -> str:
    found = queries.caption(video.id, code)
    vtt = text if text is not None else (found.vtt if found else "")
    return render_template(
        "videos/captions.html",
        video=video,
        booth=booth,
        event=event,
        code=code,
        codes=[(each, language.NAMES[each]) for each in states.CAPTION_LANGUAGES],
        there=[caption.language for caption in queries.captions(video.id)],
        text=vtt,
        cues=[{"begin": c.begin, "end": c.end, "text": c.text} for c in webvtt.cues(vtt)],
        found=found,
        wrong=wrong,
        wave=queries.address(video, queries.WAVE) if queries.holds(video, queries.WAVE) else "",
        may_draft=speech.command(settings.current()) is not None and video.sound,
        drafting=queries.drafting(video.id, code),
        State=jobs.State,
        film=shown(video, booth, drafts=True),
        player=player,
    )


@blueprint.post(f"/captions/<any({CODES}):code>")
@access.allow(*EDITORS)
def save(video_id: str, code: str) -> Answer | tuple[str, int]:
    """Keep captions written beside the video, approve a draft as it is, or remove them."""
    video, booth, event = mine(video_id)
    match request.form.get("do"):
        case "remove":
            actions.remove_captions(video_id=video.id, language=code)
            flash(_("The captions were removed."), "done")
            return back(booth, event)
        case "approve":
            actions.approve_captions(video_id=video.id, language=code)
            flash(_("The captions are in use."), "done")
            return back(booth, event)
    text = request.form.get("captions", "")
    try:
        if not text.strip():
            raise errors.Invalid(_("Write at least one line of captions."), field="captions")
        actions.attach_captions(video_id=video.id, language=code, text=text)
    except errors.Invalid as problem:
        return _writing(video, booth, event, code, text, said(problem)), 422
    flash(_("The captions are in use."), "done")
    return back(booth, event)


@blueprint.post(f"/captions/<any({CODES}):code>/draft")
@access.allow(*EDITORS)
def draft(video_id: str, code: str) -> Answer:
    """Have a program of this installation draft the captions."""
    video, _booth, _event = mine(video_id)
    if speech.command(settings.current()) is None:
        raise errors.Refused(_("No program that writes drafts is set up here. Write the captions, or send a file."))
    actions.ask_draft(video_id=video.id, language=code)
    return redirect(url_for("videos_captions.write", video_id=video.id, code=code), 303)


@blueprint.get(f"/captions/<any({CODES}):code>.json")
@access.allow(*EDITORS)
def standing(video_id: str, code: str) -> Response:
    """How far a draft is: `{drafting: true or false, there: whether captions are here}`."""
    video, _booth, _event = mine(video_id)
    under_way = queries.drafting(video.id, code) in (jobs.State.WAITING, jobs.State.RUNNING)
    answer = jsonify(drafting=under_way, there=queries.caption(video.id, code) is not None)
    answer.cache_control.no_store = True
    return answer


@blueprint.post("/no-speech")
@access.allow(*EDITORS)
def no_speech(video_id: str) -> Answer:
    """Declare that nobody speaks in the video, or take it back."""
    video, booth, event = mine(video_id)
    actions.declare_speechless(video_id=video.id, speechless=request.form.get("speechless", "1") == "1")
    flash(_("Noted."), "done")
    return back(booth, event)

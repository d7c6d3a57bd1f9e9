"""Everything that changes videos and captions. Each action is one transaction. Files on their way in: `arrivals`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update

from miitti.accounts import actions as accounts
from miitti.booths.models import Booth
from miitti.foundation import clock, db, errors, ids, jobs, journal, storage, webvtt
from miitti.videos import queries, states
from miitti.videos.models import Caption, Upload, Video
from miitti.videos.states import Reason, State


def bytes_of(source: str) -> Path:
    """Where the bytes of an upload, and of the video it becomes, lie. Never below what is served."""
    return storage.place("uploads", source, "source")


def take(*, booth_id: int, person_id: int | None, path: Path, filename: str = "") -> str:
    """Copy a file of this machine in as a booth's video and return its id, as if it had been uploaded."""
    source = ids.new("u")
    target = bytes_of(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as given, target.open("xb") as kept:
        shutil.copyfileobj(given, kept, 1024 * 1024)
        kept.flush()
        os.fsync(kept.fileno())
    return _take(booth_id, person_id, source, filename or path.name, target.stat().st_size)


@db.writing
def _take(booth_id: int, person_id: int | None, source: str, filename: str, size: int) -> str:
    db.row(Booth, booth_id)
    return add(booth_id, person_id, source, filename[:255], size)


def add(
    booth_id: int, person_id: int | None, source: str, filename: str, size: int, replaces: str | None = None
) -> str:
    """Make a whole file a video with a job to make it playable, inside the surrounding action; gives its id."""
    last = db.session().scalar(select(func.max(Video.position)).where(Video.booth_id == booth_id))
    video = Video(
        id=ids.new("v"),
        booth_id=booth_id,
        person_id=person_id,
        source=source,
        filename=filename,
        size=size,
        replaces=replaces,
        poster=states.POSTERS[0],
        state=State.RECEIVED,
        progress=0.0,
        sound=False,
        speechless=False,
        position=(last or 0) + 1,
        created_at=clock.now(),
    )
    db.session().add(video)
    db.session().flush()
    jobs.enqueue("make_playable", key=f"make_playable:{video.id}", args={"video": video.id})
    tell(video)
    return video.id


# -- what the worker reports ---------------------------------------------------------------------------------


@db.writing
def start(*, video_id: str, duration: float, width: int, height: int, sound: bool) -> None:
    """Record what the file holds and that it is being worked on."""
    video = db.row(Video, video_id)
    if video.state == State.RECEIVED:
        video.state = State.WORKING
    video.duration_s, video.width, video.height, video.sound = duration, width, height, sound
    tell(video)


@db.writing
def report(*, video_id: str, progress: float, eta: float | None) -> None:
    """Record how far the work is: a share from 0 to 1, and the seconds left when they can be guessed."""
    video = db.row(Video, video_id)
    video.progress = round(min(1.0, max(video.progress, progress)), 4)
    video.eta_s = None if eta is None else round(eta)
    tell(video)


@db.writing
def show(*, video_id: str, edition: str) -> None:
    """Let an edition be seen: from now on it plays."""
    video = db.row(Video, video_id)
    video.edition = edition
    if video.state in (State.RECEIVED, State.WORKING):
        video.state = State.PLAYABLE
    tell(video)


@db.writing
def finish(*, video_id: str) -> None:
    """Everything is made."""
    video = db.row(Video, video_id)
    video.state, video.progress, video.eta_s = State.READY, 1.0, 0
    tell(video)


@db.writing
def lay_board(*, video_id: str, board: db.Json) -> None:
    """Record the sheet of small pictures for seeking."""
    db.row(Video, video_id).board = board


@db.writing
def take_place(*, video_id: str) -> None:
    """Let a finished video take the place of the one it replaces: the same id and address, another file and edition."""
    new = db.row(Video, video_id)
    if new.replaces is None:
        return
    old = db.row(Video, new.replaces)
    gone, edition = old.source, old.edition
    for name in _TAKEN:
        setattr(old, name, getattr(new, name))
    db.session().execute(update(Upload).where(Upload.video_id == video_id).values(video_id=old.id))
    db.session().delete(new)
    old_id = old.id

    def clear() -> None:
        storage.remove_tree("videos", video_id)
        storage.remove_tree("uploads", gone)
        if edition:
            storage.remove_tree("videos", old_id, edition)

    db.after_commit(clear)
    journal.append(f"video:{video_id}", "progress", {"id": video_id, "state": "removed"}, sequenced=False)
    tell(old)


_TAKEN = (
    *("source", "filename", "size", "state", "reason", "progress", "eta_s", "edition", "duration_s", "width", "height"),
    *("sound", "poster", "board", "person_id"),
)
"""What a replacement brings along. Captions, chapters and place stay: the company looks them over."""


@db.writing
def choose_poster(*, video_id: str, poster: str) -> None:
    """Use another picture of the edition as the poster."""
    video = db.row(Video, video_id)
    if not (storage.place("videos", video_id, str(video.edition)) / f"{poster}.jpg").exists():
        raise errors.NotFound
    note(video, "choose_poster", before={"poster": video.poster}, after={"poster": poster})
    video.poster = poster
    tell(video)


@db.writing
def ask_poster(*, video_id: str, moment: float | None = None, picture: bytes = b"") -> None:
    """Have a poster made of a moment (in seconds) or of a picture that was sent. Raises Invalid, TooBig, Refused."""
    video = db.row(Video, video_id)
    note(video, "ask_poster")
    if not video.edition:
        raise errors.Refused(_l("The video is not ready yet. Choose the picture when it plays."))
    name = ids.new("p")
    args: dict[str, object] = {"video": video_id, "name": name}
    if picture:
        if len(picture) > states.MAX_PICTURE:
            raise errors.TooBig(_l("The picture is too large: at most 20 MB are taken."))
        if not picture.startswith((b"\xff\xd8", b"\x89PNG", b"RIFF")):
            raise errors.Invalid(_l("Choose a picture: JPEG, PNG or WebP."), field="picture")
        args["picture"] = ids.new("u")
        path = bytes_of(str(args["picture"]))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
    else:
        if moment is None or not 0 <= moment <= (video.duration_s or 0):
            raise errors.Invalid(_l("Choose a moment of the video."), field="moment")
        args["moment"] = moment
    jobs.enqueue("make_poster", key=f"make_poster:{name}", args=args)


@db.writing
def set_chapters(*, video_id: str, text: str) -> None:
    """Give the video chapters, a line each. Raises Invalid naming the line that can't be read."""
    video = db.row(Video, video_id)
    try:
        found = states.chapters(text, video.duration_s)
    except ValueError as error:
        raise errors.Invalid(
            _l(
                "Line %(line)s can't be read. Write the time and the title, such as 1:05 What we do.",
                line=error.args[0],
            ),
            field="chapters",
        ) from None
    before = len(video.chapters["list"]) if video.chapters else 0
    video.chapters = {"list": found} if found else None
    note(video, "set_chapters", before={"chapters": before}, after={"chapters": len(found)})


@db.writing
def give_up(*, video_id: str, reason: Reason) -> None:
    """Nothing can be made of the file; what could be seen of it goes."""
    video = db.row(Video, video_id)
    video.state, video.reason, video.edition, video.eta_s = State.UNPLAYABLE, reason, None, None
    db.after_commit(lambda: storage.remove_tree("videos", video_id))
    tell(video)


def tell(video: Video) -> None:
    """Send the desk's open pages where the video stands. Words for people are read anew in their language."""
    journal.append(
        f"video:{video.id}",
        "progress",
        {
            "id": video.id,
            "state": str(video.state),
            "progress": video.progress or 0.0,
            "eta_s": video.eta_s,
            "poster": video.poster,
            "booth": video.booth_id,
        },
        sequenced=False,
    )


# -- what its company decides --------------------------------------------------------------------------------


@db.writing
def attach_captions(*, video_id: str, language: str, text: str) -> None:
    """Give a video captions in one language, replacing those it had. SubRip is taken too.

    Raises Invalid naming the line that can't be read.
    """
    db.row(Video, video_id)
    if language not in states.CAPTION_LANGUAGES:
        raise errors.Invalid(_l("Choose the language of the captions."), field="language")
    if len(text) > states.MAX_CAPTIONS:
        raise errors.Invalid(_l("The captions file is too long to belong to one video."), field="captions")
    try:
        vtt = webvtt.clean(text)
    except webvtt.Unreadable as error:
        raise errors.Invalid(
            _l("The captions can't be read at line %(line)s. A WebVTT or SRT file is needed.", line=error.line),
            field="captions",
        ) from None
    before = _lines(video_id, language)
    db.session().execute(delete(Caption).where(Caption.video_id == video_id, Caption.language == language))
    db.session().add(Caption(video_id=video_id, language=language, vtt=vtt, written_at=clock.now()))
    after = {language: len(webvtt.cues(vtt))}
    note(db.row(Video, video_id), "attach_captions", before={language: before}, after=after)


def _lines(video_id: str, language: str) -> int:
    """How many captions a video has in one language."""
    found = db.session().scalar(select(Caption.vtt).where(Caption.video_id == video_id, Caption.language == language))
    return len(webvtt.cues(found)) if found else 0


@db.writing
def declare_speechless(*, video_id: str, speechless: bool = True) -> None:
    """Declare that nobody speaks in the video, or take that back."""
    video = db.row(Video, video_id)
    before, video.speechless = video.speechless, speechless
    verb = "declare_speechless" if speechless else "declare_speech"
    note(video, verb, before={"speechless": before}, after={"speechless": speechless})


@db.writing
def approve_captions(*, video_id: str, language: str) -> None:
    """Let visitors see captions a program drafted: a person has read them. Raises NotFound."""
    found = db.session().scalar(select(Caption).where(Caption.video_id == video_id, Caption.language == language))
    if found is None:
        raise errors.NotFound
    found.draft = False
    note(db.row(Video, video_id), "approve_captions", before={"draft": True}, after={"draft": False})


@db.writing
def ask_draft(*, video_id: str, language: str) -> None:
    """Have a program draft captions in a language. Raises Refused when there are some already, or nothing to hear."""
    video = db.row(Video, video_id)
    if not (video.edition and video.sound) or queries.caption(video_id, language) is not None:
        raise errors.Refused(_l("There is nothing to draft: the video has captions in this language, or no sound yet."))
    if queries.drafting(video_id, language) in (jobs.State.WAITING, jobs.State.RUNNING):
        return
    key = f"draft_captions:{video_id}:{language}:{ids.new()}"
    jobs.enqueue("draft_captions", key=key, args={"video": video_id, "language": language})


@db.writing
def keep_draft(*, video_id: str, language: str, text: str) -> None:
    """Keep captions a program drafted, for the video's own people only, unless a person was faster.

    Raises `webvtt.Unreadable` when there is no caption in the text.
    """
    vtt = webvtt.clean(text)
    db.row(Video, video_id)
    if queries.caption(video_id, language) is None:
        row = Caption(video_id=video_id, language=language, vtt=vtt, draft=True, written_at=clock.now())
        db.session().add(row)


@db.writing
def remove_captions(*, video_id: str, language: str) -> None:
    """Take captions in one language away."""
    before = _lines(video_id, language)
    db.session().execute(delete(Caption).where(Caption.video_id == video_id, Caption.language == language))
    note(db.row(Video, video_id), "remove_captions", before={language: before}, after={language: 0})


@db.writing
def remove(*, video_id: str) -> None:
    """Remove a video with its file and everything made of it."""
    video = db.row(Video, video_id)
    for other in db.session().scalars(select(Video).where(Video.replaces == video_id)).all():
        remove(video_id=other.id)
    source = video.source
    note(video, "remove", before={"state": str(video.state)})
    jobs.cancel(f"make_playable:{video_id}")
    db.session().execute(delete(Upload).where(Upload.video_id == video_id))
    db.session().execute(delete(Caption).where(Caption.video_id == video_id))
    db.session().delete(video)

    def clear() -> None:
        storage.remove_tree("videos", video_id)
        storage.remove_tree("uploads", source)

    db.after_commit(clear)
    journal.append(f"video:{video_id}", "progress", {"id": video_id, "state": "removed"}, sequenced=False)


def note(video: Video, verb: str, *, before: Any = None, after: Any = None) -> None:
    """Note in the audit what was done to a video, inside the surrounding action: what stood there, what stands now."""
    booth = db.row(Booth, video.booth_id)
    accounts.note(
        verb=verb,
        object_kind="video",
        object_id=video.id,
        organisation_id=booth.organisation_id,
        event_id=booth.event_id,
        before=before,
        after=after if before is not None or after is not None else {"file": video.filename},
    )

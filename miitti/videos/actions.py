"""Everything that changes uploads, videos and captions. Each action is one transaction."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update

from miitti.accounts import actions as accounts
from miitti.booths.models import Booth
from miitti.foundation import clock, db, errors, ids, jobs, journal, storage, webvtt
from miitti.videos import states
from miitti.videos.models import Caption, Upload, Video
from miitti.videos.states import Reason, State

#: How long an unfinished upload waits for its next bytes.
PATIENCE = timedelta(days=7)
#: Bytes that stay free on the disk whatever is uploaded: the database must go on writing.
RESERVE = 1024**3
#: Unfinished uploads and videos a booth may have.
MAX_UPLOADS = 10
MAX_VIDEOS = 20
#: Bytes of all files one booth may keep here, those on their way included.
MAX_BOOTH_BYTES = 24 * 1024**3

TOO_LARGE = _l("The file is too large: at most 4 GB are taken. Film in Full HD instead of 4K, or cut it shorter.")
EMPTY = _l("The file is empty. Choose the video again; if it lies in a cloud, download it to your device first.")


@db.writing
def begin(*, booth_id: int, person_id: int, filename: str, length: int, replaces: str | None = None) -> str:
    """Make room for a file of `length` bytes and return the upload's id. It may be meant to replace a video.

    Raises Invalid (nothing in it), TooBig (too large, disk full), Refused (too many begun already).
    """
    booth = db.row(Booth, booth_id)
    if length < 1:
        raise errors.Invalid(EMPTY)
    if length > states.MAX_BYTES:
        raise errors.TooBig(TOO_LARGE)
    now = clock.now()
    promised = db.session().scalar(
        select(func.coalesce(func.sum(Upload.length - Upload.offset), 0)).where(
            Upload.video_id.is_(None), Upload.expires_at > now
        )
    )
    # The renditions together stay below the size of what a phone films.
    if storage.free_bytes() - RESERVE - int(promised or 0) < 2 * length:
        raise errors.TooBig(_l("There is no room for this file on the server just now. Tell the organiser."))
    begun, coming = (
        db.session()
        .execute(
            select(func.count(), func.coalesce(func.sum(Upload.length), 0)).where(
                Upload.booth_id == booth_id, Upload.video_id.is_(None), Upload.expires_at > now
            )
        )
        .one()
    )
    made, kept = (
        db.session()
        .execute(select(func.count(), func.coalesce(func.sum(Video.size), 0)).where(Video.booth_id == booth_id))
        .one()
    )
    if begun >= MAX_UPLOADS or made >= MAX_VIDEOS + bool(replaces) or coming + kept + length > MAX_BOOTH_BYTES:
        raise errors.Refused(_l("This booth has as many videos as it can have. Remove one first."))
    upload = Upload(
        id=ids.new("u"),
        booth_id=booth.id,
        person_id=person_id,
        filename=filename[:255],
        replaces=_replaceable(booth_id, replaces),
        length=length,
        offset=0,
        created_at=now,
        expires_at=now + PATIENCE,
    )
    db.session().add(upload)
    path = bytes_of(upload.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    jobs.enqueue(
        "sweep_upload", key=f"sweep_upload:{upload.id}", args={"upload": upload.id}, run_after=upload.expires_at
    )
    return upload.id


def _replaceable(booth_id: int, video_id: str | None) -> str | None:
    """The video of that booth which a file may replace. Raises NotFound."""
    if video_id is None:
        return None
    if db.row(Video, video_id).booth_id != booth_id:
        raise errors.NotFound
    return video_id


def bytes_of(source: str) -> Path:
    """Where the bytes of an upload, and of the video it becomes, lie. Never below what is served."""
    return storage.place("uploads", source, "source")


@db.writing
def append(*, upload_id: str, offset: int) -> str | None:
    """Record that `offset` bytes are on the disk. The last ones make it a video, whose id is returned."""
    upload = db.row(Upload, upload_id)
    upload.offset = max(upload.offset, min(offset, upload.length))
    upload.expires_at = clock.now() + PATIENCE
    if upload.offset < upload.length:
        return None
    return receive(upload_id=upload_id)


@db.writing
def receive(*, upload_id: str) -> str:
    """Turn a whole upload into a video with a job to make it playable; once, however often it is called."""
    upload = db.row(Upload, upload_id)
    if upload.video_id is not None:
        return upload.video_id
    if upload.offset != upload.length:
        raise errors.Conflict
    video_id = _add(upload.booth_id, upload.person_id, upload.id, upload.filename, upload.length, upload.replaces)
    db.session().flush()
    upload.video_id = video_id
    jobs.cancel(f"sweep_upload:{upload.id}")
    _note(db.row(Video, video_id), "send")
    return video_id


def take(*, booth_id: int, person_id: int | None, path: Path, filename: str = "") -> str:
    """Copy a file of this machine in as a booth's video and return its id, as if it had been uploaded."""
    source = ids.new("u")
    target = bytes_of(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return _take(booth_id, person_id, source, filename or path.name, target.stat().st_size)


@db.writing
def _take(booth_id: int, person_id: int | None, source: str, filename: str, size: int) -> str:
    db.row(Booth, booth_id)
    return _add(booth_id, person_id, source, filename[:255], size)


def _add(
    booth_id: int, person_id: int | None, source: str, filename: str, size: int, replaces: str | None = None
) -> str:
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
    _tell(video)
    return video.id


@db.writing
def abandon(*, upload_id: str) -> None:
    """Forget an unfinished upload and its bytes. Raises Refused when it has become a video."""
    upload = db.row(Upload, upload_id)
    if upload.video_id is not None:
        raise errors.Refused(_l("The file is here whole already. Remove the video instead."))
    db.session().delete(upload)
    jobs.cancel(f"sweep_upload:{upload_id}")
    db.after_commit(lambda: storage.remove_tree("uploads", upload_id))


@db.writing
def sweep(*, upload_id: str) -> float:
    """Forget an upload whose time is over; gives the seconds it still has otherwise, 0 when it is gone or done."""
    upload = db.session().get(Upload, upload_id)
    if upload is None or upload.video_id is not None:
        return 0.0
    left = (upload.expires_at - clock.now()).total_seconds()
    if left > 0:
        return left
    abandon(upload_id=upload_id)
    return 0.0


# -- what the worker reports ---------------------------------------------------------------------------------


@db.writing
def start(*, video_id: str, duration: float, width: int, height: int, sound: bool) -> None:
    """Record what the file holds and that it is being worked on."""
    video = db.row(Video, video_id)
    if video.state == State.RECEIVED:
        video.state = State.WORKING
    video.duration_s, video.width, video.height, video.sound = duration, width, height, sound
    _tell(video)


@db.writing
def report(*, video_id: str, progress: float, eta: float | None) -> None:
    """Record how far the work is: a share from 0 to 1, and the seconds left when they can be guessed."""
    video = db.row(Video, video_id)
    video.progress = round(min(1.0, max(video.progress, progress)), 4)
    video.eta_s = None if eta is None else round(eta)
    _tell(video)


@db.writing
def show(*, video_id: str, edition: str) -> None:
    """Let an edition be seen: from now on it plays."""
    video = db.row(Video, video_id)
    video.edition = edition
    if video.state in (State.RECEIVED, State.WORKING):
        video.state = State.PLAYABLE
    _tell(video)


@db.writing
def finish(*, video_id: str) -> None:
    """Everything is made."""
    video = db.row(Video, video_id)
    video.state, video.progress, video.eta_s = State.READY, 1.0, 0
    _tell(video)


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
    _tell(old)


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
    _note(video, "choose_poster", before={"poster": video.poster}, after={"poster": poster})
    video.poster = poster
    _tell(video)


@db.writing
def ask_poster(*, video_id: str, moment: float | None = None, picture: bytes = b"") -> None:
    """Have a poster made of a moment (in seconds) or of a picture that was sent. Raises Invalid, TooBig, Refused."""
    video = db.row(Video, video_id)
    _note(video, "ask_poster")
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
    _note(video, "set_chapters", before={"chapters": before}, after={"chapters": len(found)})


@db.writing
def give_up(*, video_id: str, reason: Reason) -> None:
    """Nothing can be made of the file; what could be seen of it goes."""
    video = db.row(Video, video_id)
    video.state, video.reason, video.edition, video.eta_s = State.UNPLAYABLE, reason, None, None
    db.after_commit(lambda: storage.remove_tree("videos", video_id))
    _tell(video)


def _tell(video: Video) -> None:
    """Send the desk's open pages where the video stands. Words for people are read anew in their language."""
    journal.append(
        f"video:{video.id}",
        "progress",
        {
            "id": video.id,
            "state": str(video.state),
            "progress": video.progress or 0.0,
            "eta_s": video.eta_s,
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
    _note(db.row(Video, video_id), "attach_captions", before={language: before}, after=after)


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
    _note(video, verb, before={"speechless": before}, after={"speechless": speechless})


@db.writing
def approve_captions(*, video_id: str, language: str) -> None:
    """Let visitors see captions a program drafted: a person has read them. Raises NotFound."""
    found = db.session().scalar(select(Caption).where(Caption.video_id == video_id, Caption.language == language))
    if found is None:
        raise errors.NotFound
    found.draft = False
    _note(db.row(Video, video_id), "approve_captions", before={"draft": True}, after={"draft": False})


@db.writing
def remove_captions(*, video_id: str, language: str) -> None:
    """Take captions in one language away."""
    before = _lines(video_id, language)
    db.session().execute(delete(Caption).where(Caption.video_id == video_id, Caption.language == language))
    _note(db.row(Video, video_id), "remove_captions", before={language: before}, after={language: 0})


@db.writing
def remove(*, video_id: str) -> None:
    """Remove a video with its file and everything made of it."""
    video = db.row(Video, video_id)
    for other in db.session().scalars(select(Video).where(Video.replaces == video_id)).all():
        remove(video_id=other.id)
    source = video.source
    _note(video, "remove", before={"state": str(video.state)})
    jobs.cancel(f"make_playable:{video_id}")
    db.session().execute(delete(Upload).where(Upload.video_id == video_id))
    db.session().execute(delete(Caption).where(Caption.video_id == video_id))
    db.session().delete(video)

    def clear() -> None:
        storage.remove_tree("videos", video_id)
        storage.remove_tree("uploads", source)

    db.after_commit(clear)
    journal.append(f"video:{video_id}", "progress", {"id": video_id, "state": "removed"}, sequenced=False)


def _note(video: Video, verb: str, *, before: Any = None, after: Any = None) -> None:
    """Note what was done to a video; `before` and `after` are what stood there and what stands now."""
    booth = db.row(Booth, video.booth_id)
    accounts.note(
        verb=verb,
        object_kind="video",
        object_id=video.id,
        organisation_id=booth.organisation_id,
        event_id=booth.event_id,
        before=None if before is None else {"file": video.filename, "was": before},
        after={"file": video.filename} if after is None else {"file": video.filename, "is": after},
    )

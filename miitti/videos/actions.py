"""Everything that changes uploads, videos and captions. Each action is one transaction."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

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

TOO_LARGE = _l("The file is too large: at most 4 GB are taken. Film in Full HD instead of 4K, or cut it shorter.")
EMPTY = _l("The file is empty. Choose the video again; if it lies in a cloud, download it to your device first.")


@db.writing
def begin(*, booth_id: int, person_id: int, filename: str, length: int) -> str:
    """Make room for a file of `length` bytes and return the upload's id.

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
    begun = db.session().scalar(
        select(func.count())
        .select_from(Upload)
        .where(Upload.booth_id == booth_id, Upload.video_id.is_(None), Upload.expires_at > now)
    )
    made = db.session().scalar(select(func.count()).select_from(Video).where(Video.booth_id == booth_id))
    if int(begun or 0) >= MAX_UPLOADS or int(made or 0) >= MAX_VIDEOS:
        raise errors.Refused(_l("This booth has as many videos as it can have. Remove one first."))
    upload = Upload(
        id=ids.new("u"),
        booth_id=booth.id,
        person_id=person_id,
        filename=filename[:255],
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
    video_id = _add(upload.booth_id, upload.person_id, upload.id, upload.filename, upload.length)
    db.session().flush()
    upload.video_id = video_id
    jobs.cancel(f"sweep_upload:{upload.id}")
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


def _add(booth_id: int, person_id: int | None, source: str, filename: str, size: int) -> str:
    last = db.session().scalar(select(func.max(Video.position)).where(Video.booth_id == booth_id))
    video = Video(
        id=ids.new("v"),
        booth_id=booth_id,
        person_id=person_id,
        source=source,
        filename=filename,
        size=size,
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
    db.session().execute(delete(Caption).where(Caption.video_id == video_id, Caption.language == language))
    db.session().add(Caption(video_id=video_id, language=language, vtt=vtt, written_at=clock.now()))


@db.writing
def declare_speechless(*, video_id: str, speechless: bool = True) -> None:
    """Declare that nobody speaks in the video, or take that back."""
    db.row(Video, video_id).speechless = speechless


@db.writing
def remove(*, video_id: str) -> None:
    """Remove a video with its file and everything made of it."""
    video = db.row(Video, video_id)
    source = video.source
    jobs.cancel(f"make_playable:{video_id}")
    db.session().execute(delete(Upload).where(Upload.video_id == video_id))
    db.session().execute(delete(Caption).where(Caption.video_id == video_id))
    db.session().delete(video)

    def clear() -> None:
        storage.remove_tree("videos", video_id)
        storage.remove_tree("uploads", source)

    db.after_commit(clear)
    journal.append(f"video:{video_id}", "progress", {"id": video_id, "state": "removed"}, sequenced=False)

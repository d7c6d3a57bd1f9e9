"""Files on their way in: begun, growing, whole at last or given up. Each action is one transaction."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from miitti.accounts import news as people
from miitti.booths.models import Booth
from miitti.foundation import clock, db, errors, ids, jobs, storage
from miitti.videos import actions, states
from miitti.videos.models import Upload, Video

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
    path = actions.bytes_of(upload.id)
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
    video_id = actions.add(
        upload.booth_id, upload.person_id, upload.id, upload.filename, upload.length, upload.replaces
    )
    db.session().flush()
    upload.video_id = video_id
    jobs.cancel(f"sweep_upload:{upload.id}")
    actions.note(db.row(Video, video_id), "send")
    return video_id


@db.writing
def abandon(*, upload_id: str) -> None:
    """Forget an unfinished upload and its bytes. Raises Refused when it has become a video."""
    upload = db.row(Upload, upload_id)
    if upload.video_id is not None:
        raise errors.Refused(_l("The file is here whole already. Remove the video instead."))
    db.session().delete(upload)
    jobs.cancel(f"sweep_upload:{upload_id}")
    db.after_commit(lambda: storage.remove_tree("uploads", upload_id))


@people.on_erased
def _abandon_all(erased: people.Erased) -> None:
    """Whoever is erased leaves no half files behind; a whole one is her company's video."""
    begun = select(Upload.id).where(Upload.person_id == erased.person_id, Upload.video_id.is_(None))
    for upload_id in db.session().scalars(begun).all():
        abandon(upload_id=upload_id)


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

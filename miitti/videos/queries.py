"""Finding uploads and videos. Only reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import clock, db, errors, jobs, storage
from miitti.foundation.access import Who
from miitti.videos.models import Caption, Upload, Video
from miitti.videos.states import SEEN

#: Names of files inside an edition's folder.
MASTER = "main.m3u8"
SOUND = "audio.m3u8"
POSTER = "poster.jpg"
BOARD = "board.jpg"
WAVE = "wave.json"
#: Endings of a poster's small pictures, for cards.
SMALL = "-640.webp"
TINY = "-400.webp"


def by_id(video_id: str) -> Video | None:
    """The video, or None when it was removed."""
    return db.session().get(Video, video_id)


def of_booth(booth_id: int) -> Sequence[Video]:
    """All videos of a booth in the order they are shown."""
    return (
        db.session()
        .scalars(
            select(Video)
            .where(Video.booth_id == booth_id, Video.replaces.is_(None))
            .order_by(Video.position, Video.created_at)
        )
        .all()
    )


def seen_of_booth(booth_id: int) -> list[Video]:
    """The videos of a booth that visitors can watch."""
    return [video for video in of_booth(booth_id) if video.state in SEEN and video.edition]


def playable_of_event(event_id: int) -> list[tuple[Video, Booth]]:
    """The videos of an event that can be watched, in the order of the hall."""
    rows = db.session().execute(
        select(Video, Booth)
        .join(Booth, Booth.id == Video.booth_id)
        .where(
            Booth.event_id == event_id,
            Video.state.in_(SEEN),
            Video.edition.is_not(None),
            Video.replaces.is_(None),
        )
        .order_by(Booth.position, Booth.id, Video.position, Video.created_at)
    )
    return [(video, booth) for video, booth in rows]


def posters(event_id: int) -> dict[int, str]:
    """The address of the first watchable video's poster of each booth of an event, by booth."""
    return {booth_id: card(video) for booth_id, video in firsts(event_id).items()}


def firsts(event_id: int) -> dict[int, Video]:
    """The first watchable video of each booth of an event, by booth."""
    found: dict[int, Video] = {}
    for video, booth in playable_of_event(event_id):
        found.setdefault(booth.id, video)
    return found


def of_who(who: Who) -> list[tuple[Video, Booth, Event]]:
    """The videos of every booth `who` may work on, the newest first."""
    homes = {booth.id: (booth, event) for booth, event in booths.of_who(who)}
    if not homes:
        return []
    rows = db.session().scalars(
        select(Video).where(Video.booth_id.in_(homes), Video.replaces.is_(None)).order_by(Video.created_at.desc())
    )
    return [(video, *homes[video.booth_id]) for video in rows]


def for_editor(video_id: str, who: Who) -> Video:
    """The video when `who` may work on its booth. Raises NotFound."""
    video = db.row(Video, video_id)
    if not booths.may_edit(db.row(Booth, video.booth_id), who):
        raise errors.NotFound
    return video


def upload_for(upload_id: str, who: Who) -> Upload:
    """The upload when `who` may work on its booth and it has not expired. Raises NotFound."""
    upload = db.row(Upload, upload_id)
    if not booths.may_edit(db.row(Booth, upload.booth_id), who):
        raise errors.NotFound
    if upload.video_id is None and upload.expires_at <= clock.now():
        raise errors.NotFound
    return upload


def files_of_booth(booth_id: int) -> list[list[str]]:
    """Where everything lies that was sent to a booth or made of it, as parts of a stored path."""
    videos = db.session().execute(select(Video.id, Video.source).where(Video.booth_id == booth_id)).all()
    uploads = db.session().scalars(select(Upload.id).where(Upload.booth_id == booth_id)).all()
    sent = {*(source for _id, source in videos), *uploads}
    return [*(["videos", video_id] for video_id, _source in videos), *(["uploads", source] for source in sorted(sent))]


def names(entries: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """What videos are called in the audit: (kind, id, file name) for those of the (kind, id) given."""
    wanted = [key for kind, key in entries if kind == "video"]
    rows = db.session().execute(select(Video.id, Video.filename).where(Video.id.in_(wanted)))
    return [("video", key, name) for key, name in rows if name]


def unfinished(booth_id: int) -> Sequence[Upload]:
    """Uploads of a booth that were begun and can go on."""
    return (
        db.session()
        .scalars(
            select(Upload)
            .where(Upload.booth_id == booth_id, Upload.video_id.is_(None), Upload.expires_at > clock.now())
            .order_by(Upload.created_at)
        )
        .all()
    )


def replacement(video_id: str) -> Video | None:
    """The video that is being made to take this one's place."""
    return db.session().scalar(
        select(Video).where(Video.replaces == video_id).order_by(Video.created_at.desc()).limit(1)
    )


def caption(video_id: str, language: str) -> Caption | None:
    """The captions of a video in one language, a draft too."""
    return db.session().scalar(select(Caption).where(Caption.video_id == video_id, Caption.language == language))


def drafting(video_id: str, language: str) -> jobs.State | None:
    """How far the last draft a program was asked for in a language is; None when none was asked for lately."""
    return jobs.standing(f"draft_captions:{video_id}:{language}:")


def captions(video_id: str) -> Sequence[Caption]:
    """The captions of a video, in a steady order, drafts too."""
    return db.session().scalars(select(Caption).where(Caption.video_id == video_id).order_by(Caption.language)).all()


def caption_languages(video_ids: Iterable[str]) -> dict[str, list[str]]:
    """The languages each video has captions in."""
    found: dict[str, list[str]] = {}
    rows = db.session().execute(
        select(Caption.video_id, Caption.language)
        .where(Caption.video_id.in_(list(video_ids)), Caption.draft.is_(False))
        .order_by(Caption.language)
    )
    for video_id, language in rows:
        found.setdefault(video_id, []).append(language)
    return found


def address(video: Video, name: str) -> str:
    """The signed address of a file of the video's edition; "" while there is nothing to see."""
    return storage.signed(f"videos/{video.id}/{video.edition}/{name}") if video.edition else ""


def poster(video: Video) -> str:
    """The signed address of the picture shown before the video plays; "" while there is none."""
    return address(video, f"{video.poster}.jpg")


def card(video: Video) -> str:
    """The signed address of the poster small enough for a card; the large one where there is no small one."""
    name = f"{video.poster}{SMALL}"
    return address(video, name) if holds(video, name) else poster(video)


def widths(video: Video) -> str:
    """The small pictures of the poster as a `srcset`, by their width in pixels; "" when there is but one.

    The largest picture is left out: a card on a phone with a sharp screen would fetch four times the bytes.
    """
    small, tiny = f"{video.poster}{SMALL}", f"{video.poster}{TINY}"
    if not (holds(video, small) and holds(video, tiny)):
        return ""
    # Their longer edge is what is fixed; an upright picture is narrower by its shape.
    share = min(1.0, (video.width or 16) / (video.height or 9))
    return f"{address(video, tiny)} {round(400 * share)}w, {address(video, small)} {round(640 * share)}w"


def holds(video: Video, name: str) -> bool:
    """Whether the video's edition has a file of that name."""
    return bool(video.edition) and (storage.place("videos", video.id) / str(video.edition) / name).exists()

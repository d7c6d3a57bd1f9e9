"""What the worker does with a file that came: looks into it, has a video made of it, and says what became of it."""

from __future__ import annotations

import errno
import shutil

from miitti.booths import news
from miitti.foundation import (
    confine,
    db,
    errors,
    ffmpeg,
    hls,
    ids,
    jobs,
    probe,
    renditions,
    settings,
    speech,
    storage,
    webvtt,
)
from miitti.foundation.renditions import PLAYLIST
from miitti.videos import actions, arrivals, making, queries, states
from miitti.videos.models import Video
from miitti.videos.states import Reason, State

#: Attempts at a file that FFmpeg ends with an error before the file is blamed.
TRIES = 3


@jobs.handler("sweep_upload")
def sweep_upload(work: jobs.Work) -> None:
    """Forgets an upload nobody went on with."""
    left = arrivals.sweep(upload_id=work.args["upload"])
    if left > 0:
        raise jobs.Retry(left + 1, "went on meanwhile")


@jobs.handler("make_playable", lane="video", lease=20, attempts=50)
def make_playable(work: jobs.Work) -> None:
    """Makes a playable video of a file, or says why it can't be made."""
    video = queries.by_id(work.args["video"])
    if video is not None and video.state == State.READY and video.replaces:
        making.swap_in(video.id)
    if video is None or video.state not in states.UNDER_WAY:
        return
    source = actions.bytes_of(video.source)
    if not source.exists():
        actions.give_up(video_id=video.id, reason=Reason.OUR_FAULT)
        raise jobs.Final("the uploaded file is gone")
    try:
        media = probe.look(source, hidden=storage.private())
    except probe.Unreadable as refusal:
        actions.give_up(video_id=video.id, reason=Reason(refusal.fault))
        return
    if media.duration > states.MAX_SECONDS:
        actions.give_up(video_id=video.id, reason=Reason.TOO_LONG)
        return
    picture = media.picture
    actions.start(
        video_id=video.id,
        duration=media.duration,
        width=picture.width,
        height=picture.height,
        sound=media.sound is not None,
    )
    run = making.Run(work, video.id, source, media, states.plan(media))
    try:
        run.make()
    except making.Lost:
        return
    except errors.NotFound:
        # Removed while we worked: what was written since goes too.
        storage.remove_tree("videos", video.id)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise jobs.Retry(120, "the disk is full") from None
    except ffmpeg.Failed as failure:
        _judge(work, video.id, failure)


def _judge(work: jobs.Work, video_id: str, failure: ffmpeg.Failed) -> None:
    """Tries again, or ends it: with what is there already, else by blaming the file or ourselves."""
    if isinstance(failure, ffmpeg.OutOfMemory) and not db.row(Video, video_id).edition:
        # It would need more than any file may have; that is the same each time.
        actions.give_up(video_id=video_id, reason=Reason.TOO_MANY_PIXELS)
        raise jobs.Final(str(failure)) from None
    if work.attempt < TRIES:
        raise jobs.Retry(3, str(failure)) from None
    video = db.row(Video, video_id)
    rendition = video.edition and _first_whole(video)
    if rendition:
        # Visitors can see all of it in one quality; that is better than nothing.
        actions.finish(video_id=video_id)
        raise jobs.Final(str(failure)) from None
    own = failure.code < 0 or isinstance(failure, ffmpeg.TimedOut)
    actions.give_up(video_id=video_id, reason=Reason.OUR_FAULT if own else Reason.DAMAGED)
    raise jobs.Final(str(failure)) from None


def _first_whole(video: Video) -> bool:
    home = storage.place("videos", video.id) / str(video.edition)
    made = [hls.read(playlist) for playlist in home.glob(f"*/{PLAYLIST}")]
    return any(rendition is not None and rendition.ended for rendition in made)


@jobs.handler("make_poster", lease=30, attempts=5)
def make_poster(work: jobs.Work) -> None:
    """Makes a poster of a moment of the video, or of a picture somebody sent."""
    video = queries.by_id(work.args["video"])
    name = work.args["name"]
    sent = actions.bytes_of(work.args["picture"]) if work.args.get("picture") else None
    if video is None or not video.edition:
        return
    folder = storage.place("videos", video.id, video.edition)
    source = actions.bytes_of(video.source)
    aside = folder / f".{ids.new('p')}.jpg"
    if sent is not None:
        if not sent.exists():
            return
        shutil.copyfile(sent, aside)
        made = making.picture(folder, name, aside)
    else:
        try:
            media = probe.look(source, hidden=storage.private())
        except probe.Unreadable as refusal:
            raise jobs.Final(str(refusal)) from None
        moment = float(work.args["moment"])
        args = renditions.poster(source, media, aside, moment, about=False)
        made = making.picture(folder, name, aside, args, source)
    if made:
        actions.choose_poster(video_id=video.id, poster=name)
    if sent is not None:
        storage.remove_tree("uploads", work.args["picture"])


@jobs.handler("draft_captions", lane="drafts", lease=60, attempts=2)
def draft_captions(work: jobs.Work) -> None:
    """Has a program of this installation write down what is said; a person reads it before visitors do."""
    video, language = queries.by_id(work.args["video"]), work.args["language"]
    if video is None or not video.edition or queries.caption(video.id, language) is not None:
        return
    folder = storage.place("videos", video.id, video.edition)
    sound = folder / f".draft-{language}.wav"
    seconds = video.duration_s or 0
    db.session().rollback()
    try:
        args = speech.arguments(folder / queries.SOUND, sound)
        view = confine.View(writes=(folder,), hidden=storage.private())
        ffmpeg.run(args, timeout=120 + seconds, limits=making.LIMITS, choice=settings.current().ffmpeg, view=view)
        said = speech.write_down(settings.current(), sound, language, timeout=300 + 20 * seconds, stop=work.lost.is_set)
        actions.keep_draft(video_id=video.id, language=language, text=said)
    except webvtt.Unreadable:
        return  # nothing was said, as far as the program heard
    except (ffmpeg.Failed, speech.Failed) as failure:
        raise jobs.Final(str(failure)) from None
    finally:
        sound.unlink(missing_ok=True)


@news.on_closed
def _clear(closed: news.Closed) -> None:
    """A booth goes: its files go by a job, so that a large folder holds nobody up and none is left by a crash."""
    files = queries.files_of_booth(closed.booth_id)
    if files:
        jobs.enqueue("remove_files", key=f"remove_files:{closed.booth_id}:{ids.new()}", args={"files": files})


@jobs.handler("remove_files", lane="other", lease=120, attempts=20)
def remove_files(work: jobs.Work) -> None:
    """Remove stored folders whose rows are gone. Done again it finds nothing."""
    for parts in work.args["files"]:
        storage.remove_tree(*parts)

"""The only place that changes rows of recordings."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from miitti.foundation import clock, cuts, db, errors, ids, jobs, webvtt
from miitti.recordings import queries, states
from miitti.recordings.models import Recording, RecordingCaption
from miitti.stage import queries as stages

NOTHING = _l("There is no recording yet: it is made when the show ends.")
NOT_CAPTIONS = _l("The file has no captions we can read. Save it as WebVTT or SRT.")


def _row(event_id: int) -> Recording:
    """The row for the take that is finished now; one of an earlier take is begun anew. Raises Refused."""
    stage = stages.recording(event_id)
    if stage is None:
        raise errors.Refused(NOTHING)
    take = queries.take(stage)
    row = db.session().get(Recording, event_id)
    if row is None:
        row = Recording(event_id=event_id, take="", timeline={})
        db.session().add(row)
    if row.take != take:
        row.take, row.hidden, row.published_at = take, False, None
        row.starts_s, row.ends_s, row.timeline = 0.0, None, {}
        row.edition, row.progress, row.fault = "", 0.0, ""
    return row


@db.writing
def trim(*, event_id: int, starts_s: float, ends_s: float | None) -> None:
    """Cut the ends off, by whole segments and without encoding; nothing is lost and it can be done again.

    Raises Refused (no recording) and Invalid (nothing would be left).
    """
    row = _row(event_id)
    shown = queries.of_event(event_id)
    assert shown is not None
    whole = float(shown.whole["seconds"])
    until = whole if ends_s is None else min(ends_s, whole)
    if until - starts_s < states.SHORTEST:
        raise errors.Invalid(_l("Nothing would be left. Let the end be after the beginning."), field="ends")
    uncut = starts_s <= 0 and until >= whole
    timeline = {} if uncut else cuts.cut(shown.place(), starts_s, until)
    if not uncut and not timeline:
        raise errors.Invalid(_l("Nothing would be left. Let the end be after the beginning."), field="ends")
    row.starts_s, row.ends_s, row.timeline = starts_s, None if until >= whole else until, timeline
    row.edition, row.progress = "", 0.0
    if row.published_at is not None:
        _make(row)


@db.writing
def publish(*, event_id: int) -> None:
    """Let it stand as it is now: visitors see it, and the worker makes what is lighter and the download.

    Raises Refused when there is no recording.
    """
    row = _row(event_id)
    row.hidden = False
    row.published_at = row.published_at or clock.now()
    if not row.edition or row.fault:
        _make(row)


@db.writing
def hide(*, event_id: int) -> None:
    """Take it off the event's page; nothing is removed. Raises Refused when there is none."""
    _row(event_id).hidden = True


def _make(row: Recording) -> None:
    row.edition, row.progress, row.fault = ids.new("e"), 0.0, ""
    args = {"event": row.event_id, "edition": row.edition}
    jobs.enqueue("make_recording", key=f"make_recording:{row.event_id}:{row.edition}", args=args)


@db.writing
def report(*, event_id: int, edition: str, progress: float, fault: str = "") -> bool:
    """How far the worker is; False when something else is wanted by now."""
    row = db.session().get(Recording, event_id)
    if row is None or row.edition != edition:
        return False
    row.progress, row.fault = progress, fault
    return True


@db.writing
def caption(*, event_id: int, language: str, text: str) -> None:
    """Give the recording its captions in one language. Raises Invalid for a file that is none."""
    if language not in states.CAPTION_LANGUAGES:
        raise errors.Invalid(NOT_CAPTIONS, field="language")
    try:
        vtt = webvtt.clean(text)
    except webvtt.Unreadable:
        raise errors.Invalid(NOT_CAPTIONS, field="captions") from None
    row = db.session().get(RecordingCaption, (event_id, language))
    if row is None:
        db.session().add(RecordingCaption(event_id=event_id, language=language, vtt=vtt))
    else:
        row.vtt = vtt


@db.writing
def uncaption(*, event_id: int, language: str) -> None:
    """Take the captions of one language away; nothing happens when there are none."""
    row = db.session().get(RecordingCaption, (event_id, language))
    if row is not None:
        db.session().delete(row)

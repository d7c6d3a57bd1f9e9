"""The only place that changes rows of the stage."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from miitti.accounts import actions as accounts
from miitti.events import actions as events
from miitti.events import queries as events_queries
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import clock, db, health, ids, journal, settings
from miitti.questions import queries as questions
from miitti.stage import queries
from miitti.stage.models import Stage, Watcher
from miitti.stage.states import Air, Turn


@db.writing
def open_stage(*, event_id: int, key: str = "") -> Stage:
    """Give the event its stage with a key for publishers; one that is there stays as it is. Raises NotFound."""
    db.row(Event, event_id)
    values = {
        "event_id": event_id,
        "key": key or secrets.token_urlsafe(18),
        "air": Air.NOTHING,
        "item": "",
        "source": {},
        "recording_note": "",
        "recorded": {},
        "watched": 0,
        "watched_most": 0,
    }
    db.insert_or_skip(Stage.__table__, values)  # type: ignore[arg-type]
    return db.row(Stage, event_id)


@db.writing
def rotate_key(*, event_id: int) -> str:
    """Give the stage a fresh key; who sends with the old one is cut off within a second. Gives the key."""
    stage = open_stage(event_id=event_id)
    stage.key = secrets.token_urlsafe(18)
    accounts.note(verb="rotate_key", object_kind="stage", object_id=event_id, event_id=event_id)  # never the key
    return stage.key


@db.writing
def say(*, event_id: int, text: str) -> None:
    """Show `text` to everybody on the event's page at once, in place of what stood there; "" takes it away."""
    stage = open_stage(event_id=event_id)
    if text == stage.notice:
        return
    accounts.note(
        verb="say" if text else "unsay",
        object_kind="stage",
        object_id=event_id,
        event_id=event_id,
        before={"notice": stage.notice},
        after={"notice": text},
    )
    _show(stage, text)


def _show(stage: Stage, text: str) -> None:
    stage.notice, stage.notice_at = text, clock.now()
    channel = questions.channel(stage.event_id, "stage")
    if channel is not None:  # else nobody has opened the event's page live yet
        journal.append(f"qa:{channel.id}:all", "notice", queries.notice(stage), sequenced=False)


@db.writing
def run(*, event_id: int, turn: Turn) -> None:
    """Go on air in any way, which holds the doors live, or end the show, which holds them over.

    Raises Refused for a draft.
    """
    events.force_doors(event_id=event_id, doors=Doors.OVER if turn is Turn.END else Doors.LIVE)
    stage = open_stage(event_id=event_id)
    stage.turn, stage.turned_at = turn, clock.now()
    if turn is not Turn.END:
        stage.recorded = {}
    elif stage.notice:
        _show(stage, "")  # it spoke of what was to come


@db.writing
def resume(*, event_id: int) -> None:
    """Take an end back: the show goes on where it was, with the doors live."""
    run(event_id=event_id, turn=Turn.LIVE)


@db.writing
def renew(*, event_id: int) -> str | None:
    """Make the stage as if nothing had been shown yet; gives the name of the recording to remove, or None."""
    stage = open_stage(event_id=event_id)
    gone = stage.recording
    stage.turn = stage.turned_at = stage.playing_from = stage.recording = None
    stage.air, stage.item, stage.recording_note, stage.source, stage.recorded = Air.NOTHING, "", "", {}, {}
    stage.watched = stage.watched_most = 0
    if stage.notice:
        _show(stage, "")
    db.session().execute(delete(Watcher).where(Watcher.event_id == event_id))
    return gone


# -- what the process says -----------------------------------------------------------------------------------


@db.writing
def beat() -> None:
    """Say that the stage process is alive."""
    health.beat(queries.HOME)


@db.writing
def leave() -> None:
    """Say that the stage process ends because it was told to."""
    health.leave(queries.HOME)


@db.writing
def begin(*, event_id: int) -> Stage:
    """A show begins or goes on: it has a recording, and its playlist a beginning."""
    stage = open_stage(event_id=event_id)
    stage.recording = stage.recording or ids.new("r")
    stage.playing_from = stage.playing_from or clock.now()
    return stage


@db.writing
def report(*, event_id: int, air: Air, item: str = "", source: dict[str, Any] | None = None, note: str = "") -> None:
    """What is on the air, and how the source fares. A source before the show is a test of it."""
    stage = open_stage(event_id=event_id)
    stage.air, stage.item, stage.source, stage.recording_note = air, item[:200], source or {}, note
    if source and events_queries.doors(db.row(Event, event_id)) in (Doors.DRAFT, Doors.OPEN):
        stage.tested_at = clock.now()
    stage.watched_most = max(stage.watched_most, queries.watching(event_id))


@db.writing
def finish(*, event_id: int, recorded: dict[str, object]) -> None:
    """The show is over and its recording finished; watchers become numbers."""
    stage = open_stage(event_id=event_id)
    stage.air, stage.item, stage.source = Air.NOTHING, "", {}
    stage.recorded = dict(recorded)
    if not recorded:
        stage.recording = None
    seen = select(func.count()).where(Watcher.event_id == event_id)
    stage.watched = max(stage.watched, db.session().scalar(seen) or 0)
    db.session().execute(
        delete(Watcher).where(Watcher.event_id == event_id, Watcher.last_at < clock.now() - timedelta(hours=1))
    )


# -- who watches ---------------------------------------------------------------------------------------------


@db.writing
def watch(*, event_id: int, visitor: str) -> None:
    """A browser watches; a hash is kept of it that means nothing in another event."""
    now = clock.now()
    mark = ids.digest(f"{settings.current().secret_key}:{event_id}:{visitor}")[:32]
    values = {"event_id": event_id, "visitor": mark, "first_at": now, "last_at": now}
    if not db.insert_or_skip(Watcher.__table__, values):  # type: ignore[arg-type]
        db.row(Watcher, (event_id, mark)).last_at = now

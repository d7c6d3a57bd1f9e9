"""Finding stages, what they play and what they recorded. Only reads."""

from __future__ import annotations

import hashlib
import hmac
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from miitti.booths import queries as booths
from miitti.events.models import Event
from miitti.foundation import clock, db, hls, recorder, settings, storage
from miitti.foundation.health import Heartbeat
from miitti.presence import queries as present
from miitti.stage import states
from miitti.stage.models import Stage, Watcher
from miitti.videos import queries as videos

HOME = "stage"
"""The folder of recordings below the media."""


def of_event(event_id: int) -> Stage | None:
    """The stage of an event, or None while it has none."""
    return db.session().get(Stage, event_id)


def all_stages() -> Sequence[Stage]:
    """Every stage there is."""
    return db.session().scalars(select(Stage)).all()


def notice(stage: Stage | None) -> dict[str, str]:
    """What the host says to everybody and when it was said or taken away, as pages are told it."""
    if stage is None or stage.notice_at is None:
        return {"ch": "stage", "text": "", "at": ""}
    return {"ch": "stage", "text": stage.notice, "at": clock.stamp(stage.notice_at)}


def alive() -> bool:
    """Whether the stage process has been heard of lately."""
    at = db.session().scalar(select(Heartbeat.at).where(Heartbeat.name == HOME))
    return at is not None and clock.now() - at < states.SILENT


def on_air(event_id: int) -> states.Air:
    """What a player would get now: nothing when the process is silent, whatever it said before."""
    found = of_event(event_id)
    return found.air if found is not None and alive() else states.Air.NOTHING


def token(event_id: int) -> str:
    """What a host's browser shows to send pictures for half a day: it names the event and when it ends."""
    until = int(clock.now().timestamp()) + 12 * 3600
    return f"{event_id}.{until}.{_signature(event_id, until)}"


def sender(slug: str, shown: str) -> int | None:
    """The event a browser's token lets it send to, or None."""
    parts = shown.split(".")
    if len(parts) != 3 or not (parts[0].isdigit() and parts[1].isdigit()):
        return None
    event_id, until = int(parts[0]), int(parts[1])
    right = hmac.compare_digest(_signature(event_id, until), parts[2])
    if not right or until < clock.now().timestamp():
        return None
    event = db.session().get(Event, event_id)
    return event_id if event is not None and event.slug == slug else None


def _signature(event_id: int, until: int) -> str:
    # The stage's key is part of it: a fresh key ends browsers' permissions as well.
    found = of_event(event_id)
    secret = f"{settings.current().secret_key}:{found.key if found else ''}".encode()
    return hmac.new(secret, f"studio:{event_id}:{until}".encode(), hashlib.sha256).hexdigest()[:32]


# -- the playlist ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Film:
    """A video of the rundown with the renditions that are sent of it."""

    item: states.Item
    folder: Path
    high: str
    low: str
    sound: str | None


def films(event_id: int) -> list[Film]:
    """The companies' finished videos in the order of the hall."""
    found = []
    for video, booth in videos.playable_of_event(event_id):
        folder = storage.place("videos", video.id, str(video.edition))
        rungs = _rungs(folder)
        if not rungs or not video.duration_s:
            continue
        sent = [name for name, height in rungs if height <= 720] or [rungs[0][0]]
        sound = "audio" if (folder / "audio" / recorder.INDEX).is_file() else None
        item = states.Item(video.id, booth.name, video.duration_s)
        found.append(Film(item, folder, sent[-1], rungs[0][0], sound if video.sound else None))
    return found


def _rungs(folder: Path) -> list[tuple[str, int]]:
    """The finished rungs with a picture and their shorter edge, the lightest first."""
    try:
        lines = (folder / videos.MASTER).read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = []
    for told, address in itertools.pairwise(lines):
        if not told.startswith("#EXT-X-STREAM-INF:") or "RESOLUTION=" not in told:
            continue
        size = told.partition("RESOLUTION=")[2].partition(",")[0]
        made = hls.read(folder / address)
        if made is not None and made.ended:
            found.append((address.rpartition("/")[0], min(int(edge) for edge in size.split("x"))))
    return sorted(found, key=lambda rung: rung[1])


def rundown(event_id: int) -> list[states.Item]:
    """The playlist as a host reads it."""
    return [film.item for film in films(event_id)]


# -- who watches ----------------------------------------------------------------------------------------------


def watching(event_id: int) -> int:
    """Distinct people who watch now: those on the event's page, one number for visitors and hosts."""
    return present.count(event_id, "stage")


def alone(event_id: int) -> list[str]:
    """Names of the booths at which nobody of the company is just now, in the hall's order."""
    manned = present.hosted(event_id)
    return [booth.name for booth in booths.of_event(event_id) if f"booth:{booth.slug}" not in manned]


def watched(event_id: int) -> int:
    """Distinct people who have watched so far."""
    return db.session().scalar(select(func.count()).where(Watcher.event_id == event_id)) or 0


# -- the recording --------------------------------------------------------------------------------------------


def recording(event_id: int) -> Stage | None:
    """The stage whose recording is finished, or None."""
    found = of_event(event_id)
    return found if found is not None and found.recording and found.recorded else None

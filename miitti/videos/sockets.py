"""Progress of videos, live: the desk's pages watch, the journal tells."""

from __future__ import annotations

from typing import Any

from flask import Flask

from miitti.booths import queries as booths
from miitti.foundation import access, errors, journal, realtime
from miitti.foundation.access import EDITORS
from miitti.foundation.journal import Entry
from miitti.videos import queries
from miitti.videos.states import State

NAMESPACE = "/desk"
#: Videos one page may watch.
MOST = 60


def plug(app: Flask) -> None:
    """Hand what the journal says about videos to the pages that watch them."""
    journal.on(app, "video:", _tell)


@realtime.on("watch", namespace=NAMESPACE, allow=EDITORS)
def watch(data: dict[str, Any]) -> dict[str, Any]:
    """Hear of `{videos: [id, ...]}` from now on. Gives where each stands, so nothing is missed between.

    With `event` and `booth` (slugs) one hears of videos that come to that booth too.
    """
    wanted = data.get("videos")
    if not isinstance(wanted, list) or len(wanted) > MOST or not all(isinstance(v, str) for v in wanted):
        raise errors.Problem
    who = access.me()
    if isinstance(data.get("event"), str) and isinstance(data.get("booth"), str):
        booth, _event = booths.editable(data["event"], data["booth"], who)
        realtime.join(f"videos:{booth.id}")
    found = []
    for video_id in wanted:
        try:
            video = queries.for_editor(video_id, who)
        except errors.NotFound:
            continue
        realtime.join(f"video:{video.id}")
        found.append({"id": video.id, "state": video.state, "progress": video.progress, "eta_s": video.eta_s})
    return {"videos": found}


def _tell(entry: Entry) -> None:
    told = {name: value for name, value in entry.data.items() if name != "booth"}
    realtime.emit("video", told, NAMESPACE, entry.stream)
    if told["state"] == State.RECEIVED:
        realtime.emit("video", told, NAMESPACE, f"videos:{entry.data['booth']}")

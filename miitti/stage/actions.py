"""What a host makes the stage do. It keeps no rows yet: the doors of the event tell whether the show is on."""

from __future__ import annotations

from miitti.events import actions as events
from miitti.events.states import Doors
from miitti.stage.states import Turn


def run(*, event_id: int, turn: Turn) -> None:
    """Go on air in any way, which holds the doors live, or end the show, which holds them over.

    Raises Refused for a draft.
    """
    events.force_doors(event_id=event_id, doors=Doors.OVER if turn is Turn.END else Doors.LIVE)

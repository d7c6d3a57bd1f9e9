"""The dot on a booth: lit only while somebody of its company is really there."""

from flask import Flask, g, render_template

from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import pages
from miitti.presence import queries


def plug(app: Flask) -> None:
    """Put the dot on the hall's cards and on the booth's page."""
    pages.fill(app, "hall.tag", dot, order=80)
    pages.fill(app, "booth.aside", dot, order=5)


def dot(*, booth: Booth, event: Event, doors: Doors | None = None, **_context: object) -> str:
    """ "Somebody is here", or nothing: an empty booth is no reproach, one can leave a question."""
    if doors not in (Doors.OPEN, Doors.LIVE):
        return ""
    known = g.setdefault("hosted", {})
    if event.id not in known:
        known[event.id] = queries.hosted(event.id)
    return render_template("presence/dot.html") if f"booth:{booth.slug}" in known[event.id] else ""

"""Who is there, as pages tell it: a dot on a booth while somebody of its company is there, and how many watch."""

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
    pages.fill(app, "event.present", watchers)


def watchers(*, event: Event, **_context: object) -> str:
    """How many watch the event's stage, kept true by the page's connection; nothing while nobody does."""
    return render_template("presence/watchers.html", n=queries.count(event.id, "stage"))


def dot(*, booth: Booth, event: Event, doors: Doors | None = None, **_context: object) -> str:
    """ "Somebody is here", or nothing: an empty booth is no reproach, one can leave a question."""
    if doors not in (Doors.OPEN, Doors.LIVE):
        return ""
    known = g.setdefault("hosted", {})
    if event.id not in known:
        known[event.id] = queries.hosted(event.id)
    return render_template("presence/dot.html") if f"booth:{booth.slug}" in known[event.id] else ""

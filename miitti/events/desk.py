"""Signed-in pages of the events room: the desk's first page and an event as its hosts run it."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from miitti.events import actions, queries, states
from miitti.foundation import access, errors, jobs, language, pages
from miitti.foundation.access import HOSTS, Power, Role

blueprint = Blueprint("events_desk", __name__, url_prefix="/desk")


def plug(app: Flask) -> None:
    """Put the desk's first page at the top of its navigation, and the hosted events after it."""
    pages.desk_link(app, lambda: (_("Today"), url_for("events_desk.desk"), ""), order=0)
    pages.desk_link(app, _links, order=5)


CLOCK = "clock"
"""The form's word for doors that follow the clock again."""


@blueprint.get("")
@access.allow(Role.PERSON)
def desk() -> str:
    """What the signed-in person has to do now; rooms above put their lines into `desk.todo`."""
    who = access.me()
    return render_template(
        "events/desk.html",
        who=who,
        mine=[(event, queries.doors(event)) for event in queries.hosted_by(who)],
        failed=jobs.failed() if who.can(Power.SEE_INSTALLATION) else [],
    )


@blueprint.get("/events/<slug>")
@access.allow(*HOSTS)
def event(slug: str) -> str:
    """One event for its hosts: doors, where to go, which booths are ready."""
    found = queries.hosted(slug, access.me())
    return render_template("events/run.html", event=found, doors=queries.doors(found))


@blueprint.post("/events/<slug>/doors")
@access.allow(*HOSTS)
def doors(slug: str) -> Response:
    """Publish a draft, hold the doors by hand, or give them back to the clock."""
    found = queries.hosted(slug, access.me())
    asked = request.form.get("doors", "")
    if asked == "publish":
        actions.publish(event_id=found.id)
        flash(_("Published. The page can be shared now."), "done")
    elif asked == CLOCK:
        actions.force_doors(event_id=found.id, doors=None)
        flash(_("The doors follow the clock."), "done")
    elif asked in states.FORCEABLE:
        actions.force_doors(event_id=found.id, doors=states.Doors(asked))
        flash(_("Done. Visitors see it now."), "done")
    else:
        raise errors.Invalid(_("Choose one of the buttons on the page."), field="doors")
    return redirect(url_for("events_desk.event", slug=slug), 303)


def _links() -> list[tuple[str, str, str]]:
    """The hosted events that are not over, the nearest first; three at most, the rest are on the first page."""
    mine = queries.hosted_by(access.me())
    running = [event for event in reversed(mine) if queries.doors(event) is not states.Doors.OVER]
    return [(language.pick(event, "title"), url_for("events_desk.event", slug=event.slug), "") for event in running[:3]]

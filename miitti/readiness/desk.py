"""The board of an event's booths for its hosts: ready or not, looked at or not, who has come to work on it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.accounts import queries as accounts
from miitti.booths import actions as booths_actions
from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, pages
from miitti.foundation.access import HOSTS, Power, Role
from miitti.readiness import actions, queries

blueprint = Blueprint("readiness_desk", __name__, url_prefix="/desk")


def plug(app: Flask) -> None:
    """Lead to the board from the event's page, and tell a company whether a host has looked at its booth."""
    pages.facts(app, "desk.links", _of_event)
    pages.fill(app, "desk.booth", _approval, order=1)


def _of_event(*, event: Event, **_ctx: Any) -> dict[str, str]:
    return {
        "title": _("Who is ready"),
        "note": _("What each booth still misses; one press writes to all who are not ready"),
        "url": url_for("readiness_desk.board", slug=event.slug),
    }


@blueprint.get("/events/<slug>/readiness")
@access.allow(*HOSTS)
def board(slug: str) -> str:
    """Every booth with its list, those that miss something first."""
    event = events.hosted(slug, access.me())
    missing = _missing(event)
    stands = sorted(booths.of_event(event.id), key=lambda booth: -missing[booth.id])
    people = {booth.id: accounts.people_of(booth.organisation_id, role=Role.COMPANY) for booth in stands}
    return render_template(
        "readiness/board.html",
        event=event,
        booths=stands,
        missing=missing,
        ready=sum(not missing[booth.id] for booth in stands),
        come={number: [one for one in found if one.seen_at] for number, found in people.items()},
        people=people,
        unreached=queries.unreached(event),
    )


@blueprint.post("/events/<slug>/readiness/remind")
@access.allow(*HOSTS)
def remind(slug: str) -> Response:
    """Write to everybody whose booth misses something."""
    event = events.hosted(slug, access.me())
    reached = actions.remind(event_id=event.id, missing=_missing(event), who=access.me())
    if reached:
        said = ngettext(
            "A letter to %(num)d person is on its way.", "Letters to %(num)d people are on their way.", reached
        )
        flash(said, "done")
    else:
        flash(_("Nobody to write to: invite people to the booths that miss something."), "wrong")
    return redirect(url_for("readiness_desk.board", slug=slug), 303)


@blueprint.post("/booths/<event>/<booth>/approval")
@access.allow(*HOSTS)
def approve(event: str, booth: str) -> Response:
    """Note that a host has found the booth good as it stands."""
    found, its_event = booths.editable(event, booth, access.me())
    access.me().must(Power.RUN_EVENT, event_id=its_event.id)
    booths_actions.approve(booth_id=found.id)
    return redirect(url_for("readiness_desk.board", slug=event, _anchor=f"booth-{found.id}"), 303)


def _missing(event: Event) -> dict[int, int]:
    """How many lines of each booth's list of what is ready are still open, as the rooms write them."""
    return {
        booth.id: str(pages.place("ready", booth=booth, event=event)).count('class="tick"')
        for booth in booths.of_event(event.id)
    }


def _approval(**ctx: Any) -> Markup:
    booth: Booth = ctx["booth"]
    page = render_template("readiness/approval.html", booth=booth, event=ctx["event"])
    return Markup(page)  # noqa: S704 - our own template

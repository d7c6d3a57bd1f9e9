"""Public pages of the events room: the front page and the one page of an event all its life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from miitti.accounts.models import Organisation
from miitti.events import queries, states
from miitti.events.models import Event
from miitti.foundation import access, clock, language, settings
from miitti.foundation.access import Role

blueprint = Blueprint("events", __name__)


def plug(app: Flask) -> None:
    """Give the templates a capital for words that begin a line."""
    app.jinja_env.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]


TEMPLATES = {
    states.Doors.DRAFT: "events/open.html",
    states.Doors.OPEN: "events/open.html",
    states.Doors.LIVE: "events/live.html",
    states.Doors.OVER: "events/over.html",
}
"""The page by the doors; a draft is shown to its hosts as the teaser it will be."""


@blueprint.get("/")
@access.allow(Role.VISITOR)
def front() -> str:
    """Coming, live and past Miittis."""
    return render_template(
        "events/front.html",
        live=queries.live(),
        upcoming=queries.upcoming(),
        past=queries.past(),
        cohosts=queries.cohosts,
        starts_in=starts_in,
    )


@blueprint.get("/miitti/<slug>")
@access.allow(Role.VISITOR)
def page(slug: str) -> str:
    """The event at its one address: teaser, then live, then recordings.

    `?preview=` shows a draft to whoever was given that address.
    """
    word = request.args.get("preview")
    event = queries.previewed(slug, word) if word else queries.seen(slug, access.me())
    doors = queries.doors(event)
    items = queries.programme(event.id)
    on, coming = queries.running(items)
    hosts = queries.cohosts(event.id)
    return render_template(
        "events/cancelled.html" if event.cancelled_at else TEMPLATES[doors],
        event=event,
        doors=doors,
        items=items,
        on=on,
        coming=coming,
        hosts=hosts,
        starts_in=starts_in(event),
        linked_data=linked_data(event, hosts),
        canonical=address(event),
    )


@blueprint.get("/miitti/<slug>/doors.json")
@access.allow(Role.VISITOR)
def doors_now(slug: str) -> Response:
    """Where the doors stand, for open pages that wait for the next state."""
    event = queries.seen(slug, access.me())
    answer = jsonify(
        doors=queries.doors(event),
        starts_in=starts_in(event),
        starts_at=clock.stamp(event.starts_at),
        ends_at=clock.stamp(event.ends_at),
        now=clock.stamp(clock.now()),
    )
    answer.cache_control.no_store = True
    return answer


def address(event: Event) -> str:
    """The event's full public address; the same in letters, calendars and shares."""
    return settings.current().base_url + url_for("events.page", slug=event.slug)


def starts_in(event: Event) -> str:
    """How long it is until the event, in words."""
    wait, number = states.until(event.starts_at, clock.now())
    match wait:
        case states.Wait.DAYS:
            words = ngettext("Starts in %(num)d day", "Starts in %(num)d days", number)
        case states.Wait.TOMORROW:
            words = _("Starts tomorrow")
        case states.Wait.HOURS:
            words = ngettext("Starts in %(num)d hour", "Starts in %(num)d hours", number)
        case states.Wait.MINUTES:
            words = ngettext("Starts in %(num)d minute", "Starts in %(num)d minutes", number)
        case states.Wait.NOW:
            words = _("Starts any moment")
    return str(words)


def linked_data(event: Event, hosts: Sequence[Organisation]) -> dict[str, Any]:
    """The event as schema.org Event (JSON-LD) with the fields search engines require."""
    picked = language.pick
    url = address(event)
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": picked(event, "title"),
        "description": picked(event, "lead") or picked(event, "title"),
        "startDate": event.starts_at.astimezone(clock.HELSINKI).isoformat(),
        "endDate": event.ends_at.astimezone(clock.HELSINKI).isoformat(),
        "eventAttendanceMode": f"https://schema.org/{_MODES[event.attendance]}EventAttendanceMode",
        "eventStatus": f"https://schema.org/Event{_status(event)}",
        "isAccessibleForFree": True,
        "inLanguage": event.languages.split(),
        # drawn by the room above that answers there
        "image": [url + "/share.png"],
        "url": url,
        "location": _places(event, url),
        "organizer": [{"@type": "Organization", "name": picked(host, "name")} for host in hosts],
        "offers": {
            "@type": "Offer",
            "price": "0",
            "priceCurrency": "EUR",
            "availability": "https://schema.org/InStock",
            "url": url,
        },
    }
    if event.moved_from is not None:
        told["previousStartDate"] = event.moved_from.astimezone(clock.HELSINKI).isoformat()
    return told


_MODES = {states.Attendance.ONLINE: "Online", states.Attendance.ONSITE: "Offline", states.Attendance.BOTH: "Mixed"}


def _status(event: Event) -> str:
    if event.cancelled_at is not None:
        return "Cancelled"
    return "Rescheduled" if event.moved_from is not None else "Scheduled"


def _places(event: Event, url: str) -> dict[str, Any] | list[dict[str, Any]]:
    """Where one takes part: the page, the street address, or both."""
    page = {"@type": "VirtualLocation", "url": url}
    there = {
        "@type": "Place",
        "name": language.pick(event, "place") or event.address,
        "address": event.address,
    }
    either: dict[states.Attendance, dict[str, Any] | list[dict[str, Any]]] = {
        states.Attendance.ONLINE: page,
        states.Attendance.ONSITE: there,
        states.Attendance.BOTH: [there, page],
    }
    return either[event.attendance]

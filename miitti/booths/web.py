"""Public pages of the booths: the hall and a booth, and the companies' cards on the event page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.booths import queries, states
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, forms, pages, settings
from miitti.foundation.access import Role

blueprint = Blueprint("booths", __name__)


def plug(app: Flask) -> None:
    """Put the companies' cards on the event page and the booth's own words between its video and its jobs."""
    pages.fill(app, "event.main", _cards, order=10)
    pages.fill(app, "event.now", _interested, order=10)
    pages.fill(app, "booth.main", _words, order=15)


@blueprint.get("/miitti/<slug>/booths")
@access.allow(Role.VISITOR)
def hall(slug: str) -> str | Response:
    """All booths of an event, or those that fit `?find=` and `?where=`; two to four side by side (`?compare=`).

    With `?surprise=1` one of them by chance (303), not the one in `?not=`.
    """
    event = events.seen(slug, access.me())
    if request.args.get("surprise"):
        booth = queries.any_of_event(event.id, but=request.args.get("not", ""))
        if booth is not None:
            answer = redirect(url_for("booths.page", slug=slug, booth=booth.slug, surprise=1), 303)
            answer.cache_control.no_store = True
            return answer
    booths = queries.of_event(event.id)
    chosen = request.args.getlist("compare")
    compared = [booth for booth in booths if booth.slug in chosen][: states.MOST_COMPARED]
    if len(compared) > 1:
        return render_template("booths/compare.html", event=event, booths=compared)
    find = forms.clean_line(request.args.get("find", ""))[:80]
    where = request.args.get("where", "")
    return render_template(
        "booths/hall.html",
        event=event,
        doors=events.doors(event),
        all=booths,
        booths=[booth for booth in booths if _fits(booth, event, find, where)],
        places_there=sorted({booth.municipality for booth in booths if booth.municipality}, key=str.casefold),
        find=find,
        where=where,
        chosen_too_few=bool(chosen),
    )


def _fits(booth: Booth, event: Event, find: str, where: str) -> bool:
    """Whether the booth is in that municipality and says every word, in any language and in its ads."""
    if where and booth.municipality != where:
        return False
    told = [getattr(booth, name) for name in states.SEARCHED]
    said = " ".join([*told, *pages.gather("hall.words", booth=booth, event=event)]).casefold()
    return all(word in said for word in find.casefold().split())


@blueprint.get("/miitti/<slug>/booths/<booth>")
@access.allow(Role.VISITOR)
def page(slug: str, booth: str) -> str:
    """One booth: its video, texts, jobs, questions and the way to leave one's details."""
    event = events.seen(slug, access.me())
    found = queries.by_slug(event.id, booth)
    return render_template(
        "booths/page.html",
        event=event,
        doors=events.doors(event),
        booth=found,
        others=len(queries.of_event(event.id)) > 1,
        canonical=address(event, found),
        mine=queries.may_edit(found, access.me()),
    )


def address(event: Event, booth: Booth) -> str:
    """The booth's full public address."""
    return settings.current().base_url + url_for("booths.page", slug=event.slug, booth=booth.slug)


def _words(**ctx: Any) -> Markup:
    booth: Booth = ctx["booth"]
    page = render_template("booths/words.html", booth=booth, people=states.people(booth.people))
    return Markup(page)  # noqa: S704 - our own template


def _interested(**ctx: Any) -> Markup | str:
    """The way to the booth of the company that is on now."""
    event, item = ctx["event"], ctx["item"]
    if item is None or item.organisation_id is None:
        return ""
    booth = next((b for b in queries.of_event(event.id) if b.organisation_id == item.organisation_id), None)
    if booth is None:
        return ""
    # the form on a page of its own; the room above that answers there has this address by contract
    url = url_for("booths.page", slug=event.slug, booth=booth.slug) + "/leads?from=stage"
    return Markup('<a class="button sun" href="{}">{}<span class="unseen">: {}</span></a>').format(
        url, _("I'm interested"), booth.name
    )


def _cards(**ctx: Any) -> Markup | str:
    event: Event = ctx["event"]
    booths = queries.of_event(event.id)
    if not booths:
        return ""
    return Markup(  # noqa: S704 - a rendered template of ours
        render_template("booths/cards.html", event=event, doors=ctx["doors"], booths=booths)
    )

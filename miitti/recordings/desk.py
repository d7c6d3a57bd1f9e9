"""The signed-in edge of recordings: a host looks, cuts the ends off, captions, publishes, downloads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, clock, errors, language, pages
from miitti.foundation.access import Role
from miitti.recordings import actions, forms, queries, states, web
from miitti.recordings.queries import Shown
from miitti.videos import states as videos

blueprint = Blueprint("recordings_desk", __name__)

HOSTS = (Role.ORGANISER, Role.COHOST)
REMINDED = timedelta(days=60)
"""How long after a show its missing captions stand on a host's desk."""


def plug(app: Flask) -> None:
    """Put the way to the recording on a host's event page, and missing captions on the desk."""
    pages.facts(app, "desk.links", _link)
    pages.fill(app, "desk.todo", _todo, order=30)


@blueprint.get("/desk/events/<slug>/recording")
@access.allow(*HOSTS)
def page(slug: str) -> str:
    """The recording and what a host may do with it."""
    return _page(events.hosted(slug, access.me()))


def _page(event: Event, wrong: dict[str, str] | None = None) -> str:
    shown = queries.of_event(event.id)
    pages.script("recordings/cut.js")
    return render_template(
        "recordings/desk.html",
        event=event,
        shown=shown,
        row=shown.row if shown else None,
        player=web.player(event, shown) if shown else "",
        length=videos.clock(shown.seconds) if shown else "",
        whole=videos.clock(float(shown.whole["seconds"])) if shown else "",
        clock=videos.clock,
        note=_due(shown) if shown else "",
        captions=queries.captions(event.id),
        form=forms.CaptionsForm(),
        languages=language.NAMES,
        wrong=wrong or {},
        typed=request.form,
    )


@blueprint.post("/desk/events/<slug>/recording")
@access.allow(*HOSTS)
def run(slug: str) -> Response | tuple[str, int]:
    """Do what the host decided: `action` is trim (with `starts` and `ends`), publish or hide."""
    event = events.hosted(slug, access.me())
    try:
        match request.form.get("action"):
            case "trim":
                starts, ends = _moment("starts"), _moment("ends")
                actions.trim(event_id=event.id, starts_s=starts or 0.0, ends_s=ends)
                flash(_("The ends are cut off. Nothing is lost: you can change it again."), "done")
            case "publish":
                actions.publish(event_id=event.id)
                flash(_("The recording is published. Lighter versions and the download are being made."), "done")
            case "hide":
                actions.hide(event_id=event.id)
                flash(_("Visitors don't see the recording now. Publish brings it back."), "done")
            case _:
                raise errors.Invalid(_("Choose one of the buttons on the page."), field="action")
    except errors.Invalid as problem:
        return _page(event, _said(problem)), 422
    return redirect(url_for("recordings_desk.page", slug=slug), 303)


@blueprint.post("/desk/events/<slug>/recording/captions")
@access.allow(*HOSTS)
def captions(slug: str) -> Response | tuple[str, int]:
    """Give the recording captions in one language, or take them away."""
    event = events.hosted(slug, access.me())
    form = forms.CaptionsForm.sent()
    try:
        form.check()
        if "remove" in request.form:
            actions.uncaption(event_id=event.id, language=form.language.data)
        else:
            actions.caption(event_id=event.id, language=form.language.data, text=form.text())
    except errors.Invalid as problem:
        return _page(event, _said(problem)), 422
    flash(_("Done. Visitors see it now."), "done")
    return redirect(url_for("recordings_desk.page", slug=slug), 303)


def _moment(name: str) -> float | None:
    try:
        return states.moment(request.form.get(name, ""))
    except ValueError:
        raise errors.Invalid(_("Write the moment as minutes and seconds, like 12:30."), field=name) from None


def _said(problem: errors.Invalid) -> dict[str, str]:
    found = {field: str(messages[0]) for field, messages in problem.fields.items() if messages}
    return found or {"action": str(problem.message)}


def _due(shown: Shown) -> str:
    """What is said of missing captions; "" when there are some."""
    left = queries.days_left(shown, clock.now())
    if left is None:
        return ""
    if left < 0:
        return str(_("A recording may be up without captions for 14 days; that time is over. Caption it or hide it."))
    return str(
        ngettext(
            "The recording needs captions within 14 days: %(num)s day left.",
            "The recording needs captions within 14 days: %(num)s days left.",
            left,
        )
    )


def _link(**ctx: Any) -> dict[str, str] | None:
    event: Event = ctx["event"]
    if queries.of_event(event.id) is None:
        return None
    return {
        "title": _("The recording"),
        "note": _("Cut, caption, publish, download"),
        "url": url_for("recordings_desk.page", slug=event.slug),
    }


def _todo(**ctx: Any) -> Markup:
    lines = []
    for event in events.hosted_by(ctx["who"]):
        recent = event.ends_at > clock.now() - REMINDED
        shown = queries.of_event(event.id) if recent else None
        if shown is not None and not shown.hidden and (note := _due(shown)):
            lines.append({"event": event, "note": note})
    return Markup(render_template("recordings/todo.html", lines=lines)) if lines else Markup("")  # noqa: S704

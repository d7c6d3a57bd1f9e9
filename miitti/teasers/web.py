"""Public edges of promotion: the calendar file, reminders, and the counting of partner links."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.events import queries as events
from miitti.events.states import Doors
from miitti.events.web import address
from miitti.foundation import access, clock, errors, journal, language, limits, links, pages
from miitti.foundation.access import Role, Who
from miitti.teasers import actions, calendars, queries, states
from miitti.teasers.forms import ReminderForm

blueprint = Blueprint("teasers", __name__)

RECENT = timedelta(days=28)
"""A past event stays this long in the calendar of all, so that a cancellation reaches who looks rarely."""


def plug(app: Flask) -> None:
    """Put the two ways to remember on the teaser, count partner links, and follow moved events."""
    pages.fill(app, "event.action", _action, order=10)
    pages.fill(app, "desk.event", _reached, order=10)
    pages.fill(app, "front.calendar", _subscribe)
    pages.facts(app, "event.told", lambda **ctx: queries.number_of_event(ctx["event"].id))
    pages.facts(app, "privacy.find", _kept)
    pages.facts(app, "privacy.erase", _forget)
    app.before_request(_count)

    def moved(entry: journal.Entry) -> None:
        with app.app_context():
            actions.reschedule(event_id=int(entry.stream.partition(":")[2]))

    journal.on(app, "event:", moved)


@blueprint.get("/miitti/<slug>/calendar.ics")
@access.allow(Role.VISITOR)
def calendar(slug: str) -> Response:
    """The event for any calendar program, no sign-up needed."""
    event = events.seen(slug, access.me())
    answer = current_app.response_class(
        calendars.written(event, address(event)),
        content_type="text/calendar; charset=utf-8; method=PUBLISH; component=VEVENT",
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{event.slug}.ics"'
    return answer


@blueprint.get("/calendar.ics")
@access.allow(Role.VISITOR)
def calendar_of_all() -> Response:
    """All coming Miittis and those of the last weeks, for calendars that follow them (`webcal:` leads here)."""
    since = clock.now() - RECENT
    found = [*events.live(), *events.upcoming(), *(event for event in events.past() if event.ends_at > since)]
    answer = current_app.response_class(
        calendars.subscribed([(event, address(event)) for event in found], name=_("Miittis")),
        content_type="text/calendar; charset=utf-8; method=PUBLISH; component=VEVENT",
    )
    answer.headers["Cache-Control"] = "private, max-age=600"
    answer.vary.update(("Cookie", "Accept-Language"))
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.post("/miitti/<slug>/reminders")
@access.allow(Role.VISITOR)
def remind(slug: str) -> str | tuple[str, int] | Response:
    """Note an address. The answer is the same whether the address was known or not."""
    event = events.seen(slug, access.me())
    form = ReminderForm.sent()
    try:
        form.check()
        # many people of one school or library share an address; a script does not stop at thirty
        limits.take(f"reminders:{limits.address()}", burst=30, per_s=0.5)
        actions.remind(
            event_id=event.id,
            email=form.email.data or "",
            language=language.current(),
            visitor=access.me().visitor,
        )
    except errors.Invalid as problem:
        if pages.wants_json():
            raise
        if not form.errors:
            form.blame(problem)
        return render_template("teasers/remind.html", event=event, form=form), 422
    if pages.wants_json():
        return jsonify(ok=True)
    return redirect(url_for("teasers.reminded", slug=slug), 303)


@blueprint.get("/miitti/<slug>/reminders")
@access.allow(Role.VISITOR)
def reminded(slug: str) -> str:
    """What happens next, after an address was left."""
    event = events.seen(slug, access.me())
    return render_template("teasers/reminded.html", event=event)


@blueprint.get("/join/<token>")
@access.allow(Role.VISITOR)
def join(token: str) -> Response:
    """From a letter straight to the event's page, in the language of the letter. Nothing is counted or noted."""
    event_id, code = links.opened(states.JOIN, token)
    # the language goes along in the address, so that it also holds where cookies are refused
    answer = redirect(url_for("events.page", slug=events.by_id(event_id).slug, lang=code), 303)
    answer.cache_control.no_store = True
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@blueprint.get("/reminders/<token>")
@access.allow(Role.VISITOR)
def removal(token: str) -> str:
    """A button that removes the reminder: mail scanners open links, so opening must not do it."""
    reminder = queries.by_token(token)
    return render_template("teasers/removal.html", event=events.by_id(reminder.event_id), token=token)


@blueprint.post("/reminders/<token>")
@access.allow(Role.VISITOR)
def remove(token: str) -> str | Response:
    """Remove the reminder and its address for good."""
    actions.forget(token=token)
    flash(_("Removed. Your address is no longer here."), "done")
    return redirect(url_for("events.front"), 303)


def _action(**ctx: Any) -> Markup | str:
    event, doors = ctx["event"], ctx["doors"]
    if doors not in (Doors.OPEN, Doors.DRAFT):
        return ""
    page = render_template(
        "teasers/action.html",
        event=event,
        form=ReminderForm(),
        elsewhere=calendars.elsewhere(event, address(event)),
    )
    return Markup(page)  # noqa: S704 - our own template


def _subscribe(**_ctx: Any) -> Markup:
    """The way to follow all events in one's own calendar; `webcal:` is what calendar programs listen to."""
    url = pages.absolute(url_for("teasers.calendar_of_all"))
    page = render_template("teasers/subscribe.html", webcal="webcal://" + url.partition("://")[2], url=url)
    return Markup(page)  # noqa: S704 - our own template


def _reached(**ctx: Any) -> Markup:
    """For hosts: how many asked to be reminded, and which partners' links brought people."""
    event = ctx["event"]
    page = render_template(
        "teasers/reached.html",
        event=event,
        reminders=queries.number_of_event(event.id),
        arrivals=queries.arrivals(event.id),
        link=address(event),
    )
    return Markup(page)  # noqa: S704 - our own template


def _count() -> None:
    """Count a page view that came by `?via=`; a page is never lost because of its counter."""
    partner = states.partner(request.args.get("via"))
    if partner is None or request.method != "GET" or request.endpoint != "events.page":
        return
    if not states.is_person(request.headers.get("User-Agent", ""), request.headers.get("Sec-Purpose", "")):
        return
    try:
        event = events.seen((request.view_args or {})["slug"], access.me())
        limits.take(f"via:{limits.address()}", burst=60, per_s=1)
        actions.count(event_id=event.id, partner=partner)
    except errors.Problem:
        return


def _kept(*, address: str, who: Who, **_ctx: object) -> list[dict[str, object]]:
    """The reminders an address has asked for, within the events `who` answers for."""
    return [
        {
            "what": _("Reminder of %(name)s", name=language.pick(events.by_id(row.event_id), "title")),
            "note": "",
            "data": {"event": events.by_id(row.event_id).slug, "email": row.email, "language": row.language},
        }
        for row in queries.asked_by_address(address, who)
    ]


def _forget(*, address: str, who: Who, **_ctx: object) -> int:
    found = queries.asked_by_address(address, who)
    for row in found:
        actions.forget(token=row.token)
    return len(found)

"""Who is there, as pages tell it: a dot on a booth while somebody of its company is there, how many watch, and who
says that a whole class does."""

from flask import Blueprint, Flask, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, errors, limits, pages
from miitti.foundation.access import Role
from miitti.presence import actions, queries
from miitti.presence.forms import TogetherForm
from miitti.presence.states import MOST_HEADS

blueprint = Blueprint("presence", __name__)


def plug(app: Flask) -> None:
    """Put the dot on the hall's cards and on the booth's page."""
    pages.fill(app, "hall.tag", dot, order=80)
    pages.fill(app, "booth.aside", dot, order=5)
    pages.fill(app, "event.present", watchers)
    pages.fill(app, "event.together", together)
    pages.fill(app, "stage.people", groups)


@blueprint.post("/miitti/<slug>/together")
@access.allow(Role.VISITOR)
def gather(slug: str) -> tuple[str, int] | Response:
    """Note how many people watch before this browser, or that it is one again."""
    event = events.seen(slug, access.me())
    form = TogetherForm.sent()
    try:
        form.check()
        limits.take(f"together:{limits.address()}", burst=30, per_s=0.5)
        heads = 1 if form.alone.data else form.heads.data or 1
        visitor = access.me().visitor
        if visitor is None:
            raise errors.Refused(_("The browser must allow cookies for this."))
        actions.gather(event_id=event.id, visitor=visitor, heads=heads)
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return render_template("presence/alone.html", event=event, form=form, most=MOST_HEADS), 422
    if heads > 1:
        flash(ngettext("%(num)d person watches here.", "%(num)d people watch here together.", heads), "done")
    else:
        flash(_("Counted as one again."), "done")
    return redirect(url_for("events.page", slug=slug), 303)


def together(*, event: Event, **_context: object) -> str:
    """The form for a class or a job club, folded up."""
    visitor = access.me().visitor
    heads = queries.heads(event.id, visitor) if visitor else 1
    form = TogetherForm(heads=heads if heads > 1 else None)
    return render_template("presence/together.html", event=event, heads=heads, form=form, most=MOST_HEADS)


def groups(*, event: Event, **_context: object) -> str:
    """For hosts: how many of the watchers sit in groups; nothing while none does."""
    number, heads = queries.groups(event.id)
    return render_template("presence/groups.html", number=number, heads=heads)


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

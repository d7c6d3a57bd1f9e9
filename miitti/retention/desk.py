"""On each of the company's leads: until when it stays, and the hold; and an event's end for good."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, errors, language, pages
from miitti.foundation.access import Power
from miitti.leads import queries as leads
from miitti.leads.queries import Whole
from miitti.oversight import states as oversight
from miitti.retention import actions, forms, queries, states

blueprint = Blueprint("retention_desk", __name__)


def plug(app: Flask) -> None:
    """Put the date on each card, and the way to delete it behind each event."""
    pages.fill(app, "lead.card", _card, order=30)
    pages.facts(app, "desk.links", _event_links)


@blueprint.post("/desk/leads/<reference>/hold")
@access.allow(*access.holders(Power.READ_LEADS))
def hold(reference: str) -> Answer:
    """Hold a lead with a reason, or let it go."""
    if request.form.get("release"):
        actions.release(reference=reference, who=access.me())
    else:
        actions.hold(reference=reference, reason=request.form.get("reason", ""), who=access.me())
    flash(_("Saved."), "done")
    return redirect(url_for("leads_desk.leads", _anchor=reference), 303)


@blueprint.route("/desk/events/<slug>/delete", methods=["GET", "POST"])
@access.allow(*access.holders(Power.CANCEL_OR_DELETE))
def remove_event(slug: str) -> str | tuple[str, int] | Answer:
    """Say what goes and what stays, and delete the event when its name is written."""
    event = events.hosted(slug, access.me())
    access.me().must(Power.CANCEL_OR_DELETE, event_id=event.id)
    if request.method != "POST":
        return _remove_page(event, forms.DeleteEvent())
    form = forms.DeleteEvent.sent()
    title = language.pick(event, "title")
    try:
        form.check()
        actions.delete_event(event_id=event.id, typed=form.typed.data or "", who=access.me())
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return _remove_page(event, form), 422
    flash(_("%(name)s is deleted.", name=title), "done")
    return redirect(url_for("events_desk.desk"), 303)


def _remove_page(event: Event, form: forms.DeleteEvent) -> str:
    return render_template(
        "retention/delete_event.html",
        event=event,
        form=form,
        doors=events.doors(event),
        kept=leads.kept_of_event(event.id),
        going=queries.going(event.id),
        audit_years=oversight.AUDIT_KEPT.days // 365,
    )


def _event_links(*, event: Event, **_ctx: object) -> dict[str, str] | None:
    if not access.me().can(Power.CANCEL_OR_DELETE, event_id=event.id):
        return None
    return {
        "title": _("Delete the event"),
        "note": _("When it is over, or was never published"),
        "url": url_for("retention_desk.remove_event", slug=event.slug),
    }


def _card(*, whole: Whole, leads: list[Whole], **_ctx: object) -> Markup:
    if "holds" not in g:
        g.holds = queries.holds([one.lead.id for one in leads])
    page = render_template(
        "retention/card.html", whole=whole, held=g.holds.get(whole.lead.id), most=states.REASON_LENGTH
    )
    return Markup(page)  # noqa: S704 - our own template

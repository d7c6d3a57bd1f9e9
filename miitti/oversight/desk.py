"""Signed-in pages of oversight: what was done in an event, and what is kept of one person."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, Response, flash, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from miitti.accounts import queries as accounts
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, clock, errors, pages
from miitti.foundation.access import Power, Who
from miitti.oversight import actions, forms, queries, states

blueprint = Blueprint("oversight_desk", __name__, url_prefix="/desk")

CHOSEN = ("person", "kind", "object", "behalf", "since", "until")
"""What the audit can be narrowed by, as it stands in the address."""

PRIVACY = access.holders(Power.ANSWER_PRIVACY)
"""Who answers a person that asks what is kept of her; within the events they may see."""


def plug(app: Flask) -> None:
    """Put the audit behind each event, and the privacy screen into the desk's navigation."""
    pages.facts(app, "desk.links", _event_links)
    pages.facts(app, "privacy.erase", _blank)
    pages.desk_link(app, _links, order=85)


# -- what was done -------------------------------------------------------------------------------------------


@blueprint.get("/events/<slug>/audit")
@access.allow(*access.holders(Power.READ_AUDIT))
def audit(slug: str) -> str:
    """Who did what in the event, the newest first, with filters."""
    event = events.hosted(slug, access.me())
    access.me().must(Power.READ_AUDIT, event_id=event.id)
    form = forms.Filter(request.args)
    since, until = form.days()
    found = accounts.audit(
        event_id=event.id,
        person_id=pages.number("person"),
        since=since,
        until=until,
        object_kind=request.args.get("kind", "")[:40],
        object_id=request.args.get("object", "")[:64],
        on_behalf=request.args.get("behalf") == "1",
        before_id=pages.number("before"),
        limit=states.AUDIT_PAGE + 1,
    )
    entries = found[: states.AUDIT_PAGE]
    known = [(entry.object_kind, entry.object_id) for entry in entries]
    things = queries.names(entries)
    things |= {(kind, key): name for kind, key, name in pages.gather("audit.names", entries=known)}
    return render_template(
        "oversight/audit.html",
        event=event,
        entries=entries,
        more=entries[-1].id if len(found) > states.AUDIT_PAGE else None,
        form=form,
        chosen={name: request.args[name][:64] for name in CHOSEN if request.args.get(name)},
        things=things,
        words=states,
        names={p.id: p.name or p.email for p in accounts.people(e.person_id for e in entries if e.person_id).values()},
        companies=accounts.organisation_names(e.for_organisation_id for e in entries if e.for_organisation_id),
        actors=accounts.audit_people(event.id),
        kinds=accounts.audit_kinds(event.id),
    )


# -- what is kept of a person --------------------------------------------------------------------------------


@blueprint.route("/privacy", methods=["GET", "POST"])
@access.allow(*PRIVACY)
def privacy() -> str | tuple[str, int] | Response:
    """Find what is kept of a person, hand it out as JSON, or erase it. Every step is noted, without the address."""
    if request.method != "POST":
        return render_template("oversight/privacy.html", form=forms.FindPerson(), found=None)
    form = forms.FindPerson.sent()
    try:
        form.check()
    except errors.Invalid:
        return render_template("oversight/privacy.html", form=form, found=None), 422
    address = form.address
    found = pages.gather("privacy.find", address=address, who=access.me())
    what = request.form.get("do", "find")
    actions.note_privacy(verb=f"privacy_{what}" if what in ("export", "erase") else "privacy_find", found=len(found))
    if what == "export":
        return _exported(address, found)
    if what == "erase":
        number = sum(pages.gather("privacy.erase", address=address, who=access.me()))
        flash(ngettext("%(num)d record was erased.", "%(num)d records were erased.", number), "done")
        found = pages.gather("privacy.find", address=address, who=access.me())
    return render_template("oversight/privacy.html", form=form, found=found)


def _exported(address: str, found: list[Any]) -> Response:
    told = {"address": address, "at": clock.stamp(clock.now()), "kept": found}
    answer = make_response(json.dumps(told, ensure_ascii=False, indent=2, default=str) + "\n")
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = 'attachment; filename="miitti-person.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _blank(*, address: str, who: Who, **_ctx: Any) -> int:
    actions.blank(address=address, who=who)
    return 0  # the entries stay; they are nobody's record any more


def _event_links(*, event: Event, **_ctx: Any) -> dict[str, str] | None:
    if not access.me().can(Power.READ_AUDIT, event_id=event.id):
        return None
    return {
        "title": _("What was done"),
        "note": _("Who did what, and for whom"),
        "url": url_for("oversight_desk.audit", slug=event.slug),
    }


def _links() -> tuple[str, str, str] | None:
    if not access.me().can(Power.ANSWER_PRIVACY):
        return None
    return _("Data of a person"), url_for("oversight_desk.privacy"), ""

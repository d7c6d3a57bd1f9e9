"""Signed-in pages of the booths: a company writes its booth; hosts see which booths are ready."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.accounts import queries as accounts
from miitti.booths import actions, queries
from miitti.booths.forms import BoothForm
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import access, errors, pages
from miitti.foundation.access import HOSTS, Who

blueprint = Blueprint("booths_desk", __name__, url_prefix="/desk/booths")

EDITORS = access.EDITORS
"""Roles that may work on some booth; which one, `queries.editable` says."""


def plug(app: Flask) -> None:
    """Put the own booths on the desk and the list of booths on a host's event page."""
    pages.desk_link(app, _links, order=10)
    pages.fill(app, "desk.todo", _own_booths, order=20)
    pages.fill(app, "desk.event", _booths_of_event, order=20)
    pages.fill(app, "ready", _ready, order=10)
    pages.facts(app, "privacy.find", _kept)
    pages.facts(app, "privacy.erase", _forget)


@blueprint.route("/<event>/<booth>", methods=["GET", "POST"])
@access.allow(*EDITORS)
def edit(event: str, booth: str) -> str | tuple[str, int] | Response:
    """The booth's texts; what is typed stays on the page when something in it can't be used."""
    found, its_event = queries.editable(event, booth, access.me())
    if request.method != "POST":
        return _page(its_event, found, _form(found, BoothForm(obj=found)))
    form = _form(found, BoothForm.sent(obj=found))
    try:
        form.check()
        texts = {name: value or "" for name, value in form.data.items() if name in actions.TEXTS}
        actions.describe(booth_id=found.id, **texts)
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return _page(its_event, found, form), 422
    flash(_("Saved. Visitors see it now."), "done")
    return redirect(url_for("booths_desk.edit", event=event, booth=booth), 303)


def _form(booth: Booth, form: BoothForm) -> BoothForm:
    """The form without what only the company itself may say, when somebody acts for it."""
    if access.me().acts_for(booth.organisation_id):
        del form.contact_email
    return form


def _page(event: Event, booth: Booth, form: BoothForm) -> str:
    return render_template("booths/edit.html", event=event, booth=booth, form=form, goes_to=_goes_to(booth))


def _goes_to(booth: Booth) -> str:
    """Where the booth's contacts go now, or nothing."""
    first = None if booth.contact_email else accounts.spokesperson(booth.organisation_id)
    return first.email if first else booth.contact_email


def _links() -> list[tuple[str, str, str]]:
    """The own booths in the desk's navigation; a host of many finds them behind the event."""
    who = access.me()
    mine = [] if who.may(*HOSTS) else queries.of_who(who)
    return [
        (booth.name, url_for("booths_desk.edit", event=event.slug, booth=booth.slug), "") for booth, event in mine[:3]
    ]


def _own_booths(**ctx: Any) -> Markup | str:
    who: Who = ctx["who"]
    if who.may(*HOSTS):
        return ""  # a host would see every booth there is; they are behind each event
    mine = queries.of_who(who)
    if not mine:
        return ""
    missing = {one.id: str(pages.place("ready", booth=one, event=event)).count('class="tick"') for one, event in mine}
    return Markup(render_template("booths/todo.html", mine=mine, missing=missing))  # noqa: S704 - our template


def _booths_of_event(**ctx: Any) -> Markup:
    event: Event = ctx["event"]
    return Markup(  # noqa: S704 - a rendered template of ours
        render_template("booths/ready.html", event=event, booths=queries.of_event(event.id))
    )


def _ready(**ctx: Any) -> Markup:
    booth: Booth = ctx["booth"]
    event: Event = ctx["event"]
    missing = [
        words
        for there, words in (
            (booth.sentence_fi, _("one sentence about the work")),
            (booth.municipality, _("the municipality")),
            (booth.contact_email, _("an e-mail address for contacts")),
        )
        if not there
    ]
    item = {
        "done": not missing,
        "title": _("Something is missing from the booth") if missing else _("The booth is described"),
        "note": ", ".join(missing),
        "url": url_for("booths_desk.edit", event=event.slug, booth=booth.slug, _anchor="texts"),
        "action": _("Write"),
    }
    return Markup(render_template("booths/ready_line.html", item=item))  # noqa: S704 - our own template


def _kept(*, address: str, who: Who, **_ctx: Any) -> list[dict[str, Any]]:
    """The booths an address gets the contacts of."""
    return [
        {"what": _("Gets the contacts of %(name)s", name=booth.name), "note": "", "data": {"booth": booth.slug}}
        for booth in queries.contacted_by(address, who)
    ]


def _forget(*, address: str, who: Who, **_ctx: Any) -> int:
    found = queries.contacted_by(address, who)
    for booth in found:
        actions.forget_contact(booth_id=booth.id)
    return len(found)

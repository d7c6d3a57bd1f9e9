"""The contacts of one booth behind an expiring link, for those who want no account. Only to look at."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext as _

from miitti.booths import queries as booths
from miitti.foundation import access, links
from miitti.foundation.access import Role
from miitti.leads import queries as leads
from miitti.leads import states as leads_states
from miitti.leads.web import private

blueprint = Blueprint("handling", __name__)


@blueprint.get("/leads/digest/<token>")
@access.allow(Role.VISITOR)
def digest(token: str) -> Response:
    """What a booth has got, newest first. Nothing can be changed here."""
    booth, event = booths.with_event(links.opened("digest", token))
    found = [whole for whole in leads.of_booth(booth.id) if whole.lead.erased_at is None]
    page = render_template(
        "handling/digest.html",
        heading=_("Contacts of %(booth)s", booth=booth.name),
        booth=booth,
        event=event,
        leads=found,
        dialled=leads_states.dialled,
    )
    return private(make_response(page))

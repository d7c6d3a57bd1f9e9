"""`/accessibility` and `/privacy`, of the installation or, with `?event=`, of one event."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, settings
from miitti.foundation.access import Role
from miitti.oversight import states as oversight
from miitti.questions import jobs as questions
from miitti.statements import queries

blueprint = Blueprint("statements", __name__)

FEEDBACK_DAYS = 14
"""In how many days feedback on accessibility is answered (act 306/2019, section 8)."""


@blueprint.get("/accessibility")
@access.allow(Role.VISITOR)
def accessibility() -> str:
    """How accessible the service is, what is not, and where to say so (act 306/2019)."""
    event = _event()
    return render_template(
        "statements/accessibility.html",
        event=event,
        answerers=queries.answerers(event),
        contact=queries.contact(event),
        days=FEEDBACK_DAYS,
    )


@blueprint.get("/privacy")
@access.allow(Role.VISITOR)
def privacy() -> str:
    """What is kept of a visitor, why, how long, and who answers for it (GDPR article 13)."""
    event = _event()
    return render_template(
        "statements/privacy.html",
        event=event,
        answerers=queries.answerers(event),
        contact=queries.contact(event),
        kept=settings.current(),
        address_days=questions.KEPT.days,
        audit_years=oversight.AUDIT_KEPT.days // 365,
    )


def _event() -> Event | None:
    slug = request.args.get("event")
    return events.seen(slug, access.me()) if slug else None

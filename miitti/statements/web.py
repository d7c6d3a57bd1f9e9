"""`/accessibility` and `/privacy`, of the installation or, with `?event=`, of one event; and what is written there."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, errors, limits, pages, settings
from miitti.foundation.access import Role, Who
from miitti.oversight import states as oversight
from miitti.questions import jobs as questions
from miitti.statements import actions, forms, queries, states

blueprint = Blueprint("statements", __name__)


def plug(app: Flask) -> None:
    """Let the privacy screen find what somebody wrote below a statement."""
    pages.facts(app, "privacy.find", _kept)
    pages.facts(app, "privacy.erase", _forget)


@blueprint.route("/accessibility", methods=["GET", "POST"])
@access.allow(Role.VISITOR)
def accessibility() -> str | tuple[str, int] | Response:
    """How accessible the service is, what is not, and where to say so (act 306/2019)."""
    return _statement(states.About.ACCESSIBILITY)


@blueprint.route("/privacy", methods=["GET", "POST"])
@access.allow(Role.VISITOR)
def privacy() -> str | tuple[str, int] | Response:
    """What is kept of a visitor, why, how long, and who answers for it (GDPR article 13)."""
    return _statement(states.About.PRIVACY)


def _statement(about: states.About) -> str | tuple[str, int] | Response:
    """The statement, or what was written below it taken in; what can't be taken comes back as it was typed."""
    event = _event()
    if request.method != "POST":
        return _page(about, event, forms.Feedback())
    form = forms.Feedback.sent()
    try:
        form.check()
        limits.take(f"feedback:{limits.address()}", burst=states.BURST, per_s=1 / states.EVERY_S)
        actions.leave(
            event_id=event.id if event else None,
            about=about,
            text=form.text.data or "",
            email=form.email.data or "",
            language=str(get_locale() or "fi"),
        )
    except errors.Invalid:
        return _page(about, event, form), 422
    except errors.TooMany as problem:
        return _page(about, event, form, too_many=str(problem)), 429
    if form.email.data:
        days = states.FEEDBACK_DAYS
        flash(ngettext("Thank you. You get an answer within %(num)d day.",
                       "Thank you. You get an answer within %(num)d days.", days), "done")  # fmt: skip
    else:
        flash(_("Thank you. It is on its way to those who answer for this."), "done")
    return redirect(url_for(f"statements.{about}", event=event.slug if event else None), 303)


def _page(about: states.About, event: Event | None, form: forms.Feedback, too_many: str = "") -> str:
    return render_template(
        f"statements/{about}.html",
        event=event,
        form=form,
        too_many=too_many,
        answerers=queries.answerers(event),
        contact=queries.contact(event),
        days=states.FEEDBACK_DAYS,
        kept=settings.current(),
        address_days=questions.KEPT.days,
        audit_years=oversight.AUDIT_KEPT.days // 365,
    )


def _event() -> Event | None:
    slug = request.args.get("event")
    return events.seen(slug, access.me()) if slug else None


def _kept(*, address: str, who: Who, **_ctx: Any) -> list[dict[str, Any]]:
    """What waits to leave by letter; the mailbox it went to is its owner's to look through."""
    return [
        {
            "what": _("Feedback that has not left yet"),
            "note": row.text[:80],
            "data": {"about": row.about, "text": row.text, "email": row.email, "at": row.at.isoformat()},
        }
        for row in queries.written_by(address, who)
    ]


def _forget(*, address: str, who: Who, **_ctx: Any) -> int:
    found = queries.written_by(address, who)
    for row in found:
        actions.forget(feedback_id=row.id)
    return len(found)

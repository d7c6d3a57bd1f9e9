"""The signed-in page on which a company decides about its contacts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.booths.models import Booth
from miitti.foundation import access, errors, pages
from miitti.foundation.access import Power, Who
from miitti.intake import actions, forms, queries, states

blueprint = Blueprint("intake_desk", __name__, url_prefix="/desk/booths")


def plug(app: Flask) -> None:
    """Lead the company there from its booth's page."""
    pages.fill(app, "desk.booth", _link, order=30)
    pages.facts(app, "privacy.find", _kept)
    pages.facts(app, "privacy.erase", _forget)


@blueprint.route("/<event>/<booth>/intake", methods=["GET", "POST"])
@access.allow(*access.holders(Power.READ_LEADS))
def edit(event: str, booth: str) -> str | tuple[str, int] | Response:
    """Further addresses, how a CV travels, own questions; what is typed stays when something can't be used."""
    found, its_event = queries.own(event, booth, access.me())
    if request.method != "POST":
        return _page(found, its_event, _filled(found))
    form = forms.PromptsForm.sent()
    try:
        form.check()
        actions.set_up(
            booth_id=found.id,
            also=(form.also.data or "").replace(",", "\n").split(),
            cv_attached=form.cv_attached.data,
            digest=form.digest.data,
            privacy={code: form[f"privacy_{code}"].data or "" for code in actions.LANGUAGES},
            texts=[
                {code: form[f"prompt_{number}_{code}"].data or "" for code in actions.LANGUAGES}
                for number in range(states.MOST_PROMPTS)
            ],
        )
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return _page(found, its_event, form), 422
    flash(_("Saved."), "done")
    return redirect(url_for("intake_desk.edit", event=event, booth=booth), 303)


def _filled(booth: Booth) -> Any:
    decided = queries.of_booth(booth.id)
    asked = {
        f"prompt_{number}_{code}": getattr(prompt, f"text_{code}")
        for number, prompt in enumerate(queries.prompts(booth.id))
        for code in actions.LANGUAGES
    }
    return forms.PromptsForm(
        data={
            "also": "\n".join(decided.also),
            "cv_attached": decided.cv_attached,
            "digest": decided.digest,
            **{f"privacy_{code}": getattr(decided, f"privacy_{code}") for code in actions.LANGUAGES},
            **asked,
        }
    )


def _page(booth: Booth, event: Any, form: Any) -> str:
    return render_template(
        "intake/edit.html",
        heading=_("How contacts reach you"),
        booth=booth,
        event=event,
        form=form,
        most=states.MOST_PROMPTS,
    )


def _link(**ctx: Any) -> Markup | str:
    booth, event = ctx["booth"], ctx["event"]
    if not access.me().can(Power.READ_LEADS, event_id=booth.event_id, organisation_id=booth.organisation_id):
        return ""
    return Markup(render_template("intake/link.html", booth=booth, event=event))  # noqa: S704 - our own template


def _kept(*, address: str, who: Who, **_ctx: Any) -> list[dict[str, Any]]:
    """The booths an address gets the contacts of, beside their own."""
    return [
        {"what": _("Gets the contacts of %(name)s", name=booth.name), "note": "", "data": {"booth": booth.slug}}
        for booth in queries.also_at(address, who)
    ]


def _forget(*, address: str, who: Who, **_ctx: Any) -> int:
    found = queries.also_at(address, who)
    for booth in found:
        actions.forget_also(booth_id=booth.id, email=address)
    return len(found)

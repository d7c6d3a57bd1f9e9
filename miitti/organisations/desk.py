"""Signed-in pages of an organisation: its names, how it is reached, its logo."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from miitti.accounts import states as accounts_states
from miitti.foundation import access, clock, errors, pages, storage
from miitti.foundation.access import Who
from miitti.organisations import actions, forms, queries, states

blueprint = Blueprint("organisations_desk", __name__, url_prefix="/desk/organisations")

EDITORS = access.EDITORS
"""Roles that may work on some organisation; which one, `queries.editable` says."""


def plug(app: Flask) -> None:
    """Give every page the way to an organisation's logo."""
    app.jinja_env.filters["logo"] = logo
    pages.facts(app, "privacy.find", _kept)
    pages.facts(app, "privacy.erase", _forget)


def logo(organisation: Any) -> str:
    """The address of an organisation's logo, or nothing."""
    return storage.signed(f"logos/{organisation.logo}") if organisation and organisation.logo else ""


@blueprint.route("/<organisation>", methods=["GET", "POST"])
@access.allow(*EDITORS)
def edit(organisation: str) -> str | tuple[str, int] | Response:
    """An organisation's names and how it is reached."""
    found = queries.editable(organisation, access.me())
    if request.method != "POST":
        return _page(found, forms.Describe(obj=found))
    form = forms.Describe.sent()
    try:
        form.check()
        actions.describe(
            organisation_id=found.id,
            names={name: form[name].data or "" for name in ("name_fi", "name_sv", "name_en")},
            business_id=form.business_id.data,
            municipality=form.municipality.data or "",
            contact_email=form.contact_email.data or "",
            contact_phone=form.contact_phone.data or "",
            valid_from=form.valid_from.data,
            valid_to=form.valid_to.data,
        )
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return _page(found, form), 422
    flash(_("Saved."), "done")
    return redirect(url_for("organisations_desk.edit", organisation=organisation), 303)


@blueprint.post("/<organisation>/logo")
@access.allow(*EDITORS)
def set_logo(organisation: str) -> Response | tuple[str, int]:
    """Take a logo in, or take it away."""
    found = queries.editable(organisation, access.me())
    sent = request.files.get("logo")
    try:
        content = None if request.form.get("remove") else sent.read(states.LOGO_BYTES + 1) if sent else b""
        actions.set_logo(organisation_id=found.id, content=content)
    except errors.Invalid as problem:
        said = [message for messages in problem.fields.values() for message in messages]
        return _page(found, forms.Describe(obj=found), wrong=str(said[0])), 422
    flash(_("Saved."), "done")
    return redirect(url_for("organisations_desk.edit", organisation=organisation), 303)


def _page(found: Any, form: forms.Describe, wrong: str = "") -> str:
    today = clock.now().astimezone(clock.HELSINKI).date()
    return render_template(
        "organisations/edit.html",
        organisation=found,
        form=form,
        wrong=wrong,
        logo=logo(found),
        kind=forms.KIND_NAMES[found.kind],
        municipalities=accounts_states.municipalities(today),
    )


def _kept(*, address: str, who: Who, **_ctx: Any) -> list[dict[str, Any]]:
    """The organisations that are reached at an address."""
    return [
        {
            "what": _("Contact of %(name)s", name=row.name_fi),
            "note": "",
            "data": {"organisation": row.slug, "email": row.contact_email, "phone": row.contact_phone},
        }
        for row in queries.reached_at(address, who)
    ]


def _forget(*, address: str, who: Who, **_ctx: Any) -> int:
    found = queries.reached_at(address, who)
    for row in found:
        actions.forget_contact(organisation_id=row.id)
    return len(found)

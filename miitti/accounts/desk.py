"""The signed-in person's own page: name, language, the browsers she is signed in on."""

from __future__ import annotations

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.accounts import actions, forms, queries
from miitti.foundation import access, errors, pages
from miitti.foundation.access import Role

blueprint = Blueprint("accounts_desk", __name__, url_prefix="/desk/me")


def plug(app: Flask) -> None:
    """Put the own page at the end of the desk's navigation, and the banner on a company's pages."""
    pages.desk_link(app, lambda: (_("You and your devices"), url_for("accounts_desk.me"), ""), order=90)
    pages.fill(app, "desk.behalf", _banner)


@blueprint.route("", methods=["GET", "POST"])
@access.allow(Role.PERSON)
def me() -> str | tuple[str, int] | Response:
    """Who I am here, and where I am signed in."""
    person_id = _me()
    person = queries.person(person_id)
    if request.method != "POST":
        return _page(person_id, forms.Introduce(obj=person))
    form = forms.Introduce.sent(obj=person)
    try:
        form.check()
        actions.introduce(person_id=person_id, name=form.name.data or "", language=form.language.data)
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return _page(person_id, form), 422
    flash(_("Saved."), "done")
    return redirect(url_for("accounts_desk.me"), 303)


@blueprint.post("/sessions/<int:session_id>/end")
@access.allow(Role.PERSON)
def end_session(session_id: int) -> Response:
    """Sign one other browser out."""
    actions.end_session(person_id=_me(), session_id=session_id)
    flash(_("That device is signed out."), "done")
    return redirect(url_for("accounts_desk.me", _anchor="devices"), 303)


def _me() -> int:
    person_id = access.me().person
    if person_id is None:
        raise errors.Unauthenticated
    return person_id


def _page(person_id: int, form: forms.Introduce) -> str:
    here = queries.session_person(cookie.get("token", ""))
    return render_template(
        "accounts/me.html",
        form=form,
        person=queries.person(person_id),
        sessions=queries.sessions(person_id),
        here=here[0] if here else None,
    )


def _banner(*, organisation_id: int, **_ctx: object) -> Markup | str:
    """Say on a company's page that what is done here is done for it."""
    who = access.me()
    if not who.acts_for(organisation_id):
        return ""
    page = render_template("accounts/behalf.html", organisation=queries.organisation(organisation_id))
    return Markup(page)  # noqa: S704 - our own template

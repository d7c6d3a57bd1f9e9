"""Signing in by a passkey, and adding and removing one's own. JSON for `static/js/passkeys/passkey.js`."""

from __future__ import annotations

import ipaddress
from typing import Any

from flask import Blueprint, Flask, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext as _
from markupsafe import Markup

from miitti.accounts import actions as accounts
from miitti.accounts import states as accounts_states
from miitti.foundation import access, errors, gate, ids, limits, pages, settings
from miitti.foundation.access import Role
from miitti.passkeys import actions, queries

blueprint = Blueprint("passkeys", __name__)


def plug(app: Flask) -> None:
    """Offer a passkey at the door, and the list of them on the own page."""
    pages.fill(app, "sign_in.more", lambda **ctx: _part("passkeys/door.html", **ctx))
    pages.fill(app, "me.more", _own, order=10)


@blueprint.post("/sign-in/passkey/options")
@access.allow(Role.VISITOR)
def sign_in_options() -> Response:
    """What the device has to sign."""
    limits.take(f"passkey:{limits.address()}", burst=60, per_s=1)
    return jsonify(ok=True, options=actions.offer_sign_in(site=_site()))


@blueprint.post("/sign-in/passkey")
@access.allow(Role.VISITOR)
def sign_in() -> Response:
    """Sign this browser in; the answer names where to go."""
    limits.take(f"passkey:{limits.address()}", burst=60, per_s=1)
    sent = _sent()
    fresh = actions.sign_in(credential=sent.get("credential"), site=_site(), device=_device())
    if "token" in cookie:
        accounts.sign_out(token=cookie["token"])
    access.enter(fresh)
    onward = sent.get("next")
    return jsonify(ok=True, to=accounts_states.safe_next(onward if isinstance(onward, str) else None))


@blueprint.post("/desk/me/passkeys/options")
@access.allow(Role.PERSON)
def options() -> Response:
    """What the device needs to make a passkey."""
    return jsonify(ok=True, options=actions.offer_registration(person_id=_me(), site=_site()))


@blueprint.post("/desk/me/passkeys")
@access.allow(Role.PERSON)
def add() -> Response:
    """Take in the passkey the device made."""
    actions.register(person_id=_me(), credential=_sent().get("credential"), site=_site(), device=_device())
    flash(_("The passkey is ready. Next time you sign in without a letter."), "done")
    return jsonify(ok=True, to=url_for("accounts_desk.me"))


@blueprint.post("/desk/me/passkeys/<int:passkey_id>/remove")
@access.allow(Role.PERSON)
def remove(passkey_id: int) -> Response:
    """Forget one of one's passkeys."""
    actions.remove(person_id=_me(), passkey_id=passkey_id)
    flash(_("The passkey is forgotten here. You can delete it on the device too."), "done")
    return make_response(redirect(url_for("accounts_desk.me"), 303))


def _me() -> int:
    person_id = access.me().person
    if person_id is None:
        raise errors.Unauthenticated
    return person_id


def _sent() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise errors.Refused(actions.NOT_TAKEN)
    return sent


def _site() -> actions.Site:
    # the host was checked at the gate, so it is one of ours; on loopback it may be one of several names
    host = request.host.rsplit(":", 1)[0]
    visitor = access.me().visitor or ids.new()
    return actions.Site(host, gate.origins(settings.current().base_url), visitor)


def _device() -> str:
    return accounts_states.device(request.user_agent.string)


def _part(template: str, **ctx: Any) -> Markup:
    return Markup(render_template(template, **ctx))  # noqa: S704 - our own template


def _own(**ctx: Any) -> Markup:
    host = request.host.rsplit(":", 1)[0].strip("[]")
    bare = _bare(host)
    # on loopback the same server has a name too; elsewhere only its administrator knows one
    named = request.host_url.replace(request.host, request.host.replace(host, "localhost"), 1) + "desk/me"
    return _part(
        "passkeys/own.html",
        passkeys=queries.of_person(ctx["person"].id),
        bare=bare,
        named=named if bare and gate.loopback(host) and ":" not in host else "",
    )


def _bare(host: str) -> bool:
    """Whether an address is numbers: WebAuthn takes only a domain as a site's identity (Level 3, 5.1.2)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

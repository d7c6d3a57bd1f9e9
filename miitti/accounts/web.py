"""Getting in and out: `/sign-in`, `/sign-in/<token>`, `/sign-out`."""

from flask import (
    Blueprint,
    Flask,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _

from miitti.accounts import actions, forms, queries, states
from miitti.foundation import access, errors, limits
from miitti.foundation.access import Role

blueprint = Blueprint("accounts", __name__)


def plug(app: Flask) -> None:
    """Give the application its sign-in pages, and the foundation the way from a session to a person."""
    access.identify_with(app, identify)


def identify(token: str | None) -> access.Identity | None:
    """The person of a living session, with what they may do now; for pages and for sockets."""
    if not token:
        return None
    found = queries.session_person(token)
    if found is None:
        return None
    _session_id, person = found
    return access.Identity(person.id, person.name or person.email, person.language, queries.grant_views(person.id))


@blueprint.get("/sign-in")
@access.allow(Role.VISITOR)
def sign_in() -> Response:
    """The form that asks for an address; whoever is signed in goes on at once."""
    onward = states.safe_next(request.args.get("next"))
    if access.me().person is not None:
        return _go(onward)
    return _page(forms.AskForLink(data={"next": onward}))


@blueprint.post("/sign-in")
@access.allow(Role.VISITOR)
def ask_for_link() -> Response:
    """Take the address. What is answered says nothing about whether the address is known."""
    form = forms.AskForLink.sent()
    try:
        form.check()
        actions.ask_for_link(
            email=form.email.data or "", network=limits.address(), target=states.safe_next(form.next.data)
        )
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return _page(form, 422)
    except errors.TooMany as problem:
        answer = _page(form, 429, too_many=str(problem))
        answer.headers["Retry-After"] = str(round(problem.retry_after))
        return answer
    return redirect_see(url_for("accounts.sent"))


@blueprint.get("/sign-in/sent")
@access.allow(Role.VISITOR)
def sent() -> Response:
    """Look into your mail."""
    return make_response(render_template("accounts/sent.html", minutes=states.SIGN_IN_MINUTES))


@blueprint.get("/sign-in/<token>")
@access.allow(Role.VISITOR)
def open_link(token: str) -> Response:
    """Show a button. Mail scanners open every address in a letter, so opening it must not use it up."""
    onward = states.safe_next(request.args.get("next"))
    if queries.usable_link(token) is None:
        return _stale(onward)
    return _private(make_response(render_template("accounts/link.html", token=token, onward=onward)))


@blueprint.post("/sign-in/<token>")
@access.allow(Role.VISITOR)
def use_link(token: str) -> Response:
    """Use the address up and sign this browser in."""
    onward = states.safe_next(forms.UseLink.sent().next.data)
    fresh = actions.sign_in(token=token, device=states.device(request.user_agent.string))
    if fresh is None:
        return _stale(onward)
    if "token" in session:
        actions.sign_out(token=session["token"])
    access.enter(fresh)
    return _go(onward)


@blueprint.post("/sign-out")
@access.allow(Role.VISITOR)
def sign_out() -> Response:
    """Sign this browser out; all of the person's browsers when `everywhere` is sent."""
    who = access.me()
    if request.form.get("everywhere") and who.person is not None:
        actions.sign_out_everywhere(person_id=who.person)
    elif "token" in session:
        actions.sign_out(token=session["token"])
    access.leave()
    flash(_("You are signed out."), "done")
    return redirect_see("/")


def redirect_see(target: str) -> Response:
    """303: the answer to a sent form is a page to be fetched."""
    return make_response(redirect(target, 303))


def _go(onward: str) -> Response:
    return _private(redirect_see(onward))


def _page(form: forms.AskForLink, status: int = 200, too_many: str = "") -> Response:
    return make_response(render_template("accounts/sign_in.html", form=form, too_many=too_many), status)


def _stale(onward: str) -> Response:
    """One page for every address that opens nothing, whatever the reason, with the way to a new one."""
    form = forms.AskForLink(data={"next": onward})
    return _private(make_response(render_template("accounts/stale.html", form=form), 410))


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer

"""Signed-in pages of people and organisations: an event's and a company's."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.1

from miitti.accounts import queries as accounts
from miitti.accounts import states as accounts_states
from miitti.booths import queries as booths
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, errors, pages
from miitti.foundation.access import HOSTS, Power, Role, Who
from miitti.organisations import queries as organisations
from miitti.organisations.forms import KIND_NAMES
from miitti.people import actions, forms, queries, states

blueprint = Blueprint("people_desk", __name__, url_prefix="/desk")


def plug(app: Flask) -> None:
    """Put the people into the desk: to be done, behind each event, beside a company's booth."""
    pages.fill(app, "desk.todo", _waiting, order=30)
    pages.facts(app, "desk.links", _event_links)
    pages.desk_link(app, _links, order=80)
    pages.fill(app, "sign_in.link", _welcome)
    pages.facts(app, "privacy.find", _kept)
    pages.facts(app, "privacy.erase", _forget)


# -- the people of an event ----------------------------------------------------------------------------------


@blueprint.get("/events/<slug>/people")
@access.allow(*HOSTS)
def people(slug: str) -> str:
    """Who works with the event, how far each has come, and the form to ask more in."""
    event = events.hosted(slug, access.me())
    return _people(event, _invite_form(event))


@blueprint.post("/events/<slug>/people")
@access.allow(*HOSTS)
def invite(slug: str) -> Answer | tuple[str, int]:
    """Invite everybody of a pasted list; lines that can't be used come back with the reason."""
    event = events.hosted(slug, access.me())
    form = _invite_form(event, sent=True)
    try:
        form.check()
        asked = actions.invite_all(
            event_id=event.id,
            role=Role(form.role.data),
            organisation_id=int(form.organisation.data) if form.organisation.data else None,
            text=form.people.data or "",
            language=form.language.data,
            who=access.me(),
        )
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return _people(event, form), 422
    _say_invited(asked)
    if not asked.wrong:
        return _back(slug)
    form.people.data = "\n".join(raw for raw, _why in asked.wrong)
    form.people.errors = [f"{raw[:60]}: {why}" for raw, why in asked.wrong[:10]]
    return _people(event, form), 422


@blueprint.post("/events/<slug>/people/resend")
@access.allow(*HOSTS)
def resend_all(slug: str) -> Answer:
    """Write again to everybody who has not come yet."""
    event = events.hosted(slug, access.me())
    number = actions.resend_all(event_id=event.id, who=access.me())
    flash(ngettext("%(num)d letter is on its way.", "%(num)d letters are on their way.", number), "done")
    return _back(slug)


@blueprint.post("/events/<slug>/people/<int:grant_id>/resend")
@access.allow(*HOSTS)
def resend(slug: str, grant_id: int) -> Answer:
    """Write again to one person."""
    event = events.hosted(slug, access.me())
    _resend(queries.member(event, grant_id), event.id)
    return _back(slug)


@blueprint.post("/events/<slug>/people/<int:grant_id>/remove")
@access.allow(*HOSTS)
def remove(slug: str, grant_id: int) -> Answer:
    """Take a role away from somebody; an invitation still on its way opens nothing any more."""
    event = events.hosted(slug, access.me())
    actions.remove(member=queries.member(event, grant_id), event_id=event.id, who=access.me())
    flash(_("Removed. The person is out within seconds."), "done")
    return _back(slug)


@blueprint.post("/events/<slug>/people/<int:grant_id>/role")
@access.allow(*HOSTS)
def change_role(slug: str, grant_id: int) -> Answer:
    """Give somebody another role."""
    event = events.hosted(slug, access.me())
    member = queries.member(event, grant_id)
    try:
        role = Role(request.form.get("role", ""))
    except ValueError:
        raise errors.Invalid(_("Choose one of the roles offered."), field="role") from None
    actions.change_role(member=member, event_id=event.id, role=role, who=access.me())
    flash(_("Saved."), "done")
    return _back(slug)


@blueprint.post("/events/<slug>/organisations")
@access.allow(*access.holders(Power.APPOINT_ORGANISERS))
def add_host(slug: str) -> Answer | tuple[str, int]:
    """Set one more organisation beside the hosts."""
    event = events.hosted(slug, access.me())
    form = forms.AddHost.sent()
    try:
        form.check()
        kind = accounts_states.OrganisationKind(form.kind.data)
        actions.add_host(event_id=event.id, kind=kind, name_fi=form.name.data or "", who=access.me())
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return _people(event, _invite_form(event), form), 422
    flash(_("Saved."), "done")
    return _back(slug)


@blueprint.post("/events/<slug>/organisations/<int:organisation_id>/remove")
@access.allow(*access.holders(Power.REMOVE_ORGANISATION))
def remove_organisation(slug: str, organisation_id: int) -> Answer:
    """Take an organisation out of the event, with its people."""
    event = events.hosted(slug, access.me())
    actions.remove_organisation(event_id=event.id, organisation_id=organisation_id, who=access.me())
    flash(_("Removed."), "done")
    return _back(slug)


def _people(event: Event, form: forms.Invite, host_form: forms.AddHost | None = None) -> str:
    who = access.me()
    everybody = queries.members(event)
    return render_template(
        "people/event.html",
        event=event,
        form=form,
        host_form=host_form or forms.AddHost(),
        parts=queries.parts(event),
        others=[m for m in everybody if m.organisation is None],
        waiting=sum(1 for m in everybody if m.waits),
        missing=_missing(event),
        roles=forms.ROLE_NAMES,
        kinds=KIND_NAMES,
        Standing=states.Standing,
        appoints=who.can(Power.APPOINT_ORGANISERS, event_id=event.id),
        removes=who.can(Power.REMOVE_ORGANISATION, event_id=event.id),
    )


def _missing(event: Event) -> dict[int, int]:
    """How many lines of each booth's list of what is ready are still open, as the rooms write them."""
    return {
        booth.id: str(pages.place("ready", booth=booth, event=event)).count('class="tick"')
        for booth in booths.of_event(event.id)
    }


def _invite_form(event: Event, *, sent: bool = False) -> forms.Invite:
    form = forms.Invite.sent() if sent else forms.Invite()
    may_appoint = access.me().can(Power.APPOINT_ORGANISERS, event_id=event.id)
    form.role.choices = [
        SelectChoice(role.value, forms.ROLE_NAMES[role.value])
        for role in states.GIVEN
        if role is not Role.ORGANISER or may_appoint
    ]
    form.organisation.choices = [SelectChoice("", _("As written in the list, or none"))] + [
        SelectChoice(str(part.organisation.id), part.organisation.name_fi) for part in queries.parts(event)
    ]
    return form


def _say_invited(asked: actions.Asked) -> None:
    if asked.invited:
        said = ngettext("%(num)d person is invited.", "%(num)d people are invited.", asked.invited)
        soon = _("The letters are on their way.")
        flash(f"{said} {soon}", "done")


def _resend(member: queries.Member, event_id: int | None) -> None:
    if actions.resend(member=member, event_id=event_id, who=access.me()):
        flash(_("A new letter is on its way. The old link opens nothing any more."), "done")
    else:
        flash(_("A letter left a moment ago. Give it a minute."), "done")


def _back(slug: str) -> Answer:
    return redirect(url_for("people_desk.people", slug=slug), 303)


# -- a company's own people ------------------------------------------------------------------------------------


@blueprint.route("/organisations/<organisation>/people", methods=["GET", "POST"])
@access.allow(*access.holders(Power.COMPANY_WORK))
def colleagues(organisation: str) -> str | tuple[str, int] | Answer:
    """A company's own people; any of them may ask another in."""
    found = _own(organisation)
    if request.method != "POST":
        return _colleagues(found, forms.Colleagues())
    form = forms.Colleagues.sent()
    try:
        form.check()
        lines = states.read_list(form.people.data or "")[: states.MOST_AT_ONCE]
        if not lines or any(line.email is None for line in lines):
            raise errors.Invalid(_("No e-mail address was found in this line."), field="people")
        for line in lines:
            actions.invite(
                event_id=None,
                role=Role.COMPANY,
                organisation_id=found.id,
                email=line.email or "",
                name=line.name,
                language=form.language.data,
                who=access.me(),
            )
    except errors.Invalid as problem:
        if not form.errors:
            form.blame(problem)
        return _colleagues(found, form), 422
    _say_invited(actions.Asked(len(lines)))
    return redirect(url_for("people_desk.colleagues", organisation=organisation), 303)


@blueprint.post("/organisations/<organisation>/people/<int:grant_id>/<any(resend, remove):what>")
@access.allow(*access.holders(Power.COMPANY_WORK))
def colleague(organisation: str, grant_id: int, what: str) -> Answer:
    """Write again to a colleague, or take her out of the company."""
    member = queries.colleague(_own(organisation).id, grant_id)
    if what == "resend":
        _resend(member, None)
    else:
        actions.remove(member=member, event_id=None, who=access.me())
        flash(_("Removed. The person is out within seconds."), "done")
    return redirect(url_for("people_desk.colleagues", organisation=organisation), 303)


def _own(slug: str) -> Any:
    found = organisations.editable(slug, access.me())
    if not access.me().can(Power.COMPANY_WORK, organisation_id=found.id):
        raise errors.NotFound
    return found


def _colleagues(found: Any, form: forms.Colleagues) -> str:
    return render_template(
        "people/company.html",
        organisation=found,
        form=form,
        members=queries.of_organisation(found.id),
        me=access.me(),
        Standing=states.Standing,
    )


# -- parts of other pages ------------------------------------------------------------------------------------


def _waiting(**ctx: Any) -> Markup | str:
    who: Who = ctx["who"]
    lines = queries.waiting_of(who) if who.can(Power.INVITE) else []
    teams = queries.teams_of(who)
    if not lines and not teams:
        return ""
    return Markup(render_template("people/todo.html", lines=lines, teams=teams))  # noqa: S704 - our template


def _event_links(*, event: Event, **_ctx: Any) -> list[dict[str, str]]:
    return [
        {
            "title": _("People and organisations"),
            "note": _("Invite, see who has come, remove"),
            "url": url_for("people_desk.people", slug=event.slug),
        }
    ]


def _links() -> list[tuple[str, str, str]]:
    who = access.me()
    companies = accounts.organisations(who.organisations(Role.COMPANY)).values()
    return [
        (
            _("People of %(name)s", name=company.name_fi) if len(companies) > 1 else _("People of the company"),
            url_for("people_desk.colleagues", organisation=company.slug),
            "",
        )
        for company in companies
    ]


def _welcome(*, token: str, **_ctx: Any) -> Markup | str:
    """Say on the page of an invitation's address who asks whom to what."""
    invitation = queries.invitation_of_token(token)
    if invitation is None:
        return ""
    page = render_template(
        "people/welcome.html",
        role=invitation.role,
        event=events.by_id(invitation.event_id) if invitation.event_id else None,
        organisation=accounts.organisation(invitation.organisation_id) if invitation.organisation_id else None,
        inviter=accounts.people([invitation.invited_by]).get(invitation.invited_by) if invitation.invited_by else None,
    )
    return Markup(page)  # noqa: S704 - our own template


# -- what is kept of a person --------------------------------------------------------------------------------


def _kept(*, address: str, who: Who, **_ctx: Any) -> list[dict[str, Any]]:
    """What is kept of somebody who signs in, when she works with an event that `who` answers to people for."""
    person = accounts.person_by_email(address)
    if person is None or not queries.answered_for(person.id, who):
        return []
    grants = accounts.grants(person.id)
    return [
        {
            "what": _("Somebody who signs in"),
            "note": ", ".join(sorted({grant.role.value for grant in grants})),
            "data": {
                "name": person.name,
                "email": person.email,
                "language": person.language,
                "since": person.created_at.isoformat(),
                "last_signed_in": person.seen_at.isoformat() if person.seen_at else None,
                "roles": [
                    {"role": grant.role.value, "event": grant.event_id, "organisation": grant.organisation_id}
                    for grant in grants
                ],
                "devices": [
                    {"device": session.device, "since": session.created_at.isoformat()}
                    for session in accounts.sessions(person.id)
                ],
            },
        }
    ]


def _forget(*, address: str, who: Who, **_ctx: Any) -> int:
    person = accounts.person_by_email(address)
    if person is None or not queries.answered_for(person.id, who):
        return 0
    actions.erase(person_id=person.id, who=who)
    return 1

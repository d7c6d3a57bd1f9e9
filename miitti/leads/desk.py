"""The employer's side: the company's own leads in the order they came, and the file for a spreadsheet.

Only a company's own people come here. Organisers and co-hosts, who may work on a booth on its behalf, find
nothing at these addresses.
"""

from __future__ import annotations

import csv
import io

from flask import (
    Blueprint,
    Flask,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from miitti.foundation import access, clock, errors, language, pages
from miitti.foundation.access import Role
from miitti.leads import actions, queries, states

blueprint = Blueprint("leads_desk", __name__)

STATE_WORDS = {
    states.LeadState.NEW: _l("New"),
    states.LeadState.CONTACTED: _l("Contacted"),
    states.LeadState.INTERVIEW: _l("Interview"),
    states.LeadState.HIRED: _l("Hired"),
    states.LeadState.NOT_NOW: _l("Not now"),
    states.LeadState.WITHDRAWN: _l("Withdrawn"),
}
SOURCE_WORDS = {
    states.Source.BOOTH: _l("from the booth"),
    states.Source.JOB: _l("from a job ad"),
    states.Source.STAGE: _l("from the live show"),
}
DELIVERY_WORDS = {
    states.Delivery.BOUNCED: _l("The e-mail did not arrive: the address of the booth is not accepted."),
    states.Delivery.GIVEN_UP: _l("The e-mail did not arrive: no mail server took it in three days."),
}


def plug(app: Flask) -> None:
    """Put new leads on the desk: a line of what to do, and a link with their number."""
    pages.fill(app, "desk.todo", _todo, order=10)
    pages.desk_link(app, _link, order=60)


@blueprint.get("/desk/leads")
@access.allow(Role.COMPANY)
def leads() -> Response:
    """The company's own leads, newest first."""
    page = render_template(
        "leads/desk.html",
        heading=_("Contacts"),
        leads=queries.of_company(access.me()),
        state_words=STATE_WORDS,
        source_words=SOURCE_WORDS,
        delivery_words=DELIVERY_WORDS,
        settable=states.SETTABLE,
        dialled=states.dialled,
    )
    return _private(make_response(page))


@blueprint.post("/desk/leads/<reference>")
@access.allow(Role.COMPANY)
def move(reference: str) -> Answer:
    """Set where the talk with one applicant stands."""
    try:
        state = states.LeadState(request.form.get("state", ""))
    except ValueError:
        raise errors.Invalid(_l("Choose one of the states offered."), field="state") from None
    actions.move(reference=reference, state=state, who=access.me())
    flash(_("Saved."), "done")
    return redirect(url_for("leads_desk.leads", _anchor=reference), 303)


@blueprint.get("/desk/leads.csv")
@access.allow(Role.COMPANY)
def leads_csv() -> Response:
    """The company's own leads for a Finnish spreadsheet: UTF-8 with a mark, semicolons, no live formulas."""
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";", lineterminator="\r\n")
    rows.writerow(
        [
            _("Time"),
            _("Event"),
            _("Booth"),
            _("Jobs"),
            _("Name"),
            _("Phone"),
            _("E-mail"),
            _("Message"),
            _("State"),
            _("Source"),
        ]
    )
    for whole in queries.of_company(access.me()):
        lead = whole.lead
        at = lead.created_at.astimezone(clock.HELSINKI)
        row = [
            f"{at.day}.{at.month}.{at.year} {at:%H:%M}",
            language.pick(whole.event, "title"),
            whole.booth.name,
            ", ".join(language.pick(vacancy, "title") for vacancy in whole.vacancies),
            lead.name,
            lead.phone,
            lead.email,
            lead.message,
            str(STATE_WORDS[lead.state]),
            str(SOURCE_WORDS[lead.source]),
        ]
        rows.writerow([harmless(cell) for cell in row])
    answer = make_response(written.getvalue().encode("utf-8-sig"))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=leads.csv"
    return _private(answer)


def harmless(cell: str) -> str:
    """A cell no spreadsheet takes for a formula (OWASP, "CSV Injection"): an apostrophe goes in front."""
    live = cell.startswith(("\t", "\r", "\n")) or cell.lstrip().startswith(("=", "+", "-", "@"))
    return f"'{cell}" if live else cell


def _todo(**_ctx: object) -> Markup | str:
    number = queries.new_of_company(access.me())
    if not number:
        return ""
    return Markup(render_template("leads/todo.html", number=number))  # noqa: S704 - a rendered template


def _link() -> tuple[str, str, str] | None:
    who = access.me()
    if not who.organisations(Role.COMPANY):
        return None
    number = queries.new_of_company(who)
    return _("Contacts"), url_for("leads_desk.leads"), str(number) if number else ""


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer

"""The employer's side: the company's own leads in the order they came, and the files for other programs.

Only a company's own people come here. Organisers and co-hosts, who may work on a booth on its behalf, find
nothing at these addresses; they learn only how many letters of a booth don't arrive.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import xlsxwriter
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
from miitti.foundation.access import Power, Role, Who
from miitti.leads import actions, mails, queries, states
from miitti.leads.queries import Whole
from miitti.leads.web import private, served

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
    states.Source.QUESTION: _l("from the questions"),
    states.Source.STAGE: _l("from the live show"),
}
DELIVERY_WORDS = {
    states.Delivery.BOUNCED: _l("The e-mail did not arrive: the address of the booth is not accepted."),
    states.Delivery.GIVEN_UP: _l("The e-mail did not arrive: no mail server took it in three days."),
}


def plug(app: Flask) -> None:
    """Put new leads on the desk: a line of what to do, and a link with their number."""
    pages.fill(app, "desk.todo", _todo, order=10)
    pages.fill(app, "desk.event", _lost, order=5)
    pages.desk_link(app, _link, order=60)
    pages.facts(app, "privacy.find", _kept)
    pages.facts(app, "privacy.erase", _forget)


@blueprint.get("/desk/leads")
@access.allow(*access.holders(Power.READ_LEADS))
def leads() -> Response:
    """The company's own leads, newest first."""
    found = queries.of_company(access.me())
    page = render_template(
        "leads/desk.html",
        heading=_("Contacts"),
        leads=found,
        count=queries.answered_of_company(access.me()),
        state_words=STATE_WORDS,
        source_words=SOURCE_WORDS,
        delivery_words=DELIVERY_WORDS,
        settable=states.SETTABLE,
        dialled=states.dialled,
    )
    unseen = [whole.lead.id for whole in found if whole.lead.seen_at is None]
    if unseen:
        actions.see(lead_ids=unseen)
    return private(make_response(page))


@blueprint.post("/desk/leads/<reference>")
@access.allow(*access.holders(Power.READ_LEADS))
def move(reference: str) -> Answer:
    """Set where the talk with one applicant stands."""
    try:
        state = states.LeadState(request.form.get("state", ""))
    except ValueError:
        raise errors.Invalid(_l("Choose one of the states offered."), field="state") from None
    actions.move(reference=reference, state=state, who=access.me())
    flash(_("Saved."), "done")
    return redirect(url_for("leads_desk.leads", _anchor=reference), 303)


@blueprint.get("/desk/leads/<reference>/cv")
@access.allow(*access.holders(Power.READ_LEADS))
def cv(reference: str) -> Response:
    """The CV of one of the company's applicants."""
    paper = queries.own_whole(reference, access.me()).paper
    if paper is None:
        # the lead is one's own, so this says more than "not found"
        raise errors.Refused(_("There is no CV with this contact."))
    if not paper.ready:
        raise errors.Refused(_("The CV is being checked. Try again in a moment."))
    return served(paper)


# -- files for other programs --------------------------------------------------------------------------------


@blueprint.get("/desk/leads.csv")
@access.allow(*access.holders(Power.READ_LEADS))
def leads_csv() -> Response:
    """The company's own leads for a Finnish spreadsheet: UTF-8 with a mark, semicolons, no live formulas."""
    written = io.StringIO()
    rows = csv.writer(written, delimiter=";", lineterminator="\r\n")
    rows.writerow(_columns())
    for whole in queries.of_company(access.me()):
        rows.writerow([harmless(cell) for cell in _row(whole)])
    return _file(written.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", "leads.csv")


@blueprint.get("/desk/leads.xlsx")
@access.allow(*access.holders(Power.READ_LEADS))
def leads_xlsx() -> Response:
    """The same as a workbook; every cell is text, whatever it begins with."""
    written = io.BytesIO()
    book = xlsxwriter.Workbook(
        written,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    sheet = book.add_worksheet(_("Contacts")[:31])
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for column, words in enumerate(_columns()):
        sheet.write_string(0, column, words, bold)
    for number, whole in enumerate(queries.of_company(access.me()), start=1):
        for column, cell in enumerate(_row(whole)):
            sheet.write_string(number, column, cell[:32_767], wrapped)  # Excel's most in one cell
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(_columns()) - 1, 18)
    book.close()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(written.getvalue(), kind, "leads.xlsx")


@blueprint.get("/desk/leads.json")
@access.allow(*access.holders(Power.READ_LEADS))
def leads_json() -> Response:
    """The same for programs: stable English words, times in UTC."""
    body = {"leads": [_plain(whole) for whole in queries.of_company(access.me())]}
    text = json.dumps(body, ensure_ascii=False, indent=1) + "\n"
    return _file(text.encode(), "application/json", "leads.json")


@blueprint.get("/desk/leads.vcf")
@access.allow(*access.holders(Power.READ_LEADS))
def leads_vcf() -> Response:
    """Contact cards for a phone."""
    cards = [mails.card_of(whole) for whole in queries.of_company(access.me()) if whole.lead.erased_at is None]
    return _file("".join(cards).encode(), "text/vcard; charset=utf-8", "leads.vcf")


@blueprint.get("/desk/leads/<reference>/card.vcf")
@access.allow(*access.holders(Power.READ_LEADS))
def card(reference: str) -> Response:
    """One contact card."""
    whole = queries.own_whole(reference, access.me())
    return _file(mails.card_of(whole).encode(), "text/vcard; charset=utf-8", "yhteystieto.vcf")


def _columns() -> list[str]:
    return [
        _("Time"),
        _("Event"),
        _("Booth"),
        _("Jobs"),
        _("Name"),
        _("Phone"),
        _("E-mail"),
        _("Message"),
        _("Answers"),
        _("State"),
        _("Source"),
    ]


def _row(whole: Whole) -> list[str]:
    lead = whole.lead
    at = lead.created_at.astimezone(clock.HELSINKI)
    return [
        f"{at.day}.{at.month}.{at.year} {at:%H:%M}",
        language.pick(whole.event, "title"),
        whole.booth.name,
        ", ".join(language.pick(vacancy, "title") for vacancy in whole.vacancies),
        lead.name,
        lead.phone,
        lead.email,
        lead.message,
        "\n".join(f"{one.question} {one.answer}" for one in whole.answers),
        str(STATE_WORDS[lead.state]),
        str(SOURCE_WORDS[lead.source]),
    ]


def _plain(whole: Whole) -> dict[str, Any]:
    lead = whole.lead
    return {
        "lead_id": lead.reference,
        "at": clock.stamp(lead.created_at),
        "event": whole.event.slug,
        "booth": whole.booth.slug,
        "jobs": [{"id": vacancy.id, "title": vacancy.title_fi} for vacancy in whole.vacancies],
        "name": lead.name,
        "phone": lead.phone,
        "email": lead.email,
        "message": lead.message,
        "answers": [{"question": one.question, "answer": one.answer} for one in whole.answers],
        "cv": whole.paper.title if whole.paper else None,
        "language": lead.language,
        "state": lead.state,
        "source": lead.source,
        "may_keep": whole.chose(states.KEEP),
        "erased_at": clock.stamp(lead.erased_at) if lead.erased_at else None,
        "kept_until": clock.stamp(whole.kept_until),
    }


def harmless(cell: str) -> str:
    """A cell no spreadsheet takes for a formula (OWASP, "CSV Injection"): an apostrophe goes in front."""
    live = cell.startswith(("\t", "\r", "\n")) or cell.lstrip().startswith(("=", "+", "-", "@"))
    return f"'{cell}" if live else cell


def _file(content: bytes, kind: str, name: str) -> Response:
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return private(answer)


# -- parts of other pages ------------------------------------------------------------------------------------


def _todo(**_ctx: object) -> Markup | str:
    number = queries.new_of_company(access.me())
    lost = queries.lost_of_company(access.me())
    if not number and not lost:
        return ""
    return Markup(render_template("leads/todo.html", number=number, lost=lost))  # noqa: S704 - a rendered template


def _lost(**ctx: Any) -> Markup | str:
    """For the hosts: which booths' letters don't arrive. Numbers only; they call the company and mend the address."""
    found = queries.lost_of_event(ctx["event"].id)
    if not found:
        return ""
    return Markup(render_template("leads/lost.html", booths=found, event=ctx["event"]))  # noqa: S704 - our template


def _link() -> tuple[str, str, str] | None:
    who = access.me()
    if not who.organisations(Role.COMPANY):
        return None
    number = queries.new_of_company(who)
    return _("Contacts"), url_for("leads_desk.leads"), str(number) if number else ""


def _kept(*, address: str, who: Who, **_ctx: object) -> list[dict[str, object]]:
    """What an applicant left, within the events `who` answers for: her own words only, nothing of the employer's."""
    return [
        {
            "what": _("Contact left at %(name)s", name=whole.booth.name),
            "note": whole.lead.created_at.isoformat(timespec="minutes"),
            "data": {
                "booth": whole.booth.slug,
                "at": whole.lead.created_at.isoformat(),
                "name": whole.lead.name,
                "email": whole.lead.email,
                "phone": whole.lead.phone,
                "message": whole.lead.message,
                "jobs": [vacancy.title_fi for vacancy in whole.vacancies],
                "answers": [{"question": one.question, "answer": one.answer} for one in whole.answers],
                "cv": whole.paper.title if whole.paper else None,
                "consents": [
                    {
                        "purpose": one.purpose,
                        "wording": one.text_version,
                        "given": one.given_at.isoformat(),
                        "withdrawn": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
                    }
                    for one in whole.consents
                ],
                "kept_until": whole.kept_until.isoformat(),
            },
        }
        for whole in queries.of_applicant(address, who)
    ]


def _forget(*, address: str, who: Who, **_ctx: object) -> int:
    found = queries.of_applicant(address, who)
    for whole in found:
        actions.withdraw(receipt=whole.lead.receipt)
    return len(found)

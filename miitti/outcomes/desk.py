"""The company's own outcomes, and the event's numbers for its hosts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from miitti.foundation import access, errors, pages
from miitti.foundation.access import Power
from miitti.leads import queries as leads
from miitti.leads.desk import SOURCE_WORDS
from miitti.leads.web import private
from miitti.outcomes import actions, queries, states
from miitti.outcomes.web import JOB_WORDS, RESULT_WORDS

blueprint = Blueprint("outcomes_desk", __name__)


def plug(app: Flask) -> None:
    """Lead there from the company's list; put the numbers on the hosts' event page."""
    app.jinja_env.globals.update(result_words=RESULT_WORDS, job_words=JOB_WORDS)
    pages.fill(app, "lead.desk", _link, order=20)
    pages.fill(app, "desk.event", _numbers, order=45)


@blueprint.get("/desk/outcomes")
@access.allow(*access.holders(Power.READ_LEADS))
def outcomes() -> Response:
    """What came of each lead and each job."""
    who = access.me()
    found = [whole for whole in leads.of_company(who) if whole.lead.withdrawn_at is None]
    jobs = queries.of_jobs(who)
    page = render_template(
        "outcomes/desk.html",
        heading=_("What came of it"),
        leads=[whole for whole in found if whole.lead.erased_at is None],
        known=queries.of_leads([whole.lead.id for whole in found]),
        results={booth.id: queries.results_for(booth) for booth in {whole.booth for whole in found}},
        jobs=jobs,
        job_results=list(states.JobResult),
        hired=queries.hired_per_job([vacancy.id for vacancy, _booth, _outcome in jobs]),
    )
    return private(make_response(page))


@blueprint.post("/desk/outcomes")
@access.allow(*access.holders(Power.READ_LEADS))
def tell() -> Answer:
    """Answer about one lead or one job."""
    who = access.me()
    asked = request.form.get("result", "")
    if "job" in request.form:
        vacancy = queries.own_job(request.form.get("job", 0, type=int), who)
        if asked not in set(states.JobResult):
            raise errors.Invalid(_("Choose one of the answers offered."), field="result")
        actions.tell_job(vacancy_id=vacancy.id, result=states.JobResult(asked))
    else:
        if asked not in set(states.Result):
            raise errors.Invalid(_("Choose one of the answers offered."), field="result")
        lead = leads.own(request.form.get("lead", ""), who)
        actions.tell(lead_id=lead.id, result=states.Result(asked))
    flash(_("Saved."), "done")
    return redirect(url_for("outcomes_desk.outcomes"), 303)


def _link(**_ctx: object) -> Markup:
    return Markup(render_template("outcomes/link.html"))  # noqa: S704 - our own template


def _numbers(**ctx: Any) -> Markup | str:
    """For hosts: counts without names; what is below five is not told."""
    event = ctx["event"]
    companies = queries.of_event(event.id)
    schools = queries.of_event(event.id, schools=True)
    results = {result: companies.results.get(result, 0) for result in states.OF_COMPANY}
    if not companies.leads and not schools.leads:
        return ""
    page = render_template(
        "outcomes/numbers.html",
        companies=companies,
        schools=schools,
        results=states.cells({**results, None: companies.leads - sum(results.values())}),
        sources=states.cells(companies.sources),
        source_words=SOURCE_WORDS,
        funnel=states.told_funnel(schools.results, schools.leads),
        shown=states.shown,
        least=states.LEAST_SHOWN,
        job_results=list(states.JobResult),
    )
    return Markup(page)  # noqa: S704 - our own template

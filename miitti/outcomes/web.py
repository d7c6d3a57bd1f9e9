"""One tap from the letter: opening shows what would be counted, pressing counts (mail scanners open links)."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answer

from miitti.foundation import access, db, errors, language, links
from miitti.foundation.access import Role
from miitti.leads import queries as leads
from miitti.leads.web import private
from miitti.outcomes import actions, states
from miitti.vacancies.models import Vacancy

blueprint = Blueprint("outcomes", __name__)

RESULT_WORDS = {
    states.Result.HIRED: _l("Hired"),
    states.Result.NOT: _l("Not chosen"),
    states.Result.OPEN: _l("Still open"),
    states.Result.APPLIED: _l("Applied"),
    states.Result.STARTED: _l("Started"),
    states.Result.MOVED: _l("Moved to another path"),
    states.Result.INTERRUPTED: _l("Interrupted"),
    states.Result.FINISHED: _l("Finished"),
}
JOB_WORDS = {
    states.JobResult.MIITTI: _l("Filled through Miitti"),
    states.JobResult.OTHERWISE: _l("Filled otherwise"),
    states.JobResult.WITHDRAWN: _l("Withdrawn from the search"),
    states.JobResult.OPEN: _l("Still open"),
}


@blueprint.get("/outcomes/<token>")
@access.allow(Role.VISITOR)
def outcome(token: str) -> Response:
    """What would be counted, and the button."""
    about, number, result = links.opened("outcome", token)
    what, words = _words(about, number, result)
    page = render_template("outcomes/tap.html", heading=words, what=what, words=words, done=False)
    return private(make_response(page))


@blueprint.post("/outcomes/<token>")
@access.allow(Role.VISITOR)
def count(token: str) -> Answer:
    """Count it. Pressed again it changes nothing; another link of the letter takes its place."""
    about, number, result = links.opened("outcome", token)
    _words(about, number, result)
    if about == "lead":
        actions.tell(lead_id=number, result=states.Result(result))
    else:
        actions.tell_job(vacancy_id=number, result=states.JobResult(result))
    return redirect(url_for("outcomes.counted", token=token), 303)


@blueprint.get("/outcomes/<token>/thanks")
@access.allow(Role.VISITOR)
def counted(token: str) -> Response:
    """Thanks."""
    about, number, result = links.opened("outcome", token)
    what, words = _words(about, number, result)
    page = render_template("outcomes/tap.html", heading=_("Thank you"), what=what, words=words, done=True)
    return private(make_response(page))


def _words(about: str, number: int, result: str) -> tuple[str, str]:
    if about == "lead":
        whole = leads.by_id(number)
        if whole is None:
            raise errors.NotFound
        return whole.called or _("An applicant"), str(RESULT_WORDS[states.Result(result)])
    return language.pick(db.row(Vacancy, number), "title"), str(JOB_WORDS[states.JobResult(result)])

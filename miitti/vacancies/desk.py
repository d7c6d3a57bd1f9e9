"""Signed-in pages of the job ads: a company adds, changes and takes down its ads."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import access, errors, pages
from miitti.vacancies import actions, queries, states
from miitti.vacancies.forms import VacancyForm
from miitti.vacancies.models import Vacancy

blueprint = Blueprint("vacancies_desk", __name__, url_prefix="/desk/booths/<event>/<booth>/jobs")

EDITORS = access.EDITORS
"""Roles that may work on some booth's ads; which ones, `booths.queries.editable` says."""


def plug(app: Flask) -> None:
    """Put the ads on the booth's desk page and into the list of what is ready."""
    pages.fill(app, "desk.booth", _of_booth, order=20)
    pages.fill(app, "ready", _ready, order=30)
    pages.facts(app, "audit.names", queries.names)


@blueprint.route("/new", methods=["GET", "POST"])
@access.allow(*EDITORS)
def new(event: str, booth: str) -> str | tuple[str, int] | Response:
    """Post a new ad."""
    found, its_event = booths.editable(event, booth, access.me())
    if request.method != "POST":
        return _form(its_event, found, VacancyForm())
    form = VacancyForm.sent()
    try:
        form.check()
        if _doubted(form):
            return _form(its_event, found, form), 422
        actions.post(booth_id=found.id, **_values(form))
    except errors.Invalid as problem:
        return _wrong(its_event, found, form, problem)
    flash(_("The job is on your booth and on the page of all jobs."), "done")
    return redirect(_back(its_event, found), 303)


@blueprint.route("/<int:vacancy_id>", methods=["GET", "POST"])
@access.allow(*EDITORS)
def edit(event: str, booth: str, vacancy_id: int) -> str | tuple[str, int] | Response:
    """Change an ad."""
    found, its_event = booths.editable(event, booth, access.me())
    vacancy = queries.in_booth(vacancy_id, found.id)
    if request.method != "POST":
        return _form(its_event, found, VacancyForm(obj=vacancy), vacancy)
    form = VacancyForm.sent(obj=vacancy)
    try:
        form.check()
        if _doubted(form):
            return _form(its_event, found, form, vacancy), 422
        actions.change(vacancy_id=vacancy.id, **_values(form))
    except errors.Invalid as problem:
        return _wrong(its_event, found, form, problem, vacancy)
    flash(_("Saved. Visitors see it now."), "done")
    return redirect(_back(its_event, found), 303)


@blueprint.post("/<int:vacancy_id>/remove")
@access.allow(*EDITORS)
def remove(event: str, booth: str, vacancy_id: int) -> Response:
    """Take an ad down; the answer offers to put it back."""
    found, its_event = booths.editable(event, booth, access.me())
    vacancy = queries.in_booth(vacancy_id, found.id)
    actions.remove(vacancy_id=vacancy.id)
    return redirect(_back(its_event, found, removed=vacancy.id), 303)


@blueprint.post("/<int:vacancy_id>/restore")
@access.allow(*EDITORS)
def restore(event: str, booth: str, vacancy_id: int) -> Response:
    """Put a taken-down ad back."""
    found, its_event = booths.editable(event, booth, access.me())
    vacancy = queries.removed_of_booth(vacancy_id, found.id)
    actions.restore(vacancy_id=vacancy.id)
    flash(_("The job is back."), "done")
    return redirect(_back(its_event, found), 303)


def _form(event: Event, booth: Booth, form: VacancyForm, vacancy: Vacancy | None = None) -> str:
    doubts = [(doubt, words, states.WHY[doubt]) for doubt, words in _doubts(form)]
    return render_template("vacancies/edit.html", event=event, booth=booth, form=form, vacancy=vacancy, doubts=doubts)


def _doubts(form: VacancyForm) -> list[tuple[states.Doubt, str]]:
    return states.doubts(*(form[name].data or "" for name in form.COLUMNS if name.startswith(("title", "text"))))


def _doubted(form: VacancyForm) -> bool:
    """Whether the ad should be thought of once more: what was read and pressed again goes through."""
    read = request.form.get("read", "").split(",")
    return any(doubt.value not in read for doubt, _words in _doubts(form))


def _wrong(
    event: Event, booth: Booth, form: VacancyForm, problem: errors.Invalid, vacancy: Vacancy | None = None
) -> tuple[str, int]:
    if not form.errors:
        form.blame(problem)
    return _form(event, booth, form, vacancy), 422


def _values(form: VacancyForm) -> dict[str, Any]:
    return {name: form[name].data or "" for name in form.COLUMNS}


def _back(event: Event, booth: Booth, removed: int | None = None) -> str:
    return url_for("booths_desk.edit", event=event.slug, booth=booth.slug, removed=removed, _anchor="jobs")


def _of_booth(**ctx: Any) -> Markup:
    booth: Booth = ctx["booth"]
    removed = request.args.get("removed", type=int)
    page = render_template(
        "vacancies/desk.html",
        event=ctx["event"],
        booth=booth,
        ads=queries.of_desk(booth.id),
        removed=removed if removed and queries.was_removed(removed, booth.id) else None,
    )
    return Markup(page)  # noqa: S704 - our own template


def _ready(**ctx: Any) -> Markup:
    booth, event = ctx["booth"], ctx["event"]
    number = len(queries.of_booth(booth.id))
    item = {
        "done": number > 0,
        "title": ngettext("%(num)d job is posted", "%(num)d jobs are posted", number)
        if number
        else _("No job is posted"),
        "note": _("The pay shows in every one") if number else _("A job takes about two minutes"),
        "url": url_for("vacancies_desk.new", event=event.slug, booth=booth.slug),
        "action": _("Post a job"),
    }
    return Markup(render_template("booths/ready_line.html", item=item))  # noqa: S704 - our own template

"""Signed-in pages on which an event is made: begun, worded, timed, its programme, looked at and published."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.1

from miitti.accounts import queries as accounts
from miitti.booths import queries as booths
from miitti.events import actions as events_actions
from miitti.events import queries as events
from miitti.events.models import Event, ProgrammeItem
from miitti.events.states import Attendance
from miitti.foundation import access, clock, errors, language, pages
from miitti.foundation.access import HOSTS, Power
from miitti.planning import actions, forms, states

blueprint = Blueprint("planning_desk", __name__, url_prefix="/desk/events")

Answer = str | tuple[str, int] | Response

BASES = {"": _l("An empty page"), "companies": _l("Companies introduce themselves"), "school": _l("A school's evening")}
EARLIER = "event:"
"""What stands before an event's slug where a form names what to begin from."""


def plug(app: Flask) -> None:
    """Lead to a new event from the desk's first page, and to each step from an event's own."""
    pages.desk_link(app, _new_link, order=3)
    pages.facts(app, "desk.links", _of_event)


def _new_link() -> tuple[str, str, str] | None:
    return (_("A new event"), url_for("planning_desk.new"), "") if access.me().may(*HOSTS) else None


def _of_event(*, event: Event, **_ctx: Any) -> list[dict[str, str]]:
    slug = event.slug
    found = [
        {
            "title": _("Words, time and programme"),
            "note": _("What the page says, when it is, who is on when"),
            "url": url_for("planning_desk.words", slug=slug),
        },
        {
            "title": _("Make a new one like this"),
            "note": _("Next year's, with or without the companies"),
            "url": url_for("planning_desk.new", like=slug),
        },
    ]
    if event.cancelled_at is None and access.me().can(Power.CANCEL_OR_DELETE, event_id=event.id):
        found.append(
            {
                "title": _("Call the event off"),
                "note": _("Everybody who asked to be reminded is told"),
                "url": url_for("planning_desk.cancel", slug=slug),
            }
        )
    return found


@blueprint.route("/new", methods=["GET", "POST"])
@access.allow(*HOSTS)
def new() -> Answer:
    """Three things make a draft. `?like=` chooses an earlier event to begin from."""
    like = request.args.get("like", "")
    form = forms.Begin.sent() if request.method == "POST" else forms.Begin()
    earlier = events.hosted_by(access.me())
    form.base.choices = [SelectChoice(word, name) for word, name in BASES.items()] + [
        SelectChoice(EARLIER + event.slug, f"{language.pick(event, 'title')}, {language.moment(event.starts_at)}")
        for event in earlier
    ]
    if request.method != "POST":
        form.base.data = EARLIER + like if any(event.slug == like for event in earlier) else "companies"
        form.with_booths.data = bool(like)
        return render_template("planning/new.html", form=form)
    try:
        form.check()
        event = _make(form)
    except errors.Invalid as problem:
        _blame(form, problem)
        return render_template("planning/new.html", form=form), 422
    flash(_("The draft is made. Only hosts see it before you publish it."), "done")
    return redirect(url_for("planning_desk.words", slug=event.slug), 303)


def _make(form: forms.Begin) -> Event:
    starts_at, ends_at = form.moments()
    base = form.base.data or ""
    title = form.title.data or ""
    if base.startswith(EARLIER):
        return actions.duplicate(
            event_id=events.hosted(base.removeprefix(EARLIER), access.me()).id,
            title=title,
            starts_at=starts_at,
            ends_at=ends_at,
            with_booths=bool(form.with_booths.data),
            who=access.me(),
        )
    return actions.begin(title=title, starts_at=starts_at, ends_at=ends_at, template=base, who=access.me())


@blueprint.route("/<slug>/plan/words", methods=["GET", "POST"])
@access.allow(*HOSTS)
def words(slug: str) -> Answer:
    """What the event is called, why to come, where."""
    event = events.hosted(slug, access.me())
    if request.method != "POST":
        form = forms.Words(obj=event)
        form.languages.data = event.languages.split()
        return _page("words", event, form=form)
    form = forms.Words.sent()
    try:
        form.check()
        events_actions.describe(
            event_id=event.id,
            attendance=Attendance(form.attendance.data),
            languages=form.languages.data or [],
            **form.texts(),
        )
    except errors.Invalid as problem:
        _blame(form, problem)
        return _page("words", event, form=form), 422
    flash(_("Saved."), "done")
    return redirect(url_for("planning_desk.programme", slug=slug), 303)


@blueprint.route("/<slug>/plan/time", methods=["GET", "POST"])
@access.allow(*HOSTS)
def when(slug: str) -> Answer:
    """From when to when; the programme moves along, and who asked is told once the event is published."""
    event = events.hosted(slug, access.me())
    if request.method != "POST":
        return _page("time", event, form=forms.When(data=forms.When.of(event.starts_at, event.ends_at)))
    form = forms.When.sent()
    try:
        form.check()
        starts_at, ends_at = form.moments()
        if starts_at <= clock.now() and starts_at != event.starts_at:
            raise errors.Invalid(_("That time has passed already. Check the date."), field="starts_on")
        events_actions.move(event_id=event.id, starts_at=starts_at, ends_at=ends_at)
    except errors.Invalid as problem:
        _blame(form, problem)
        return _page("time", event, form=form), 422
    flash(_("Saved."), "done")
    return redirect(url_for("planning_desk.programme", slug=slug), 303)


# -- the programme -------------------------------------------------------------------------------------------


@blueprint.route("/<slug>/plan/programme", methods=["GET", "POST"])
@access.allow(*HOSTS)
def programme(slug: str) -> Answer:
    """The programme in order; a form adds one more line, proposed after the last."""
    event = events.hosted(slug, access.me())
    if request.method != "POST":
        return _page("programme", event, form=_next_line(event))
    form = _item_form(event, forms.Item.sent())
    try:
        actions.add_item(event_id=event.id, **form.values())
    except errors.Invalid as problem:
        _blame(form, problem)
        return _page("programme", event, form=form), 422
    return redirect(url_for("planning_desk.programme", slug=slug, _anchor="add"), 303)


@blueprint.route("/<slug>/plan/programme/<int:item_id>", methods=["GET", "POST"])
@access.allow(*HOSTS)
def item(slug: str, item_id: int) -> Answer:
    """One line of the programme."""
    event = events.hosted(slug, access.me())
    found = _item(event, item_id)
    if request.method != "POST":
        shown = {
            "starts": language.local(found.starts_at).time(),
            "minutes": int((found.ends_at - found.starts_at).total_seconds() // 60),
            "day": language.local(found.starts_at).date().isoformat(),
            "organisation": str(found.organisation_id or ""),
            "starts_which": {None: "", False: "first", True: "second"}[states.wall(found.starts_at)[2]],
        }
        return _page("item", event, item=found, form=_item_form(event, forms.Item(obj=found, data=shown)))
    form = _item_form(event, forms.Item.sent())
    try:
        actions.change_item(item_id=found.id, **form.values())
    except errors.Invalid as problem:
        _blame(form, problem)
        return _page("item", event, item=found, form=form), 422
    flash(_("Saved."), "done")
    return redirect(url_for("planning_desk.programme", slug=slug), 303)


@blueprint.post("/<slug>/plan/programme/<int:item_id>/remove")
@access.allow(*HOSTS)
def remove_item(slug: str, item_id: int) -> Response:
    """Take a line out."""
    event = events.hosted(slug, access.me())
    actions.remove_item(item_id=_item(event, item_id).id)
    flash(_("Taken out of the programme."), "done")
    return redirect(url_for("planning_desk.programme", slug=slug), 303)


@blueprint.post("/<slug>/plan/order")
@access.allow(*HOSTS)
def order(slug: str) -> Response:
    """Move a line: `up` or `down` carries its number; `order` all numbers as they shall stand."""
    event = events.hosted(slug, access.me())
    ids = [item.id for item in events.programme(event.id)]
    wanted = [int(word) for word in request.form.get("order", "").split(",") if word.isdigit()]
    for way, step in (("up", -1), ("down", 1)):
        moved = request.form.get(way, type=int)
        if moved in ids:
            place = ids.index(moved)
            ids.insert(max(0, place + step), ids.pop(place))
            wanted = ids
    actions.order_items(event_id=event.id, item_ids=wanted)
    return redirect(url_for("planning_desk.programme", slug=slug, _anchor="lines"), 303)


def _item(event: Event, item_id: int) -> ProgrammeItem:
    found = next((one for one in events.programme(event.id) if one.id == item_id), None)
    if found is None:
        raise errors.NotFound
    return found


def _next_line(event: Event) -> forms.Item:
    """The form for one more line, at the end of what there is."""
    items = events.programme(event.id)
    at = max((item.ends_at for item in items), default=event.starts_at)
    there = language.local(min(at, event.ends_at))
    shown = {"starts": there.time(), "day": there.date().isoformat(), "organisation": ""}
    return _item_form(event, forms.Item(data=shown))


def _item_form(event: Event, form: forms.Item) -> forms.Item:
    """Give the form the event's days, and the organisations whose turn it can be."""
    days = {language.local(at).date().isoformat(): language.day(at) for at in (event.starts_at, event.ends_at)}
    form.day.choices = [SelectChoice(day, name) for day, name in days.items()]
    form.day.data = form.day.data or next(iter(days))
    stands = accounts.organisations({booth.organisation_id for booth in booths.of_event(event.id)}).values()
    found = {one.id: language.pick(one, "name") for one in [*events.cohosts(event.id), *stands]}
    form.organisation.choices = [SelectChoice("", _("Everybody's"))] + [
        SelectChoice(str(number), name) for number, name in found.items()
    ]
    return form


# -- the end of it -------------------------------------------------------------------------------------------


@blueprint.get("/<slug>/plan/ready")
@access.allow(*HOSTS)
def ready(slug: str) -> str:
    """What is there and what is missing, the preview, and the one button."""
    event = events.hosted(slug, access.me())
    link = pages.absolute(url_for("events.page", slug=slug, preview=event.preview)) if event.preview else ""
    return _page(
        "ready",
        event,
        items=events.programme(event.id),
        hosts=events.cohosts(event.id),
        booths=booths.of_event(event.id),
        untranslated=[language.NAMES[code] for code in ("sv", "en") if not getattr(event, f"title_{code}")],
        past=event.starts_at <= clock.now(),
        link=link,
    )


@blueprint.post("/<slug>/plan/preview")
@access.allow(*HOSTS)
def preview(slug: str) -> Response:
    """Make a private address for the draft; an older one stops working."""
    event = events.hosted(slug, access.me())
    events_actions.make_preview(event_id=event.id)
    return redirect(url_for("planning_desk.ready", slug=slug, _anchor="preview"), 303)


@blueprint.route("/<slug>/cancel", methods=["GET", "POST"])
@access.allow(*access.holders(Power.CANCEL_OR_DELETE))
def cancel(slug: str) -> Answer:
    """Call the event off; the page says how many people a letter goes to."""
    event = events.hosted(slug, access.me())
    access.me().must(Power.CANCEL_OR_DELETE, event_id=event.id)
    form = forms.CallOff.sent() if request.method == "POST" else forms.CallOff()
    told = sum(pages.gather("event.told", event=event))
    if request.method != "POST":
        return render_template("planning/cancel.html", event=event, form=form, told=told)
    try:
        form.check()
        events_actions.cancel(event_id=event.id, **{name: form[name].data or "" for name in form.data})
    except errors.Invalid as problem:
        _blame(form, problem)
        return render_template("planning/cancel.html", event=event, form=form, told=told), 422
    flash(_("Called off. The page says so, and everybody who asked is told by letter."), "done")
    return redirect(url_for("events_desk.event", slug=slug), 303)


def _page(step: str, event: Event, **given: Any) -> str:
    return render_template(
        f"planning/{step}.html",
        event=event,
        step=step,
        doors=events.doors(event),
        items=given.pop("items", None) or events.programme(event.id),
        names=language.NAMES,
        **given,
    )


_FIELDS = {"ends_at": "ends", "starts_at": "starts"}
"""What the actions call a field, and what the forms do."""


def _blame(form: Any, problem: errors.Invalid) -> None:
    """Show beside the fields what is wrong, once."""
    if not form.errors:
        fields = {_FIELDS.get(name, name): said for name, said in problem.fields.items()}
        form.blame(errors.Invalid(problem.message, fields=fields))

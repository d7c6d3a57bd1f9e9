"""The moderators' page: what waits, what is on the list, what is being answered. Works live and by plain forms."""

from flask import Blueprint, Flask, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, clock, errors, ids, pages
from miitti.foundation.access import Role
from miitti.questions import actions, forms, queries, states
from miitti.questions.models import Channel
from miitti.questions.states import Doc, Op, State, View

blueprint = Blueprint("questions_desk", __name__)

STAFF = (*access.HOSTS, Role.MODERATOR, Role.COMPANY)


def plug(app: Flask) -> None:
    """Put the page and its link into the application."""
    app.register_blueprint(blueprint)
    pages.desk_link(app, links, order=20)


def links() -> list[tuple[str, str, str]]:
    """The desk's way to the questions: the nearest event's stage for its hosts, own booths for a company."""
    who = access.me()
    now = clock.now()
    running = [event for event in events.hosted_by(who) if events.doors(event) is not Doors.OVER]
    nearest = sorted(running, key=lambda event: abs(event.starts_at - now))[:1]
    found = [(_("Questions"), _address(event, queries.STAGE), _badge(event, queries.STAGE)) for event in nearest]
    for booth, event in booths.of_who(who):
        if who.may(*queries.MODERATORS, event_id=event.id) or events.doors(event) is Doors.DRAFT:
            continue
        ch = f"{queries.BOOTH}{booth.slug}"
        found.append((_("Questions to %(booth)s", booth=booth.name), _address(event, ch), _badge(event, ch)))
    return found[:4]


def _address(event: Event, ch: str) -> str:
    return f"/desk/events/{event.slug}/questions" + ("" if ch == queries.STAGE else f"?ch={ch}")


def _badge(event: Event, ch: str) -> str:
    channel = queries.channel(event.id, ch)
    waiting = 0 if channel is None else queries.waiting(channel.id)
    return str(waiting) if waiting else ""


@blueprint.get("/desk/events/<slug>/questions")
@access.allow(*STAFF)
def queue(slug: str) -> str:
    """The queue of one channel (`?ch=`, the stage by default)."""
    event, channel, booth = _moderated(slug, request.args.get("ch", queries.STAGE))
    return _page(event, channel, booth, "")


@blueprint.post("/desk/events/<slug>/questions")
@access.allow(*STAFF)
def decide(slug: str) -> Answer | tuple[str, int]:
    """Carry out one press of a button sent as a form."""
    form = forms.ModerateForm.sent()
    form.check()
    event, channel, booth = _moderated(slug, form.ch.data or queries.STAGE)
    who = access.me()
    try:
        op = Op(form.op.data or "")
    except ValueError:
        raise errors.Invalid from None
    assert who.person is not None  # _moderated refuses anybody else
    try:
        outcome = actions.moderate(
            channel_id=channel.id,
            person_id=who.person,
            cid=form.cid.data or ids.new(),
            question_id=form.id.data or "",
            rev=form.rev.data or 0,
            op=op,
            reason=form.reason.data or None,
            body=form.body.data or "",
            by=queries.speaks_as(who, channel, booth),
        )
    except (errors.Conflict, errors.Invalid) as problem:
        return _page(event, channel, booth, str(problem.message)), problem.status
    return redirect(f"{_address(event, channel.ch)}#q-{outcome.q['id']}", 303)


def _moderated(slug: str, ch: str) -> tuple[Event, Channel, Booth | None]:
    """The channel when the one asking moderates it; otherwise it isn't there."""
    event = events.by_slug(slug)
    channel = queries.channel(event.id, ch) or actions.open_channel(event_id=event.id, ch=ch)
    booth = queries.booth_of(channel)
    if not queries.moderates(access.me(), channel, booth):
        raise errors.NotFound
    if channel.open != queries.takes_questions(channel):
        channel = actions.open_channel(event_id=event.id, ch=ch)
    return event, channel, booth


def _page(event: Event, channel: Channel, booth: Booth | None, problem: str) -> str:
    questions = queries.listed(channel, View.MOD)
    who = access.me()
    hosting = who.may(*queries.MODERATORS, event_id=event.id)
    return render_template(
        "questions/queue.html",
        event=event,
        booth=booth,
        channel=queries.channel_doc(channel),
        pending=_in(questions, State.PENDING),
        live=sorted(_in(questions, State.LIVE), key=lambda q: (-q["up"], q["asked_at"])),
        now=next(iter(_in(questions, State.ANSWERING)), None),
        answered=_in(questions, State.ANSWERED)[::-1],
        rest=_in(questions, State.REJECTED, State.ARCHIVED)[::-1],
        channels=[(queries.STAGE, _("Stage"))]
        + [(f"{queries.BOOTH}{each.slug}", each.name) for each in booths.of_event(event.id)]
        if hosting
        else [],
        booth_names={each.slug: each.name for each in booths.of_event(event.id)},
        cid=ids.new,
        reasons=states.REASONS,
        problem=problem,
    )


def _in(questions: list[Doc], *wanted: State) -> list[Doc]:
    return [question for question in questions if question["state"] in wanted]

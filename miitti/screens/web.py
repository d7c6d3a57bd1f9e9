"""Screens for everybody's eyes: the hall's projector and the overlay of a broadcast. They only listen."""

from flask import Blueprint, Flask, Response, make_response, render_template, request

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access
from miitti.foundation.access import Role
from miitti.questions import actions as questions
from miitti.questions import queries as asked
from miitti.questions.models import Question
from miitti.questions.states import State
from miitti.screens import queries

blueprint = Blueprint("screens", __name__)


def plug(app: Flask) -> None:
    """Put the screens' addresses into the application."""
    app.register_blueprint(blueprint)


@blueprint.get("/miitti/<slug>/projector")
@access.allow(Role.VISITOR)
def projector(slug: str) -> Response:
    """One question in letters readable from the back row, and what comes next."""
    return _screen(events.seen(slug, access.me()), "projector")


@blueprint.get("/overlay")
@access.allow(Role.VISITOR)
def overlay() -> Response:
    """The question being answered on a transparent ground, for a broadcast; opened by its key."""
    return _screen(queries.event_of(request.args.get("token", "")), "overlay")


def _screen(event: Event, kind: str) -> Response:
    channel = asked.channel(event.id, asked.STAGE) or questions.open_channel(event_id=event.id, ch=asked.STAGE)
    shown = [asked.question_doc(row, channel.ch, []) for row in _shown(channel.id)]
    answer = make_response(
        render_template(
            f"screens/{kind}.html",
            event=event,
            channel=channel,
            now=next((q for q in shown if q["state"] == State.ANSWERING), None),
            following=next((q for q in shown if q["state"] == State.LIVE), None),
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    if kind == "overlay":
        answer.headers["Referrer-Policy"] = "no-referrer"  # the key stands in the address
    return answer


def _shown(channel_id: int) -> list[Question]:
    rows = asked.public_questions(channel_id)
    return sorted(rows, key=lambda row: (not row.pinned, -row.up, row.asked_at, row.id))

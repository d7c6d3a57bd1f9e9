"""The presenter's view, and the addresses of the screens for those who run the event."""

from flask import Blueprint, Flask, render_template

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import access, errors, ids
from miitti.moderation import queries as moderated
from miitti.questions import actions as questions
from miitti.questions import queries as asked
from miitti.questions.states import State
from miitti.screens import actions, queries

blueprint = Blueprint("screens_desk", __name__)


def plug(app: Flask) -> None:
    """Put the addresses into the application."""
    app.register_blueprint(blueprint)


@blueprint.get("/desk/events/<slug>/presenter")
@access.allow(*moderated.PRESENTERS)
def presenter(slug: str) -> str:
    """Now and Next in large letters, and one button."""
    event = _presented(slug)
    channel = asked.channel(event.id, asked.STAGE) or questions.open_channel(event_id=event.id, ch=asked.STAGE)
    rows = asked.public_questions(channel.id)
    following = moderated.following(channel.id)
    return render_template(
        "screens/presenter.html",
        event=event,
        channel=asked.channel_doc(channel),
        now=next((row for row in rows if row.state is State.ANSWERING), None),
        following=following,
        cid=ids.new(),
    )


@blueprint.get("/desk/events/<slug>/screens")
@access.allow(*access.HOSTS)
def screens(slug: str) -> str:
    """The addresses of the event's screens."""
    event = events.hosted(slug, access.me())
    return render_template("screens/screens.html", event=event, token=None, has_key=queries.has_key(event.id))


@blueprint.post("/desk/events/<slug>/screens")
@access.allow(*access.HOSTS)
def make_key(slug: str) -> str:
    """Make a new key for the overlay; it is shown this once."""
    event = events.hosted(slug, access.me())
    token = actions.make_key(event_id=event.id)
    return render_template("screens/screens.html", event=event, token=token, has_key=True)


def _presented(slug: str) -> Event:
    event = events.by_slug(slug)
    if not access.me().may(*moderated.PRESENTERS, event_id=event.id):
        raise errors.NotFound
    return event

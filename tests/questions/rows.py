"""Short ways to questions in a certain state, through the room's own actions."""

import itertools

from miitti.moderation import actions as moderation
from miitti.questions import actions, queries
from miitti.questions.models import Channel
from miitti.questions.states import Doc, Op
from tests.world import World

_cids = (f"cid-{number:08d}" for number in itertools.count())
_visitors = (f"visitor-{number}" for number in itertools.count())


def cid() -> str:
    """A name no command had before."""
    return next(_cids)


def stage(world: World) -> Channel:
    """The stage's channel."""
    return actions.open_channel(event_id=world.event_id, ch=queries.STAGE)


def booth(world: World, slug: str = "harju") -> Channel:
    """A booth's channel."""
    return actions.open_channel(event_id=world.event_id, ch=f"booth:{slug}")


def asked(channel: Channel, body: str = "Mikä on palkka?", visitor: str | None = None) -> Doc:
    """A pending question; each by another visitor unless one is named."""
    return actions.ask(channel_id=channel.id, visitor=visitor or next(_visitors), cid=cid(), body=body).q


def moved(
    world: World, channel: Channel, question: Doc, *ops: Op, by: str = "organiser", args: moderation.Args | None = None
) -> Doc:
    """The question after the ops."""
    for op in ops:
        question = moderation.moderate(
            channel_id=channel.id,
            person_id=world.people[by],
            cid=cid(),
            question_id=question["id"],
            rev=question["rev"],
            op=op,
            args=args or moderation.Args(body="Kirjallinen vastaus." if op is Op.REPLY else "Toisin sanoin?"),
        ).q
    return question

"""The live edge of moderators and presenters: what they do to a question, a channel or an asker."""

from datetime import datetime
from typing import Any

from miitti.foundation import access, errors, realtime
from miitti.foundation.access import Power
from miitti.foundation.acks import flag, maybe, number, text
from miitti.moderation import actions, queries
from miitti.moderation.actions import Args
from miitti.questions import queries as asked
from miitti.questions import sockets
from miitti.questions.models import Channel
from miitti.questions.states import ChanOp, Op

STAFF = access.holders(Power.MODERATE, Power.COMPANY_WORK)
CHANNEL = access.holders(Power.MODERATE, Power.COMPANY_WORK, Power.PRESENT)


@realtime.on("mod", namespace=sockets.NAMESPACE, allow=STAFF)
def mod(data: dict[str, Any]) -> dict[str, Any]:
    """Move a question on its way, as its moderator; a company may answer in writing what was given to it."""
    channel, booth = sockets.channel_of(text(data, "id"))
    op = _op(data)
    args = _args(data)
    who = access.me()
    by = asked.speaks_as(who, channel, booth)
    aside = None
    if op is Op.REPLY and realtime.proven():
        aside = asked.answers_aside(who, asked.question(channel.id, text(data, "id")), channel.event_id)
    if aside is not None and not asked.moderates(who, channel, booth):
        by = aside.name
    else:
        sockets.moderating(channel, booth)
    assert who.person is not None  # checked by either way
    outcome = actions.moderate(
        channel_id=channel.id,
        person_id=who.person,
        cid=text(data, "cid"),
        question_id=text(data, "id"),
        rev=number(data, "rev"),
        op=op,
        args=_read(args, op, channel, by),
    )
    return {"q": outcome.q, "dup": outcome.dup}


def _op(data: dict[str, Any]) -> Op:
    try:
        return Op(text(data, "op"))
    except ValueError:
        raise errors.Problem(key="qa.bad_request", field="op") from None


def _args(data: dict[str, Any]) -> dict[str, Any]:
    args = data.get("args") or {}
    if not isinstance(args, dict):
        raise errors.Problem(key="qa.bad_request", field="args")
    return args


def _read(args: dict[str, Any], op: Op, channel: Channel, by: str) -> Args:
    labels = args.get("labels", [])
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise errors.Problem(key="qa.bad_request", field="labels")
    move_to = None
    if op is Op.MOVE and maybe(args, "ch"):
        # both ends have to be one's own
        _event, target, booth = sockets.channel_named(args)
        sockets.moderating(target, booth)
        move_to = target.id
    at = None
    if op is Op.TIME:
        try:
            at = datetime.fromisoformat(text(args, "at").replace("Z", "+00:00"))
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise errors.Problem(key="qa.bad_request", field="at")
    return Args(
        reason=maybe(args, "reason"),
        body=text(args, "body", ""),
        by=by,
        labels=labels,
        into=text(args, "into", ""),
        reply=text(args, "reply", ""),
        to=maybe(args, "to"),
        move_to=move_to,
        at=at,
    )


@realtime.on(
    "chan", namespace=sockets.NAMESPACE, allow=access.holders(Power.MODERATE, Power.COMPANY_WORK, Power.PRESENT)
)
def chan(data: dict[str, Any]) -> dict[str, Any]:
    """Change a channel, or go on to the next question."""
    _event, channel, booth = sockets.channel_named(data)
    try:
        op = ChanOp(text(data, "op"))
    except ValueError:
        raise errors.Problem(key="qa.bad_request", field="op") from None
    args = _args(data)
    who = access.me()
    if not queries.may_change(who, channel, booth, op):
        raise errors.Refused
    assert who.person is not None  # may_change refuses anybody else
    changed = actions.change_channel(
        channel_id=channel.id,
        person_id=who.person,
        cid=text(data, "cid"),
        rev=number(data, "rev"),
        op=op,
        on=flag(args, "on") if op is ChanOp.PREMOD else True,
        seconds=number(args, "seconds") if op is ChanOp.SLOW else 0,
    )
    return {"channel": changed.channel, "dup": changed.dup}


@realtime.on("mute", namespace=sockets.NAMESPACE, allow=STAFF)
def mute(data: dict[str, Any]) -> None:
    """Let the one who asked a question ask no more for a while."""
    channel, booth = sockets.channel_of(text(data, "qid"))
    sockets.moderating(channel, booth)
    actions.mute(
        channel_id=channel.id, cid=text(data, "cid"), question_id=text(data, "qid"), minutes=number(data, "minutes")
    )

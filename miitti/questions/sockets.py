"""The live edge: commands of attendees and moderators over Socket.IO, and the journal's events to them.

A handler finds, checks, acts and answers. What others see never leaves a handler: the journal's dispatcher
sends it, once it is committed.
"""

import time
from typing import Any

import sqlalchemy as sa
from flask import Flask, has_app_context

from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import access, db, errors, journal, limits, pulse, ready, realtime
from miitti.foundation.access import Role, Who
from miitti.foundation.acks import flag, maybe, number, text
from miitti.foundation.batches import Batch
from miitti.presence import actions as presence
from miitti.presence import queries as present
from miitti.presence.queries import BEAT_S
from miitti.questions import actions, queries, states
from miitti.questions.models import Channel
from miitti.questions.states import View

NAMESPACE = "/qa"
TALLY_S = 0.25
"""Scores are told at most this often; never one message per vote."""

VOTES_S = 0.02
"""Votes that come within this time are committed together; each is acknowledged after its commit."""

_ballots: Batch[states.Wish, states.Doc] = Batch(actions.vote_all, VOTES_S)

KNOWN_S = 1.0
_public: dict[tuple[str, str], tuple[float, int]] = {}
"""Names of an event and its channel -> until when it is known that everybody may hear it, and its id."""
_told_vrev: dict[int, int] = {}
"""Per channel, the vrev up to which this process has told scores."""
_names: dict[int, str] = {}
"""Channel id -> its name in messages; a name never changes."""


def plug(app: Flask) -> None:
    """Let this process's dispatcher send what happens to questions, and each commit forget what is true no more."""
    journal.on_commit("qa:", _forget)
    journal.on(app, "qa:", deliver)


# -- commands ------------------------------------------------------------------------------------------------


@realtime.on("sync", namespace=NAMESPACE, allow=(Role.VISITOR,))
def sync(data: dict[str, Any]) -> dict[str, Any]:
    """Start or resume hearing a channel: first join, then look, so that nothing falls between the two."""
    view = _view(data)
    number = _audible(data, view)
    cursor = _cursor(data)
    ch = _names[number]
    realtime.join(queries.stream(number, view))
    visitor = access.me().visitor
    if visitor:
        realtime.join(_personal(number, f"p:{visitor}"))
    db.session().rollback()  # a new look, later than the join
    missed = queries.catch_up(number, ch, view, cursor)
    if missed.events is not None:
        return {"mode": "delta", "events": missed.events, "epoch": missed.epoch, "seq": missed.seq}
    url = f"/miitti/{realtime.query('event')}/qa/{ch}/state" + ("?v=mod" if view is View.MOD else "")
    return {"mode": "snapshot", "url": url, "epoch": missed.epoch, "seq": missed.seq}


@realtime.on("leave", namespace=NAMESPACE, allow=(Role.VISITOR,))
def leave(data: dict[str, Any]) -> None:
    """Stop hearing a channel, both of its views."""
    _event, channel, _booth = channel_named(data)
    for view in View:
        realtime.leave(queries.stream(channel.id, view))
    visitor = access.me().visitor
    if visitor:
        realtime.leave(_personal(channel.id, f"p:{visitor}"))


@realtime.on("ask", namespace=NAMESPACE, allow=(Role.VISITOR,))
def ask(data: dict[str, Any]) -> dict[str, Any]:
    """Ask a question."""
    visitor = _visitor()
    _event, channel, _booth = channel_named(data)
    outcome = actions.ask(
        channel_id=channel.id,
        visitor=visitor,
        cid=text(data, "cid"),
        body=text(data, "body"),
        name=text(data, "name", ""),
        to=maybe(data, "to"),
        language=maybe(data, "lang"),
    )
    return {"q": outcome.q, "dup": outcome.dup}


@realtime.on("withdraw", namespace=NAMESPACE, allow=(Role.VISITOR,))
def withdraw(data: dict[str, Any]) -> dict[str, Any]:
    """Take one's own question back."""
    visitor = _visitor()
    channel, _booth = channel_of(text(data, "id"))
    outcome = actions.withdraw(
        channel_id=channel.id,
        visitor=visitor,
        cid=text(data, "cid"),
        question_id=text(data, "id"),
        rev=number(data, "rev"),
    )
    return {"q": outcome.q, "dup": outcome.dup}


@realtime.on("vote", namespace=NAMESPACE, allow=(Role.VISITOR,))
def vote(data: dict[str, Any]) -> dict[str, Any]:
    """Set or take back one's vote."""
    visitor = _visitor()
    on = flag(data, "on")
    channel, _booth = channel_of(text(data, "id"))
    per_s = 1 / states.VOTE_EVERY.total_seconds()
    limits.take(f"vote:{visitor}", burst=states.VOTE_BURST, per_s=per_s)
    told = _ballots.ask(states.Wish(channel.id, visitor, text(data, "id"), on))
    _forget(queries.stream(channel.id, View.PUB))
    return told


@realtime.on("edit", namespace=NAMESPACE, allow=(Role.VISITOR,))
def edit(data: dict[str, Any]) -> dict[str, Any]:
    """Change the words of one's own question."""
    visitor = _visitor()
    channel, _booth = channel_of(text(data, "id"))
    outcome = actions.edit(
        channel_id=channel.id,
        visitor=visitor,
        cid=text(data, "cid"),
        question_id=text(data, "id"),
        rev=number(data, "rev"),
        body=text(data, "body"),
    )
    return {"q": outcome.q, "dup": outcome.dup}


@realtime.on("report", namespace=NAMESPACE, allow=(Role.VISITOR,))
def report(data: dict[str, Any]) -> None:
    """Tell the moderators that a question should not be there."""
    visitor = _visitor()
    channel, _booth = channel_of(text(data, "id"))
    limits.take(f"report:{visitor}", burst=5, per_s=0.1)
    actions.report(
        channel_id=channel.id,
        visitor=visitor,
        cid=text(data, "cid"),
        question_id=text(data, "id"),
        reason=text(data, "reason"),
    )


# -- reading a payload ---------------------------------------------------------------------------------------


def _view(data: dict[str, Any]) -> View:
    try:
        return View(text(data, "v", View.PUB.value))
    except ValueError:
        raise errors.Problem(key="qa.bad_request", field="v") from None


def _cursor(data: dict[str, Any]) -> tuple[str, int] | None:
    cursor = data.get("cursor")
    if cursor is None:
        return None
    if not isinstance(cursor, dict):
        raise errors.Problem(key="qa.bad_request", field="cursor")
    return text(cursor, "epoch"), number(cursor, "seq")


def _visitor() -> str:
    visitor = access.me().visitor
    if visitor is None:
        raise errors.Unauthenticated
    return visitor


def channel_named(data: dict[str, Any]) -> tuple[Event, Channel, Booth | None]:
    """The channel a payload names by `ch`, of this connection's event. Raises NotFound."""
    slug, ch = realtime.query("event"), text(data, "ch")
    found = queries.named(slug, ch)
    if found is None:
        event = events.seen(slug, access.me())
        channel = actions.open_channel(event_id=event.id, ch=ch)
    else:
        event, channel = events.shown(found[0], access.me()), found[1]
    return event, channel, queries.booth_of(channel)


def _audible(data: dict[str, Any], view: View) -> int:
    """The channel the caller may hear in that view. Raises NotFound, Unauthenticated or Refused.

    A hall that comes in together asks for one and the same channel: what everybody may hear is known for a second.
    """
    names = realtime.query("event"), text(data, "ch")
    until, known = _public.get(names, (0.0, 0))
    if view is View.PUB and time.monotonic() < until:
        return known
    event, channel, booth = channel_named(data)
    if view is View.MOD:
        moderating(channel, booth)
    elif events.doors(event) is not Doors.DRAFT:
        _public[names] = time.monotonic() + KNOWN_S, channel.id
    _names[channel.id] = channel.ch
    _told_vrev.setdefault(channel.id, channel.vrev)
    return channel.id


def channel_of(question_id: str) -> tuple[Channel, Booth | None]:
    """The channel of a question of this connection's event; another event's question is not there."""
    event, channel = queries.channel_of(realtime.query("event"), question_id)
    events.shown(event, access.me())
    return channel, queries.booth_of(channel)


def moderating(channel: Channel, booth: Booth | None) -> None:
    """Let the caller go on only as a moderator of the channel. Raises Unauthenticated or Refused."""
    who = access.me()
    if who.person is None or not realtime.proven():
        raise errors.Unauthenticated
    if not queries.moderates(who, channel, booth):
        raise errors.Refused


# -- telling -------------------------------------------------------------------------------------------------


def _personal(channel_id: int, audience: str) -> str:
    return f"qa:{channel_id}:{audience}"


def _forget(stream: str) -> None:
    """Keep no answer any longer that shows the channel as it was."""
    _room, number, view = stream.split(":", 2)
    if view in (View.PUB, "all") and has_app_context():
        ready.shelf().drop(queries.stream(int(number), View.PUB))


def deliver(entry: journal.Entry) -> None:
    """Send one committed journal entry to those of this process who may hear it."""
    _forget(entry.stream)
    _room, number, view = entry.stream.split(":", 2)
    channel_id = int(number)
    if view == "you":
        if entry.audience:
            realtime.emit("you", entry.data, NAMESPACE, _personal(channel_id, entry.audience))
        return
    if view == "all":
        for each in View:
            realtime.emit(entry.kind, entry.data, NAMESPACE, queries.stream(channel_id, each))
        return
    ch = _name(channel_id)
    if ch is not None:
        realtime.emit("ev", queries.event_doc(entry, ch, View(view)), NAMESPACE, entry.stream)


def _name(channel_id: int) -> str | None:
    if channel_id not in _names:
        found = db.session().scalar(sa.select(Channel.ch).where(Channel.id == channel_id))
        if found is None:
            return None
        _names[channel_id] = found
    return _names[channel_id]


def _heard() -> list[int]:
    """The channels somebody of this process hears."""
    numbers = {name.split(":")[1] for name in realtime.audiences(NAMESPACE) if name.endswith((":pub", ":mod"))}
    return sorted(int(number) for number in numbers)


@pulse.every(TALLY_S)
def tell_tallies() -> None:
    """Tell the scores that changed since the last tick; absolute, so a lost one mends itself at the next."""
    heard = _heard()
    if not heard:
        return
    rows = db.session().execute(sa.select(Channel.id, Channel.ch, Channel.vrev).where(Channel.id.in_(heard)))
    for channel_id, ch, vrev in rows.all():
        before = _told_vrev.setdefault(channel_id, vrev)
        if vrev <= before:
            continue
        _told_vrev[channel_id], changed = queries.tallies(channel_id, before)
        _forget(queries.stream(channel_id, View.PUB))
        if changed:
            for view in View:
                realtime.emit("tally", {"ch": ch, "t": changed}, NAMESPACE, queries.stream(channel_id, view))


def _hosts(who: Who, channel: Channel, booth: Booth | None) -> bool:
    """Whether somebody is of the booth's own company."""
    own = None if booth is None else booth.organisation_id
    return own is not None and who.may(Role.COMPANY, event_id=channel.event_id, organisation_id=own)


_told_present: dict[int, int] = {}
"""Per channel, the number of people last told."""


@pulse.every(BEAT_S)
def tell_presence() -> None:
    """Write down who this process serves, and tell how many people are there when that has changed."""
    for channel_id in _heard():
        channel = db.session().get(Channel, channel_id)
        if channel is None:
            continue
        booth = queries.booth_of(channel)
        visitors, hosts = set(), set()
        for view in View:
            for who in realtime.people(NAMESPACE, queries.stream(channel_id, view)):
                if booth is not None and who.may(
                    Role.COMPANY, event_id=channel.event_id, organisation_id=booth.organisation_id
                ):
                    hosts.add(who.visitor or f"person:{who.person}")
                elif who.visitor:
                    visitors.add(who.visitor)
        presence.beat(event_id=channel.event_id, place=channel.ch, visitors=visitors, hosts=hosts)
        n = present.count(channel.event_id, channel.ch)
        if _told_present.get(channel_id) != n:
            _told_present[channel_id] = n
            for view in View:
                realtime.emit("presence", {"ch": channel.ch, "n": n}, NAMESPACE, queries.stream(channel_id, view))
    for gone in set(_told_present) - set(_heard()):
        del _told_present[gone]


@pulse.every(60.0)
def forget_presence() -> None:
    """Erase old heartbeats."""
    presence.forget()


@pulse.every(1.0)
def follow_the_doors() -> None:
    """Open and close channels with the doors, also while nobody asks."""
    for channel_id in _heard():
        channel = db.session().get(Channel, channel_id)
        if channel is not None and channel.open != queries.takes_questions(channel):
            actions.follow_doors(channel_id=channel_id)


@pulse.every(1.0)
def send_off_the_revoked() -> None:
    """End the connections of moderators who are moderators no more; their clients come back as what they are."""
    for channel_id in _heard():
        audience = queries.stream(channel_id, View.MOD)
        for member in realtime.members(NAMESPACE, audience):
            channel = db.session().get(Channel, channel_id)
            if channel is None:
                continue
            booth = queries.booth_of(channel)
            with realtime.acting_as(member, NAMESPACE):
                stays = queries.moderates(access.me(), channel, booth)
            if not stays:
                realtime.expel(member, NAMESPACE, audience)
                realtime.drop(member, NAMESPACE)

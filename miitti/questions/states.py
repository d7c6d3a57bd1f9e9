"""Words and pure rules of live questions: what a command does to a state, what a text may be, how fast is too fast.

Nothing here knows a database, a request or a socket, so all of it can be tested by property.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from unicodedata import category, normalize

import regex

Doc = dict[str, Any]
"""A question, a channel or an event as clients get it: plain JSON."""


class State(StrEnum):
    """Where a question is on its way."""

    PENDING = "pending"
    LIVE = "live"
    ANSWERING = "answering"
    ANSWERED = "answered"
    ARCHIVED = "archived"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    MERGED = "merged"


class Op(StrEnum):
    """What a moderator can do to a question."""

    APPROVE = "approve"
    REJECT = "reject"
    NOW = "now"
    ANSWERED = "answered"
    ARCHIVE = "archive"
    RESTORE = "restore"
    REPLY = "reply"
    UNREPLY = "unreply"
    REMOVE = "remove"
    PIN = "pin"
    UNPIN = "unpin"
    LABEL = "label"
    MOVE = "move"
    MERGE = "merge"
    UNMERGE = "unmerge"
    EDIT = "edit"
    TIME = "time"
    """Correct the moment at which answering began: the recording's chapters follow it."""
    UNDO = "undo"


class ChanOp(StrEnum):
    """What can be done to a channel."""

    OPEN = "open"
    CLOSE = "close"
    PREMOD = "premod"
    SLOW = "slow"
    NEXT = "next"
    CLEAR = "clear"


class View(StrEnum):
    """The two streams of a channel: everybody's and its moderators'."""

    PUB = "pub"
    MOD = "mod"


PUBLIC = frozenset({State.LIVE, State.ANSWERING, State.ANSWERED})
"""States everybody sees. A question outside them does not exist for the public stream."""

WITHDRAWABLE = frozenset({State.PENDING, State.LIVE})

_STANDING = (State.PENDING, State.LIVE, State.ANSWERING, State.ANSWERED)


def _same(*where: State) -> Mapping[State, State]:
    return {state: state for state in where}


NEXT: Mapping[Op, Mapping[State, State]] = {
    Op.APPROVE: {State.PENDING: State.LIVE},
    Op.REJECT: {State.PENDING: State.REJECTED, State.LIVE: State.REJECTED},
    Op.NOW: {State.LIVE: State.ANSWERING, State.ANSWERED: State.ANSWERING},
    Op.ANSWERED: {State.LIVE: State.ANSWERED, State.ANSWERING: State.ANSWERED},
    Op.ARCHIVE: {State.LIVE: State.ARCHIVED, State.ANSWERED: State.ARCHIVED},
    Op.RESTORE: {State.REJECTED: State.PENDING, State.ANSWERED: State.LIVE, State.ARCHIVED: State.LIVE},
    # a written answer answers; while it is being answered aloud the host ends that himself
    Op.REPLY: {State.LIVE: State.ANSWERED, State.ANSWERING: State.ANSWERING, State.ANSWERED: State.ANSWERED},
    Op.REMOVE: {
        State.PENDING: State.REMOVED,
        State.LIVE: State.REMOVED,
        State.ANSWERING: State.REMOVED,
        State.ANSWERED: State.REMOVED,
        State.ARCHIVED: State.REMOVED,
        State.REJECTED: State.REMOVED,
    },
    Op.UNREPLY: _same(State.LIVE, State.ANSWERING, State.ANSWERED, State.ARCHIVED),
    Op.PIN: _same(State.LIVE, State.ANSWERED),
    Op.UNPIN: _same(*_STANDING),
    Op.LABEL: _same(*_STANDING, State.ARCHIVED),
    Op.MOVE: _same(State.PENDING, State.LIVE, State.ANSWERED),
    Op.MERGE: {State.PENDING: State.MERGED, State.LIVE: State.MERGED, State.ANSWERED: State.MERGED},
    Op.UNMERGE: {State.MERGED: State.PENDING},
    Op.EDIT: _same(*_STANDING),
    Op.TIME: _same(State.ANSWERING, State.ANSWERED, State.ARCHIVED),
    # what it leads to is what was before; the action looks that up
    Op.UNDO: _same(*(state for state in State if state not in (State.WITHDRAWN, State.MERGED))),
}


def after(op: Op, state: State, *, numbered: bool) -> State | None:
    """The state `op` leads to from `state`, or None when it can't be done there.

    `numbered` is whether the question was public before: a rejected one then comes back to the list itself.
    """
    found = NEXT[op].get(state)
    if op in (Op.RESTORE, Op.UNMERGE) and state in (State.REJECTED, State.MERGED) and numbered:
        return State.LIVE
    return found


UNDO_S = 10
"""Seconds in which a moderator's press can be taken back; the screens show the button as long."""
UNDO_GRACE_S = 2
"""Seconds more for the way of the press to the server."""

MERGEABLE_INTO = frozenset({State.PENDING, State.LIVE, State.ANSWERING, State.ANSWERED})
LONGEST_LABEL, MOST_LABELS = 30, 5
LONGEST_SLOW_S = 600
LONGEST_MUTE_MIN = 24 * 60

REPORTS = ("personal", "improper", "off_topic")
"""Why somebody reports a question of another."""

REASONS = ("off_topic", "personal", "unclear", "duplicate", "improper")
"""Why a question was not chosen; the asker is told in words."""

# -- texts ---------------------------------------------------------------------------------------------------

SHORTEST, LONGEST = 3, 500
"""Graphemes of a question: what a person counts as letters, an emoji family being one."""
LONGEST_NAME = 40
LONGEST_REPLY = 2_000
MOST_CHARACTERS = 10_000
"""Above this nothing is counted at all; it is too long whatever it holds."""

# Overrides and isolates turn the text around them; marks (LRM, RLM) and joiners are needed by honest texts.
_BIDI = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF))
_UNSEEN = frozenset({"Cc", "Cs", "Co", "Cn"})
_CID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def clean(text: str) -> str:
    """The text as it is stored: NFC, no controls or bidi overrides, single spaces, none at the ends."""
    text = normalize("NFC", text[:MOST_CHARACTERS]).translate(_BIDI)
    kept = (" " if c.isspace() else c for c in text if c.isspace() or category(c) not in _UNSEEN)
    return " ".join("".join(kept).split())


def length(text: str) -> int:
    """How many graphemes the text has, as a person would count its letters."""
    if len(text) >= MOST_CHARACTERS:
        return len(text)
    return len(regex.findall(r"\X", text))


def is_cid(cid: object) -> bool:
    """Whether a client's own name for a command can be one."""
    return isinstance(cid, str) and _CID.fullmatch(cid) is not None


_PHONE = re.compile(r"(?<![\d-])(?:\+?358|0)[\s\-()]*(?:\d[\s\-()]*){5,11}(?!\d)")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[a-zA-Z]{2,}")
_IDENTITY = re.compile(r"(?<!\d)[0-3]\d[01]\d\d\d[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y](?![0-9A-Za-z])", re.IGNORECASE)
"""Finnish identity code: day, month, year, century sign (since 2023 also B-F and U-Y), number, check sign."""


WORDS = (
    "vittu", "vitun", "vitut", "perkele", "saatana", "paska", "huora", "neekeri", "ryssä",
    "fan", "jävla", "jävel", "fitta", "hora", "neger", "skit",
    "fuck", "shit", "cunt", "whore", "faggot", "nigger", "bitch",
)  # fmt: skip
"""Words that mark a question for a moderator's eye until an event has a list of its own; nothing is refused by them."""
MOST_WORDS, LONGEST_WORD = 500, 60


def word_list(text: str) -> list[str]:
    """The words of a list typed one a line or with commas; lower case, each once, at most MOST_WORDS."""
    found = dict.fromkeys(clean(word).casefold()[:LONGEST_WORD] for word in re.split(r"[,\n]", text))
    return [word for word in found if word][:MOST_WORDS]


def flags(text: str, words: Iterable[str] = ()) -> list[str]:
    """What in a text a moderator should think about before showing it to everybody.

    A listed word of five letters or more counts from the beginning of a word on, as Finnish bends the ends; a shorter
    one as a whole word, or "fan" would be found in "fantastisk".
    """
    found = []
    low = text.casefold()
    if any(re.search(rf"(?<!\w){re.escape(word)}" + ("" if len(word) > 4 else r"(?!\w)"), low) for word in words):
        found.append("words")
    if _IDENTITY.search(text):
        found.append("identity")
    if _MAIL.search(text):
        found.append("email")
    if _PHONE.search(_IDENTITY.sub(" ", text)):
        found.append("phone")
    return found


PERSONAL = frozenset({"identity", "email", "phone"})


def masked(text: str) -> str:
    """The text with phone numbers, addresses and identity codes hidden but for their last two signs."""

    def hide(match: re.Match[str]) -> str:
        whole = match.group().rstrip()
        kept = whole[-2:]
        return "".join("•" if c.isalnum() else c for c in whole[:-2]) + kept + match.group()[len(whole) :]

    return _PHONE.sub(hide, _MAIL.sub(hide, _IDENTITY.sub(hide, text)))


# -- pace ----------------------------------------------------------------------------------------------------

ASK_BURST, ASK_EVERY = 3, timedelta(seconds=20)
"""Questions at once, and then one in this time."""
VOTE_BURST, VOTE_EVERY = 10, timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants their vote for a question to stand."""

    channel_id: int
    visitor: str
    question_id: str
    on: bool


def wait(past: Iterable[datetime], now: datetime, burst: int, every: timedelta) -> float:
    """Seconds until the next one is allowed after the `past` ones (oldest first); 0 when now.

    A bucket of `burst` tokens that gains one each `every`, computed from what happened (the generic cell rate
    algorithm, ITU-T I.371), so that no counter has to be kept anywhere.
    """
    full = None
    for at in past:
        full = max(full or at, at) + every
    if full is None:
        return 0.0
    return max(0.0, (full - every * (burst - 1) - now).total_seconds())


# -- what a client makes of events ---------------------------------------------------------------------------


def counts(questions: Iterable[Doc]) -> Doc:
    """How many are open and answered; never how many wait for approval."""
    states = [question["state"] for question in questions]
    return {
        "live": sum(state in (State.LIVE, State.ANSWERING) for state in states),
        "answered": states.count(State.ANSWERED),
    }


def fold(snapshot: Doc, seq: int, kind: str, data: Doc) -> Doc:
    """The snapshot after one event: the very rule the browser's client follows. Pure; gives a new snapshot.

    An event at or below the snapshot's `seq` changes nothing; a gap raises ValueError, as the caller has to
    ask for what is missing.
    """
    if seq <= snapshot["seq"]:
        return snapshot
    if seq != snapshot["seq"] + 1:
        raise ValueError(f"gap between {snapshot['seq']} and {seq}")
    questions: dict[str, Doc] = {question["id"]: question for question in snapshot["questions"]}
    channel = snapshot["channel"]
    if kind == "q.put":
        known = questions.get(data["q"]["id"])
        if known is None or known["rev"] < data["q"]["rev"]:
            questions[data["q"]["id"]] = data["q"]
    elif kind == "q.del":
        questions.pop(data["id"], None)
    elif kind == "r.put" and data["q"] in questions:
        known = questions[data["q"]]
        if known["rev"] < data["rev"]:
            kept = [reply for reply in known["replies"] if reply["id"] != data["r"]["id"]]
            questions[data["q"]] = {**known, "rev": data["rev"], "replies": [*kept, data["r"]]}
    elif kind == "r.del" and data["q"] in questions:
        known = questions[data["q"]]
        if known["rev"] < data["rev"]:
            kept = [reply for reply in known["replies"] if reply["id"] != data["id"]]
            questions[data["q"]] = {**known, "rev": data["rev"], "replies": kept}
    elif kind == "ch.put" and channel["rev"] < data["channel"]["rev"]:
        channel = data["channel"]
    ordered = sorted(questions.values(), key=lambda question: (question["asked_at"], question["id"]))
    return {**snapshot, "seq": seq, "channel": channel, "questions": ordered, "counts": counts(ordered)}

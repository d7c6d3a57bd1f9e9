"""Rows of the questions room."""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db
from miitti.questions.states import State


class Channel(db.Base):
    """Where questions of one event are asked: its stage, or one of its booths."""

    __tablename__ = "question_channel"
    __table_args__ = (UniqueConstraint("event_id", "ch"),)

    id: Mapped[db.Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    booth_id: Mapped[int | None] = mapped_column(ForeignKey("booth.id", ondelete="CASCADE"), index=True)
    ch: Mapped[str] = mapped_column(String(90))
    """`stage` or `booth:<slug>`: its name in addresses and messages."""
    rev: Mapped[int] = mapped_column(default=1)
    open: Mapped[bool] = mapped_column(default=False)
    """Whether questions are taken now, as last told to clients; it follows the doors and `closed`."""
    closed: Mapped[bool] = mapped_column(default=False)
    """Closed by hand, whatever the doors say."""
    premod: Mapped[bool] = mapped_column(default=True)
    slow_s: Mapped[int] = mapped_column(default=0)
    now_id: Mapped[str | None] = mapped_column(String(40))
    """The question being answered; a row, so that late joiners and restarted screens see it."""
    last_no: Mapped[int] = mapped_column(default=0)
    vrev: Mapped[int] = mapped_column(default=0)
    """One up at each vote; a question's own `vrev` is the channel's at its last vote."""


class Question(db.Base):
    """One question on its way from asked to answered."""

    __tablename__ = "question"
    __table_args__ = (
        Index("ix_question_channel_id_state", "channel_id", "state"),
        Index("ix_question_channel_id_vrev", "channel_id", "vrev"),
        Index("ix_question_author_asked_at", "author", "asked_at"),
    )

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("question_channel.id", ondelete="CASCADE"))
    no: Mapped[int | None]
    """The number people say aloud; given at the first approval, so gaps tell nothing."""
    author: Mapped[str] = mapped_column(String(80))
    """The asker's browser, opaque; never shown to anybody."""
    cid: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(String(200), default="")
    to_booth: Mapped[str | None] = mapped_column(String(80))
    """Slug of the booth it is meant for, or None for everybody."""
    labels: Mapped[list[str]]
    flags: Mapped[list[str]]
    reports: Mapped[int] = mapped_column(default=0)
    state: Mapped[State] = mapped_column(db.words(State))
    reason: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str | None] = mapped_column(String(2))
    rev: Mapped[int] = mapped_column(default=1)
    up: Mapped[int] = mapped_column(default=0)
    vrev: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[db.UtcTime]
    approved_at: Mapped[db.UtcTime | None]
    answering_at: Mapped[db.UtcTime | None]
    answered_at: Mapped[db.UtcTime | None]
    merged_into: Mapped[str | None] = mapped_column(String(40), index=True)
    pinned: Mapped[bool] = mapped_column(default=False)
    before: Mapped[db.Json | None]
    """How it stood before a moderator's last press, for taking that back; see moderation."""


class Vote(db.Base):
    """One browser's vote for one question; its absence is no vote."""

    __tablename__ = "question_vote"

    question_id: Mapped[str] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    visitor: Mapped[str] = mapped_column(String(80), primary_key=True, index=True)
    at: Mapped[db.UtcTime]


class Reply(db.Base):
    """A written answer."""

    __tablename__ = "question_reply"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    question_id: Mapped[str] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(200), default="")
    """Who answers, in words everybody may see: a company's name, or empty for the host."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    at: Mapped[db.UtcTime]


class Report(db.Base):
    """One browser says that a question should not be there."""

    __tablename__ = "question_report"

    question_id: Mapped[str] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    visitor: Mapped[str] = mapped_column(String(80), primary_key=True)
    reason: Mapped[str] = mapped_column(String(40))
    at: Mapped[db.UtcTime]


class Mute(db.Base):
    """A browser that may not ask in an event for a while."""

    __tablename__ = "question_mute"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    visitor: Mapped[str] = mapped_column(String(80), primary_key=True)
    until: Mapped[db.UtcTime]


class Words(db.Base):
    """An event's own list of words that mark a question for review."""

    __tablename__ = "question_words"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    words: Mapped[list[str]]


class Address(db.Base):
    """Where an answer is to be sent, once; erased when the letter has gone."""

    __tablename__ = "question_address"

    question_id: Mapped[str] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    at: Mapped[db.UtcTime] = mapped_column(index=True)


class Done(db.Base):
    """A command that was carried out, so that a resent one is answered and not done again."""

    __tablename__ = "question_done"

    actor: Mapped[str] = mapped_column(String(90), primary_key=True)
    cid: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of what was commanded; the same cid with other content is refused."""
    question_id: Mapped[str] = mapped_column(String(40))
    """What it was done to: a question's id, or a channel's name."""
    at: Mapped[db.UtcTime] = mapped_column(index=True)

"""What is due, what is held, what was erased. Only reads."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, func, select

from miitti.accounts.models import Grant
from miitti.booths.models import Booth
from miitti.foundation import clock, db, settings
from miitti.leads import queries as leads
from miitti.leads import states as leads_states
from miitti.leads.models import Lead
from miitti.questions.models import Channel, Question
from miitti.retention import states
from miitti.retention.models import Erasure, Hold
from miitti.videos.models import Video


def digest(reference: str) -> str:
    """The keyed hash a lead is known by in the erasure log."""
    key = settings.current().secret_key.encode()
    return hmac.new(key, b"erasure:" + reference.encode(), hashlib.sha256).hexdigest()


def due() -> list[int]:
    """The leads whose time is over and that nothing holds, oldest first."""
    oldest = clock.now() - timedelta(days=settings.current().leads_days)
    held = select(Hold.lead_id)
    ids = db.session().scalars(
        select(Lead.id)
        .where(Lead.erased_at.is_(None), Lead.created_at <= oldest, Lead.id.not_in(held))
        .order_by(Lead.id)
    )
    found = (leads.by_id(lead_id) for lead_id in ids.all())
    return [
        whole.lead.id
        for whole in found
        if whole is not None
        and whole.kept_until <= clock.now()
        and whole.lead.delivery_state is not leads_states.Delivery.WAITING
    ]


def holds(lead_ids: Collection[int]) -> dict[int, Hold]:
    """What is held of several leads, by lead."""
    return {row.lead_id: row for row in db.session().scalars(select(Hold).where(Hold.lead_id.in_(lead_ids)))}


def log_path() -> Path:
    """The file beside the database."""
    return settings.current().data / states.LOG_NAME


def logged() -> set[str]:
    """The hashes in the file: everything ever erased here, whatever the database says after a restore."""
    try:
        lines = log_path().read_text().splitlines()
    except FileNotFoundError:
        return set()
    return {line.split(" ", 1)[0] for line in lines if line}


def erased(reference: str) -> Erasure | None:
    """The note of an erasure, or None."""
    return db.session().scalar(select(Erasure).where(Erasure.digest == digest(reference)))


def come_back() -> list[int]:
    """Leads that were erased once and stand here again whole: an older backup was restored."""
    known = logged()
    if not known:
        return []
    rows = db.session().execute(select(Lead.id, Lead.reference).where(Lead.erased_at.is_(None)))
    return [lead_id for lead_id, reference in rows if digest(reference) in known]


@dataclass(frozen=True, slots=True)
class Going:
    """How much goes with an event."""

    booths: int
    videos: int
    questions: int
    people: int


def going(event_id: int) -> Going:
    """How many booths, videos, questions and people's roles would go with an event."""

    def count(what: Any, *where: ColumnElement[bool]) -> int:
        return db.session().scalar(select(func.count(what)).where(*where)) or 0

    stalls = select(Booth.id).where(Booth.event_id == event_id)
    channels = select(Channel.id).where(Channel.event_id == event_id)
    return Going(
        booths=count(Booth.id, Booth.event_id == event_id),
        videos=count(Video.id, Video.booth_id.in_(stalls)),
        questions=count(Question.id, Question.channel_id.in_(channels)),
        people=count(Grant.person_id.distinct(), Grant.event_id == event_id),
    )

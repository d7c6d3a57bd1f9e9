"""What an employer has decided. Only reads."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import db, errors
from miitti.foundation.access import Power, Who
from miitti.intake.models import Intake, Prompt


def prompts(booth_id: int) -> Sequence[Prompt]:
    """The booth's own questions in their order."""
    return (
        db.session()
        .scalars(select(Prompt).where(Prompt.booth_id == booth_id).order_by(Prompt.position, Prompt.id))
        .all()
    )


def of_booth(booth_id: int) -> Intake:
    """What the booth has decided, or the defaults (a row that is not kept)."""
    return db.session().get(Intake, booth_id) or Intake(
        booth_id=booth_id, also=[], cv_attached=False, digest=False, privacy_fi="", privacy_sv="", privacy_en=""
    )


def own(event: str, booth: str, who: Who) -> tuple[Booth, Event]:
    """The booth when `who` works in its company. Hosts who work on its behalf don't decide where its contacts go.

    Raises NotFound.
    """
    found, its_event = booths.editable(event, booth, who)
    if not who.can(Power.READ_LEADS, event_id=found.event_id, organisation_id=found.organisation_id):
        raise errors.NotFound
    return found, its_event


def also_at(email: str, who: Who) -> list[Booth]:
    """The booths that send contacts to an address beside their own, in the events `who` answers to people for."""
    rows = db.session().execute(select(Booth, Intake).join(Intake, Intake.booth_id == Booth.id))
    mine = [booth for booth, decided in rows if email.lower() in decided.also]
    return [booth for booth in mine if who.can(Power.ANSWER_PRIVACY, event_id=booth.event_id)]

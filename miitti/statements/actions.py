"""The only place that changes rows of the statements room."""

from __future__ import annotations

import sqlalchemy as sa

from miitti.foundation import clock, db, jobs
from miitti.statements import states
from miitti.statements.models import Feedback


@db.writing
def leave(*, event_id: int | None, about: states.About, text: str, email: str, language: str) -> int:
    """Take feedback in; a letter takes it to whoever answers. Gives its id."""
    row = Feedback(
        event_id=event_id, about=about.value, text=text, email=email.lower(), language=language, at=clock.now()
    )
    db.session().add(row)
    db.session().flush()
    jobs.enqueue("send_feedback", key=f"feedback:{row.id}", args={"feedback": row.id})
    return row.id


@db.writing
def forget(*, feedback_id: int) -> None:
    """Delete feedback: it has reached whoever answers, or its writer wants it erased."""
    db.session().execute(sa.delete(Feedback).where(Feedback.id == feedback_id))

"""Work of the statements room done by the worker."""

from __future__ import annotations

from miitti.events.models import Event
from miitti.foundation import db, jobs, mail
from miitti.statements import actions, mails, queries
from miitti.statements.models import Feedback


@jobs.handler("send_feedback", lane="mail", lease=60, attempts=40)
def send_feedback(work: jobs.Work) -> None:
    """Take feedback to whoever answers, and delete it here once the server has it; what is refused stays."""
    row = db.session().get(Feedback, work.args["feedback"])
    if row is None:
        return
    event = db.session().get(Event, row.event_id) if row.event_id else None
    letter = mails.feedback(row, to=queries.contact(event), event=event)
    feedback_id = row.id
    db.session().rollback()
    try:
        mail.send(letter)
    except mail.Permanent as error:
        raise jobs.Final("the mail server refused the letter for good") from error
    actions.forget(feedback_id=feedback_id)

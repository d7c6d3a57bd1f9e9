"""Work of the readiness room done by the worker."""

from __future__ import annotations

import hashlib

from miitti.accounts.models import Person
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import db, jobs, mail
from miitti.readiness import mails


@jobs.handler("send_unready", lane="mail", lease=60, attempts=12)
def send_unready(work: jobs.Work) -> None:
    """Tell one person of a company what its booth still misses. Done again it is the same letter."""
    session = db.session()
    booth, person = session.get(Booth, work.args["booth"]), session.get(Person, work.args["person"])
    if booth is None or person is None:
        return
    letter = mails.unready(
        person=person,
        booth=booth,
        event=db.row(Event, booth.event_id),
        lines=work.args["lines"],
        by=session.get(Person, work.args["by"]) if work.args["by"] else None,
        key=hashlib.sha256(work.key.encode()).hexdigest()[:32],
    )
    session.rollback()
    try:
        mail.send(letter)
    except mail.Permanent as error:
        raise jobs.Final("the mail server refused the letter for good") from error

"""Work of the people room done by the worker."""

from __future__ import annotations

import hashlib

from miitti.accounts import actions as accounts
from miitti.accounts.models import Organisation, Person
from miitti.events.models import Event
from miitti.foundation import db, ids, jobs, mail
from miitti.people import mails
from miitti.people.models import Invitation


@jobs.handler("send_invitation", lane="mail", lease=60, attempts=20)
def send_invitation(work: jobs.Work) -> None:
    """Send an invitation unless it was taken back or sent anew meanwhile. Done again it is the same letter."""
    session = db.session()
    row = session.get(Invitation, work.args["invitation"])
    nonce = work.args["nonce"]
    token = accounts.token_of_letter(nonce)
    if row is None or row.revoked_at is not None or row.token_hash != ids.digest(token):
        return
    letter = mails.invitation(
        person=db.row(Person, row.person_id),
        event=session.get(Event, row.event_id) if row.event_id else None,
        organisation=session.get(Organisation, row.organisation_id) if row.organisation_id else None,
        role=row.role,
        inviter=session.get(Person, row.invited_by) if row.invited_by else None,
        token=token,
        key=hashlib.sha256(nonce.encode()).hexdigest()[:32],
    )
    session.rollback()
    try:
        mail.send(letter)
    except mail.Permanent as error:
        raise jobs.Final("the mail server refused the letter for good") from error


@jobs.handler("send_company_news", lane="mail", lease=60, attempts=20)
def send_company_news(work: jobs.Work) -> None:
    """Tell a company's own person that a host changed who its people are. Done again it is the same letter."""
    session = db.session()
    organisation = session.get(Organisation, work.args["organisation"])
    if organisation is None:
        return
    by = session.get(Person, work.args["by"]) if work.args["by"] else None
    letter = mails.company_news(
        to=work.args["to"],
        language=work.args["language"],
        organisation=organisation,
        person=work.args["person"],
        joined=work.args["what"] == "joined",
        by=by,
        key=hashlib.sha256(work.key.encode()).hexdigest()[:32],
    )
    session.rollback()
    try:
        mail.send(letter)
    except mail.Permanent as error:
        raise jobs.Final("the mail server refused the letter for good") from error

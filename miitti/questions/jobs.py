"""Work of the questions room done by the worker: one letter with the answer, and forgetting addresses."""

from datetime import timedelta

from miitti.foundation import db, jobs, mail, settings
from miitti.questions import addresses, mails
from miitti.questions.models import Address, Question
from miitti.questions.states import State

KEPT = timedelta(days=90)
"""An address nobody answers to is erased after this time."""


@jobs.handler("send_question_answer", lane="mail", lease=60, attempts=20)
def send_answer(work: jobs.Work) -> None:
    """Send the answer and erase the address; a question that is open again keeps its letter for the next answer."""
    address = db.session().get(Address, work.args["question"])
    question = db.session().get(Question, work.args["question"])
    if address is None or question is None or question.state not in (State.ANSWERED, State.ARCHIVED):
        return
    try:
        mail.send(mails.answer(address, question))
    except mail.NoServer as error:
        raise jobs.Retry(300, str(error)) from error
    except mail.Permanent as error:
        addresses.forget_address(question_id=question.id)
        raise jobs.Final(str(error)) from error
    addresses.forget_address(question_id=work.args["question"])


@jobs.handler("forget_addresses", lane="other", lease=60, attempts=20)
def forget_addresses(work: jobs.Work) -> None:
    """Erase addresses that have waited too long, and who asked what long ago."""
    addresses.forget_addresses(older_than=KEPT)
    addresses.forget_identities(older_than=timedelta(days=settings.current().identities_days))
    db.scrub()


jobs.nightly("forget_addresses", hour=3)

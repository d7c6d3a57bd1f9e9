"""The addresses answers are sent to: left by an asker, written to once, and erased.

Changes rows as actions do, below them: answering a question promises its letter in the same transaction.
"""

from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from miitti.accounts import states as accounts
from miitti.events.models import Event
from miitti.foundation import clock, db, errors, ids, jobs, journal
from miitti.questions import queries
from miitti.questions.models import Address, Channel, Question, Report, Vote
from miitti.questions.states import State, View

LETTER_WAITS = timedelta(minutes=1)
"""How long a letter waits after the answer, so that a slip can be taken back."""


@db.writing
def leave_address(*, channel_id: int, visitor: str, question_id: str, email: str, language: str) -> None:
    """Have the answer to one's own question sent to an address, once. Raises NotFound for another's, Invalid."""
    question = queries.question(channel_id, question_id)
    if question.author != visitor:
        raise errors.NotFound
    address = accounts.clean_email(email)
    if address is None:
        raise errors.Invalid(_l("This is not an e-mail address."), field="email")
    known = db.session().get(Address, question_id)
    if known is None:
        known = Address(question_id=question_id, email=address, language=language, at=clock.now())
        db.session().add(known)
    known.email, known.language = address, language
    if question.state is State.ANSWERED:
        promise(question)


@db.writing
def forget_address(*, question_id: str) -> None:
    """Erase the address an answer was to be sent to."""
    known = db.session().get(Address, question_id)
    if known is not None:
        db.session().delete(known)


@db.writing
def forget_addresses(*, older_than: timedelta) -> int:
    """Erase addresses whose questions nobody answered in all that time; gives how many."""
    found = list(db.session().scalars(sa.select(Address).where(Address.at < clock.now() - older_than)))
    for each in found:
        db.session().delete(each)
    return len(found)


@db.writing
def forget_identities(*, older_than: timedelta) -> int:
    """Take away who asked and voted what in events that ended so long ago; gives how many questions it was.

    Questions, answers and counts stay. The journal told of names, so its streams begin anew.
    """
    session = db.session()
    over = Event.ends_at < clock.now() - older_than
    old = sa.select(Channel.id).join(Event, Event.id == Channel.event_id).where(over)
    found = session.scalars(sa.select(Question).where(Question.channel_id.in_(old), Question.author.not_like("gone_%")))
    questions = list(found)
    for question in questions:
        question.author, question.name, question.before = ids.new("gone_"), "", None
        marks: list[Vote | Report] = [
            *session.scalars(sa.select(Vote).where(Vote.question_id == question.id)),
            *session.scalars(sa.select(Report).where(Report.question_id == question.id)),
        ]
        for mark in marks:
            mark.visitor = ids.new("gone_")
    for channel_id in {question.channel_id for question in questions}:
        for view in View:
            journal.new_epoch(queries.stream(channel_id, view))
    return len(questions)


def promise(question: Question) -> None:
    """Inside an action: have the letter sent, if somebody left an address for the answer."""
    if db.session().get(Address, question.id) is None:
        return
    jobs.enqueue(
        "send_question_answer",
        key=f"send_answer:{question.id}:{question.rev}",
        args={"question": question.id},
        run_after=clock.now() + LETTER_WAITS,
    )

"""The only place that changes rows of the leads room. Each action is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, update

from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events import states as events_states
from miitti.foundation import clock, db, errors, ids, jobs, papers
from miitti.foundation.access import Who
from miitti.foundation.batches import Batch
from miitti.leads import deliveries, news, queries, states
from miitti.leads.details import Details, Paper, Sent, Typed, judged
from miitti.leads.models import Consent, Lead, LeadAnswer, LeadPaper, LeadVacancy

_CONSENT = insert(db.table(Consent))


@db.writing
def leave(
    *,
    booth_id: int,
    form_key: str,
    visitor: str,
    name: str = "",
    email: str = "",
    phone: str = "",
    message: str = "",
    vacancy_ids: Collection[int] = (),
    choices: Collection[str] = (),
    answers: Mapping[int, str] | None = None,
    paper: Paper | None = None,
    source: states.Source = states.Source.BOOTH,
    language: str = "fi",
) -> str:
    """Take an applicant's details: the lead, the consents, and the letter to the employer, all or nothing.

    The same form from the same visitor is the same lead: sent again as it was it changes nothing, sent with a
    correction it corrects the lead and the employer gets a second letter. Gives the receipt's secret.
    Raises Invalid naming the fields, and NotFound for a booth whose event is not published.
    """
    typed = Typed(name, email, phone, message, vacancy_ids, choices, answers or {})
    return _leave(Sent(booth_id, form_key, visitor, typed, paper, source, language))


def leave_with_others(sent: Sent) -> str:
    """`leave` in one transaction with those who come at the same moment: the disk is synchronised once for all.

    Gives the receipt's secret after the commit, and raises what `leave` raises, also Busy.
    """
    db.session().rollback()  # who waits holds no connection meanwhile
    return _together.ask(sent)


def leave_together(several: Sequence[Sent]) -> Sequence[str | Exception]:
    """Several forms in one transaction; for each its receipt, or why it was refused. Raises Busy.

    When something unforeseen happens with one, each is taken alone: the others must not suffer for it.
    """
    try:
        return _leave_all(several)
    except errors.Busy:
        raise
    except Exception:
        if len(several) == 1:
            raise
    return [_alone(sent) for sent in several]


_together: Batch[Sent, str] = Batch(leave_together, tick_s=0.0)


@db.writing
def _leave_all(several: Sequence[Sent]) -> list[str | Exception]:
    answers: dict[int, str | Exception] = {}
    # the booths are locked in one order everywhere; within a booth who came first is first
    for number in sorted(range(len(several)), key=lambda number: several[number].booth_id):
        try:
            answers[number] = _leave(several[number])
        except (errors.NotFound, errors.Invalid) as problem:  # raised before anything was written
            answers[number] = problem
    return [answers[number] for number in range(len(several))]


def _alone(sent: Sent) -> str | Exception:
    try:
        return _leave_all([sent])[0]
    except Exception as error:
        return error


@db.writing
def withdraw(*, receipt: str) -> None:
    """Take the details back: what the applicant typed is erased here, and an employer who got it is told to
    erase it too. Doing it again changes nothing. Raises NotFound.
    """
    lead = _locked(Lead.receipt == receipt)
    if lead.state is states.LeadState.WITHDRAWN:
        return
    now = clock.now()
    lead.state, lead.withdrawn_at = states.LeadState.WITHDRAWN, now
    db.session().execute(delete(LeadVacancy).where(LeadVacancy.lead_id == lead.id))
    db.session().execute(
        update(Consent).where(Consent.lead_id == lead.id, Consent.withdrawn_at.is_(None)).values(withdrawn_at=now)
    )
    if lead.delivered_at is not None:
        deliveries.tell_withdrawn(lead.id)
    erase(lead_id=lead.id, why="withdrawn")


@db.writing
def erase(*, lead_id: int, why: str) -> None:
    """Erase what an applicant typed, with its CV and answers; the stub that stays names nobody.

    `why` is "withdrawn" or "over". Doing it again changes nothing. Raises NotFound.
    """
    lead = _locked(Lead.id == lead_id)
    if lead.erased_at is not None:
        return
    session = db.session()
    paper = session.get(LeadPaper, lead.id)
    lead.name = lead.email = lead.phone = lead.message = ""
    # the form may be sent again with full intent, and the browser is not to be known by this row any more
    lead.form_key = lead.visitor = ids.new("gone_")
    lead.erased_at = clock.now()
    session.execute(delete(LeadAnswer).where(LeadAnswer.lead_id == lead.id))
    session.execute(delete(LeadPaper).where(LeadPaper.lead_id == lead.id))
    news.tell(news.Erased(lead.id, lead.reference, _organisation(lead), why))
    jobs.enqueue("erase_traces", key=f"erase-traces:{lead.id}", args={"lead": lead.id, "paper": paper and paper.name})
    deliveries.call_next(lead.booth_id)
    deliveries.stir(_organisation(lead))


@db.writing
def forget_event(*, event_id: int) -> None:
    """Delete what is left of an event's erased leads. Raises Refused while one of them is not erased.

    Contacts are the employers': whoever deletes an event does not decide over them.
    """
    if queries.kept_of_event(event_id):
        raise errors.Refused(
            _l("Contacts of applicants are still kept at the booths. They are the employers', and go in their time.")
        )
    db.session().execute(delete(Lead).where(Lead.event_id == event_id))


@db.writing
def move(*, reference: str, state: states.LeadState, who: Who) -> None:
    """Set where the talk with an applicant stands. Raises NotFound for another company's lead, Refused for a
    withdrawn one and Invalid for a state an employer can't give.
    """
    set_state(lead_id=queries.own(reference, who).id, state=state)


@db.writing
def set_state(*, lead_id: int, state: states.LeadState) -> None:
    """`move` for rooms above that have judged already who asks. Raises Refused and Invalid."""
    lead = _locked(Lead.id == lead_id)
    if state not in states.SETTABLE:
        raise errors.Invalid(_l("Choose one of the states offered."), field="state")
    if lead.state is states.LeadState.WITHDRAWN:
        raise errors.Refused(_l("The applicant has withdrawn, so there is nothing to change."))
    if lead.state is not state:
        lead.state = state
        news.tell(news.Moved(lead.id, state))
        deliveries.stir(_organisation(lead))


@db.writing
def see(*, lead_ids: Collection[int]) -> None:
    """Note that somebody of the company has these on the screen."""
    db.session().execute(update(Lead).where(Lead.id.in_(lead_ids), Lead.seen_at.is_(None)).values(seen_at=clock.now()))


def _leave(sent: Sent) -> str:
    stand = queries.locked_stand(sent.booth_id)
    if events_states.doors(stand, clock.now()) is events_states.Doors.DRAFT:
        raise errors.NotFound
    details = judged(sent.booth_id, sent.typed, sent.language)
    receipt = _take(stand, sent.form_key, sent.visitor, details, sent.paper, sent.source, sent.language)
    if receipt is not None:
        return receipt
    return _correct(_of_form(sent.form_key, sent.visitor), details, sent.paper)


def _of_form(form_key: str, visitor: str) -> Lead:
    return _locked((Lead.form_key == form_key) & (Lead.visitor == visitor))


def _locked(condition: Any) -> Lead:
    lead = db.session().scalar(select(Lead).where(condition).with_for_update())
    if lead is None:
        raise errors.NotFound
    return lead


def _organisation(lead: Lead) -> int:
    return db.row(Booth, lead.booth_id).organisation_id


def _take(
    stand: queries.Stand,
    form_key: str,
    visitor: str,
    details: Details,
    paper: Paper | None,
    source: states.Source,
    language: str,
) -> str | None:
    """Write a new lead with its consents and its letters; None when the same form is a lead already."""
    reference, receipt = ids.new("ld_"), ids.secret()
    on_stage = None
    if source is states.Source.STAGE:
        on_stage, _coming = events.running(events.programme(stand.event_id))
    parked = queries.under_way(stand.id)
    lead_id = db.insert_new(
        db.table(Lead),
        {
            "reference": reference,
            "receipt": receipt,
            "event_id": stand.event_id,
            "booth_id": stand.id,
            "form_key": form_key,
            "visitor": visitor,
            "name": details.name,
            "email": details.email,
            "phone": details.phone,
            "message": details.message,
            "language": language,
            "source": source,
            "created_at": clock.now(),
            "programme_item_id": on_stage and on_stage.id,
            "parked": parked,
        },
    )
    if lead_id is None:
        return None
    _consent(lead_id, language, {states.FORWARD, *details.choices})
    _bring_along(lead_id, details, paper)
    left = news.Left(lead_id, reference, stand.organisation_id, revision=1)
    deliveries.begin(left, parked=parked, receipt_to=details.email)
    return receipt


def _correct(lead: Lead, details: Details, paper: Paper | None) -> str:
    """Bring a lead to what the same form says now; nothing happens when it says the same."""
    session = db.session()
    named = frozenset(session.scalars(select(LeadVacancy.vacancy_id).where(LeadVacancy.lead_id == lead.id)))
    answered = {
        row.prompt_id: (row.question, row.answer)
        for row in session.scalars(select(LeadAnswer).where(LeadAnswer.lead_id == lead.id))
    }
    here = select(Consent.purpose).where(Consent.lead_id == lead.id, Consent.withdrawn_at.is_(None))
    chosen = frozenset(session.scalars(here)) & {*states.CHOICES}
    before = session.get(LeadPaper, lead.id)
    if paper is not None and before is not None and before.digest == paper.digest:
        _forget(paper.name)
        paper = None
    if paper is None and Details(lead.name, lead.email, lead.phone, lead.message, named, chosen, answered) == details:
        return lead.receipt
    another_address = details.email if details.email != lead.email else ""
    lead.name, lead.email, lead.phone = details.name, details.email, details.phone
    lead.message = details.message
    lead.revision += 1
    lead.delivery_state, lead.delivery_error = states.Delivery.WAITING, None
    lead.parked = queries.earlier_waiting(lead)
    lead.seen_at = None
    if lead.state is not states.LeadState.HIRED:
        lead.state = states.LeadState.NEW
    session.execute(delete(LeadVacancy).where(LeadVacancy.lead_id == lead.id))
    session.execute(delete(LeadAnswer).where(LeadAnswer.lead_id == lead.id))
    session.execute(
        update(Consent)
        .where(Consent.lead_id == lead.id, Consent.purpose.in_(chosen - details.choices))
        .values(withdrawn_at=clock.now())
    )
    _consent(lead.id, lead.language, details.choices - chosen)
    if paper is not None and before is not None:
        _forget(before.name)
        session.delete(before)
        session.flush()
    _bring_along(lead.id, details, paper)
    left = news.Left(lead.id, lead.reference, _organisation(lead), lead.revision)
    deliveries.begin(left, parked=lead.parked, receipt_to=another_address)
    return lead.receipt


def _consent(lead_id: int, language: str, purposes: Collection[str]) -> None:
    given = {
        "lead_id": lead_id,
        "text_version": states.CONSENT_TEXT,
        "language": language,
        "given_at": clock.now(),
    }
    if purposes:
        db.session().execute(_CONSENT, [{**given, "purpose": purpose} for purpose in sorted(purposes)])


def _bring_along(lead_id: int, details: Details, paper: Paper | None) -> None:
    """Write the jobs, the answers and the CV of a lead that has none of them."""
    if details.vacancy_ids:
        rows = [{"lead_id": lead_id, "vacancy_id": vacancy_id} for vacancy_id in sorted(details.vacancy_ids)]
        db.session().execute(insert(LeadVacancy), rows)
    for prompt_id, (question, answer) in details.answers.items():
        db.session().add(LeadAnswer(lead_id=lead_id, prompt_id=prompt_id, question=question[:200], answer=answer))
    if paper is not None:
        ready = paper.kind not in papers.PICTURES
        db.session().add(LeadPaper(lead_id=lead_id, ready=ready, **vars(paper)))


def _forget(paper_name: str) -> None:
    db.after_commit(lambda: papers.forget(paper_name))

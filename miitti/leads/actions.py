"""The only place that changes rows of the leads room. Each action is one transaction."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, insert, select, update

from miitti.accounts import states as accounts_states
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events import states as events_states
from miitti.events.models import Event
from miitti.foundation import clock, db, errors, ids, jobs, journal, papers, settings
from miitti.foundation.access import Who
from miitti.intake import queries as intake
from miitti.intake import states as intake_states
from miitti.leads import news, queries, states
from miitti.leads.models import Consent, Lead, LeadAnswer, LeadPaper, LeadVacancy
from miitti.vacancies import queries as vacancies


@dataclass(frozen=True)
class Details:
    """What an applicant typed, cleaned and judged."""

    name: str
    email: str
    phone: str
    message: str
    vacancy_ids: frozenset[int]
    choices: frozenset[str] = frozenset()
    answers: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    """By prompt: the question as it reads, and the answer."""


@dataclass(frozen=True)
class Paper:
    """A CV that lies in the private folder already."""

    name: str
    title: str
    kind: papers.Kind
    size: int
    digest: str


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
    booth = db.row(Booth, booth_id)
    event = db.row(Event, booth.event_id)
    if events.doors(event) is events_states.Doors.DRAFT:
        raise errors.NotFound
    details = _judged(booth_id, name, email, phone, message, vacancy_ids, choices, answers or {}, language)
    known = _of_form(form_key, visitor)
    if known is None:
        receipt = _take(booth, form_key, visitor, details, paper, source, language)
        if receipt is not None:
            return receipt
        known = _of_form(form_key, visitor)  # the same form came in twice at once
        assert known is not None
    return _correct(known, details, paper)


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
        _tell_withdrawn(lead)
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
    _call_next(lead.booth_id)
    _stir(lead)


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
        _stir(lead)


@db.writing
def see(*, lead_ids: Collection[int]) -> None:
    """Note that somebody of the company has these on the screen."""
    db.session().execute(update(Lead).where(Lead.id.in_(lead_ids), Lead.seen_at.is_(None)).values(seen_at=clock.now()))


@db.writing
def park(*, lead_id: int) -> bool:
    """Set a lead's letter aside while an earlier one of the same booth is under way; says whether it was.

    Decided under the write lock, so that whoever settles the earlier one sees the parked one and calls it.
    """
    lead = _locked(Lead.id == lead_id)
    lead.parked = queries.earlier_waiting(lead)
    return lead.parked


@db.writing
def mark_delivered(*, lead_id: int, revision: int) -> None:
    """Note that the employer's mail server took the letter of that revision."""
    lead = _locked(Lead.id == lead_id)
    lead.delivered_at = lead.delivered_at or clock.now()
    if lead.revision == revision:
        lead.delivery_state, lead.delivery_error = states.Delivery.DELIVERED, None
    if lead.state is states.LeadState.WITHDRAWN:
        # withdrawn while the letter was on its way: what arrived is to be erased too
        _tell_withdrawn(lead)
    _call_next(lead.booth_id)


@db.writing
def mark_waiting(*, lead_id: int, why: str) -> None:
    """Note why the last try failed (codes only); the letter is tried again."""
    lead = _locked(Lead.id == lead_id)
    lead.delivery_error = why[:200]


@db.writing
def mark_undelivered(*, lead_id: int, revision: int, why: str, state: states.Delivery) -> None:
    """Note that the letter will not arrive: bounced or given up. The lead stays on the desk."""
    lead = _locked(Lead.id == lead_id)
    if lead.revision == revision:
        lead.delivery_state, lead.delivery_error = state, why[:200]
    _call_next(lead.booth_id)
    _stir(lead)


@db.writing
def mark_paper(*, lead_id: int, name: str, ready: bool) -> None:
    """Note that a CV may be opened, or that it turned out to be no picture and was removed."""
    paper = db.session().get(LeadPaper, lead_id)
    if paper is not None and paper.name == name:
        paper.ready = True if ready else None


def _judged(
    booth_id: int,
    name: str,
    email: str,
    phone: str,
    message: str,
    vacancy_ids: Collection[int],
    choices: Collection[str],
    answers: Mapping[int, str],
    language: str,
) -> Details:
    """Clean what was typed and refuse what can't be used, all of it at once."""
    fields: dict[str, list[Any]] = {}
    name = accounts_states.clean_name(name)
    if len(name) > states.NAME_LENGTH:
        fields["name"] = [_l("The name is too long.")]
    email, phone = email.strip(), phone.strip()
    address = accounts_states.clean_email(email) if email else ""
    if address is None:
        fields["email"] = [_l("This is not a whole e-mail address. It looks like name@example.fi.")]
    number = states.clean_phone(phone) if phone else ""
    if number is None:
        fields["phone"] = [_l("This does not look like a phone number. It looks like 040 123 4567.")]
    if not email and not phone:
        fields["phone"] = [_l("Give a phone number or an e-mail address, so that they can reach you.")]
    message = states.clean_message(message)
    if len(message) > states.MESSAGE_LENGTH:
        fields["message"] = [
            _l(
                "The message is too long: %(length)s characters, at most %(most)s.",
                length=len(message),
                most=states.MESSAGE_LENGTH,
            )
        ]
    wanted = frozenset(vacancy_ids)
    if wanted - {vacancy.id for vacancy in vacancies.of_booth(booth_id)}:
        fields["vacancy"] = [_l("One of the jobs is not open any more. Choose again.")]
    answered: dict[int, tuple[str, str]] = {}
    for prompt in intake.prompts(booth_id):
        said = states.clean_message(answers.get(prompt.id, ""))
        if len(said) > intake_states.ANSWER_LENGTH:
            fields[f"prompt_{prompt.id}"] = [
                _l(
                    "The answer is too long: %(length)s characters, at most %(most)s.",
                    length=len(said),
                    most=intake_states.ANSWER_LENGTH,
                )
            ]
        if said:
            answered[prompt.id] = (getattr(prompt, f"text_{language}", "") or prompt.text_fi, said)
    if fields or address is None or number is None:
        raise errors.Invalid(fields=fields)
    return Details(name, address, number, message, wanted, frozenset(choices) & {*states.CHOICES}, answered)


def _of_form(form_key: str, visitor: str) -> Lead | None:
    return db.session().scalar(select(Lead).where(Lead.form_key == form_key, Lead.visitor == visitor).with_for_update())


def _locked(condition: Any) -> Lead:
    lead = db.session().scalar(select(Lead).where(condition).with_for_update())
    if lead is None:
        raise errors.NotFound
    return lead


def _organisation(lead: Lead) -> int:
    return db.row(Booth, lead.booth_id).organisation_id


def _take(
    booth: Booth,
    form_key: str,
    visitor: str,
    details: Details,
    paper: Paper | None,
    source: states.Source,
    language: str,
) -> str | None:
    """Write a new lead with its consents and its letters; None when the same form just came in elsewhere."""
    now = clock.now()
    receipt = ids.secret()
    on_stage = None
    if source is states.Source.STAGE:
        on_stage, _coming = events.running(events.programme(booth.event_id))
    new = db.insert_or_skip(
        Lead.__table__,  # type: ignore[arg-type]
        {
            "reference": ids.new("ld_"),
            "receipt": receipt,
            "event_id": booth.event_id,
            "booth_id": booth.id,
            "form_key": form_key,
            "visitor": visitor,
            "name": details.name,
            "email": details.email,
            "phone": details.phone,
            "message": details.message,
            "language": language,
            "source": source,
            "created_at": now,
            "programme_item_id": on_stage and on_stage.id,
        },
    )
    if not new:
        return None
    lead = _locked(Lead.receipt == receipt)
    _consent(lead, {states.FORWARD, *details.choices})
    _bring_along(lead, details, paper)
    _send_letters(lead, receipt_too=bool(details.email))
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
    another_address = details.email not in ("", lead.email)
    lead.name, lead.email, lead.phone = details.name, details.email, details.phone
    lead.message = details.message
    lead.revision += 1
    lead.delivery_state, lead.delivery_error = states.Delivery.WAITING, None
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
    _consent(lead, details.choices - chosen)
    if paper is not None and before is not None:
        _forget(before.name)
        session.delete(before)
        session.flush()
    _bring_along(lead, details, paper)
    _send_letters(lead, receipt_too=another_address)
    return lead.receipt


def _consent(lead: Lead, purposes: Collection[str]) -> None:
    db.session().add_all(
        Consent(
            lead_id=lead.id,
            purpose=purpose,
            text_version=states.CONSENT_TEXT,
            language=lead.language,
            given_at=clock.now(),
        )
        for purpose in sorted(purposes)
    )


def _bring_along(lead: Lead, details: Details, paper: Paper | None) -> None:
    """Write the jobs, the answers and the CV of a lead that has none of them."""
    if details.vacancy_ids:
        rows = [{"lead_id": lead.id, "vacancy_id": vacancy_id} for vacancy_id in sorted(details.vacancy_ids)]
        db.session().execute(insert(LeadVacancy), rows)
    for prompt_id, (question, answer) in details.answers.items():
        db.session().add(LeadAnswer(lead_id=lead.id, prompt_id=prompt_id, question=question[:200], answer=answer))
    if paper is not None:
        ready = paper.kind not in papers.PICTURES
        db.session().add(LeadPaper(lead_id=lead.id, ready=ready, **vars(paper)))


def _forget(paper_name: str) -> None:
    db.after_commit(lambda: papers.forget(paper_name))


def _send_letters(lead: Lead, *, receipt_too: bool) -> None:
    lead.parked = False
    jobs.enqueue("deliver_lead", key=f"deliver-lead:{lead.id}:{lead.revision}", args={"lead": lead.id})
    if receipt_too:
        _send_receipt(lead)
    news.tell(news.Left(lead.id, lead.reference, _organisation(lead), lead.revision))
    _stir(lead)


def _call_next(booth_id: int) -> None:
    """Have the letter sent whose turn has come, if it had been set aside; it gets a job of its own."""
    db.session().flush()
    lead = queries.next_parked(booth_id)
    if lead is not None:
        lead.parked = False
        key = f"deliver-lead:{lead.id}:{lead.revision}:{ids.new()}"
        jobs.enqueue("deliver_lead", key=key, args={"lead": lead.id})


def _send_receipt(lead: Lead) -> None:
    """Enqueue the applicant's copy while the address has one of the day's few letters left.

    The keys count, not the leads: a lead that was withdrawn is erased, but its letter was sent all the same. They
    hold the address as a keyed digest of the day, so that they tell nobody whose it is.
    """
    told = f"{clock.now():%Y-%m-%d}:{lead.email}".encode()
    secret = settings.current().secret_key.encode()
    digest = hmac.new(secret, b"lead-receipt:" + told, hashlib.sha256).hexdigest()[:32]
    for number in range(states.RECEIPTS_A_DAY):
        if jobs.enqueue("send_receipt", key=f"lead-receipt:{digest}:{number}", args={"lead": lead.id}):
            return


def _tell_withdrawn(lead: Lead) -> None:
    jobs.enqueue("tell_withdrawn", key=f"lead-withdrawn:{lead.id}", args={"lead": lead.id})


def _stir(lead: Lead) -> None:
    """Tell the company's open desks that something is new; what, they ask for themselves."""
    journal.append(f"leads:{_organisation(lead)}", "lead", {}, sequenced=False)

"""The only place that changes rows of the handling room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select, update

from miitti.accounts import news as people
from miitti.booths.models import Booth
from miitti.foundation import clock, db, errors, jobs
from miitti.foundation.access import Who
from miitti.foundation.language import LANGUAGES
from miitti.handling import queries, states
from miitti.handling.models import Answer, AnswerTo, Handling, Note
from miitti.leads import actions as leads_actions
from miitti.leads import news
from miitti.leads import queries as leads
from miitti.leads import states as leads_states
from miitti.leads.models import Lead


@db.writing
def write_note(*, reference: str, text: str, who: Who) -> None:
    """Write a note about one of the company's leads. Raises NotFound, Refused for an erased one, Invalid."""
    lead = leads.own(reference, who)
    text = leads_states.clean_message(text)
    if lead.erased_at is not None:
        raise errors.Refused(_l("The details are erased, so there is nothing to note."))
    if not text:
        raise errors.Invalid(_l("Write something first."), field="text")
    if len(text) > states.NOTE_LENGTH:
        raise errors.Invalid(_l("The text is too long."), field="text")
    db.session().add(Note(lead_id=lead.id, by=who.name[:120], text=text, at=clock.now()))


@db.writing
def remove_note(*, reference: str, note_id: int, who: Who) -> None:
    """Remove a note. Raises NotFound."""
    lead = leads.own(reference, who)
    note = db.row(Note, note_id)
    if note.lead_id != lead.id:
        raise errors.NotFound
    db.session().delete(note)


@db.writing
def assign(*, reference: str, person_id: int | None, who: Who) -> None:
    """Say who takes a lead, or nobody. Raises NotFound for another company's lead or person."""
    lead = leads.own(reference, who)
    booth = db.row(Booth, lead.booth_id)
    if person_id is not None and person_id not in {person.id for person in queries.colleagues(booth.organisation_id)}:
        raise errors.NotFound
    _handling(lead.id).assignee_id = person_id


@db.writing
def join(*, reference: str, same_as: str | None, who: Who) -> None:
    """Say that a lead is the same person as an earlier one, or part them again (None).

    The double follows the other one's state. Raises NotFound, and Invalid for two companies' leads or itself.
    """
    lead = leads.own(reference, who)
    handling = _handling(lead.id)
    if same_as is None:
        handling.same_as_id = None
        return
    other = leads.own(same_as, who)
    above = db.session().get(Handling, other.id)
    root = above.same_as_id if above is not None and above.same_as_id is not None else other.id
    same_company = db.row(Booth, lead.booth_id).organisation_id == db.row(Booth, other.booth_id).organisation_id
    if root == lead.id or not same_company:
        raise errors.Invalid(_l("These two can't be joined."))
    handling.same_as_id = root
    db.session().execute(update(Handling).where(Handling.same_as_id == lead.id).values(same_as_id=root))
    if leads_states.LeadState.WITHDRAWN not in (lead.state, other.state):
        leads_actions.set_state(lead_id=lead.id, state=other.state)


@db.writing
def answer(
    *,
    references: Sequence[str],
    subjects: Mapping[str, str],
    texts: Mapping[str, str],
    state: leads_states.LeadState,
    who: Who,
) -> int:
    """Write to several applicants, each in the own language, and set their state; gives how many letters go.

    Raises Invalid naming the field (`lead`, `subject_<language>`, `text_<language>`) and NotFound for a foreign lead.
    """
    chosen = [leads.own(reference, who) for reference in dict.fromkeys(references)]
    chosen = [lead for lead in chosen if lead.email and lead.erased_at is None]
    fields: dict[str, list[Any]] = {}
    if not chosen:
        fields["lead"] = [_l("Choose at least one applicant with an e-mail address.")]
    if len(chosen) > states.MOST_AT_ONCE:
        fields["lead"] = [_l("At most %(most)s at once.", most=states.MOST_AT_ONCE)]
    for code in {lead.language for lead in chosen}:
        if not subjects.get(code, "").strip():
            fields[f"subject_{code}"] = [_l("This must be filled in.")]
        if not texts.get(code, "").strip():
            fields[f"text_{code}"] = [_l("This must be filled in.")]
    for code in LANGUAGES:
        if len(texts.get(code, "")) > states.TEXT_LENGTH:
            fields[f"text_{code}"] = [_l("The text is too long.")]
    if state not in leads_states.SETTABLE:
        fields["state"] = [_l("Choose one of the states offered.")]
    if fields:
        raise errors.Invalid(fields=fields)
    session = db.session()
    companies: dict[int, list[Any]] = {}
    for lead in chosen:
        companies.setdefault(db.row(Booth, lead.booth_id).organisation_id, []).append(lead)
    for organisation_id, theirs in companies.items():
        given = Answer(
            organisation_id=organisation_id,
            at=clock.now(),
            **{f"subject_{code}": subjects.get(code, "").strip()[: states.SUBJECT_LENGTH] for code in LANGUAGES},
            **{f"text_{code}": leads_states.clean_message(texts.get(code, "")) for code in LANGUAGES},
        )
        session.add(given)
        session.flush()
        for lead in theirs:
            session.add(AnswerTo(answer_id=given.id, lead_id=lead.id))
            args = {"answer": given.id, "lead": lead.id}
            jobs.enqueue("send_answer", key=f"answer:{given.id}:{lead.id}", args=args)
            leads_actions.set_state(lead_id=lead.id, state=state)
    return len(chosen)


@db.writing
def mark_sent(*, answer_id: int, lead_id: int, failed: bool) -> None:
    """Note what became of one letter of an answer."""
    to = db.session().get(AnswerTo, (answer_id, lead_id))
    if to is not None:
        to.failed, to.sent_at = failed, None if failed else clock.now()


@db.writing
def plan_digests() -> None:
    """Enqueue this morning's letters, one a booth."""
    day = f"{clock.now().astimezone(clock.HELSINKI):%Y-%m-%d}"
    for booth in queries.digests():
        jobs.enqueue("send_digest", key=f"digest:{booth.id}:{day}", args={"booth": booth.id, "day": day})


@news.on(news.Moved)
def _follow(moved: news.Moved) -> None:
    """Doubles stand where the first one stands."""
    session = db.session()
    for lead_id in session.scalars(select(Handling.lead_id).where(Handling.same_as_id == moved.lead_id)):
        whole = leads.by_id(lead_id)
        if whole is not None and whole.lead.state is not leads_states.LeadState.WITHDRAWN:
            leads_actions.set_state(lead_id=lead_id, state=leads_states.LeadState(moved.state))


@news.on(news.Erased)
def _forget(erased: news.Erased) -> None:
    """Notes about an applicant go with the details."""
    db.session().execute(delete(Note).where(Note.lead_id == erased.lead_id))


def _handling(lead_id: int) -> Handling:
    found = db.session().get(Handling, lead_id)
    if found is None:
        found = Handling(lead_id=lead_id)
        db.session().add(found)
        db.session().flush()
    return found


@people.on_erased
def _unname(erased: people.Erased) -> None:
    """What an erased person noted stays the company's; that she wrote it does not."""
    booths = select(Booth.id).where(Booth.organisation_id.in_(erased.organisation_ids))
    leads_here = select(Lead.id).where(Lead.booth_id.in_(booths))
    called = [name[:120] for name in erased.called]
    db.session().execute(update(Note).where(Note.by.in_(called), Note.lead_id.in_(leads_here)).values(by=""))

"""Who has left details in the demo, how far the companies are with them, and what came of it. All are made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from miitti.accounts import queries as accounts
from miitti.booths.models import Booth
from miitti.foundation import access, clock, db, jobs
from miitti.handling import actions as handling
from miitti.leads import actions as leads
from miitti.leads import deliveries
from miitti.leads import queries as leads_queries
from miitti.leads import states as leads_states
from miitti.leads.states import LeadState, Source
from miitti.outcomes import actions as outcomes
from miitti.outcomes import states as outcomes_states
from miitti.vacancies import queries as vacancies


@dataclass(frozen=True)
class Applicant:
    """Somebody who left details at a booth, so many minutes ago; `job` counts the booth's ads from 0."""

    booth: str
    ago: int
    name: str
    message: str
    phone: str = ""
    email: str = ""
    job: int | None = None
    source: Source = Source.BOOTH
    language: str = "fi"
    state: LeadState = LeadState.NEW
    seen: bool = False
    note: str = ""
    choices: tuple[str, ...] = ()


HARJU, PUUSAHA, LEVYTYO = "konepaja-harju", "sysman-puusaha", "joutsan-levytyo"

APPLICANTS: tuple[Applicant, ...] = (
    Applicant(
        HARJU, 1440, "Jonna Mäkelä", "Hitsannut kaksi vuotta kattiloita Lahdessa, muutan keväällä takaisin Hartolaan. "
        "Luokat ovat voimassa.", "040 0100 201", "jonna.makela@posti.example", 0, Source.JOB, state=LeadState.HIRED,
        seen=True, note="Kävi pajalla, hitsasi koepalan. Aloittaa 3.5.",
    ),
    Applicant(
        HARJU, 1130, "Ville Rantanen", "Voin aloittaa heti. Oma auto on.", "040 0100 202", job=1, source=Source.JOB,
        state=LeadState.INTERVIEW, seen=True, note="Tulee tutustumaan torstaina kello yhdeksän.",
    ),
    Applicant(
        HARJU, 300, "Anna Lindqvist", "Jag flyttar till Hartola i maj och har svetsat på varv i åtta år. Ring gärna "
        "på kvällen.", "040 0100 203", "anna.lindqvist@posti.example", 0, language="sv", state=LeadState.CONTACTED,
        seen=True, choices=(leads_states.KEEP,),
    ),
    Applicant(
        HARJU, 26, "Mikko Aalto", "Kävisikö kesätyö hitsaajan apuna? Valmistun ammattikoulusta ensi vuonna.",
        "040 0100 204", source=Source.QUESTION, seen=True, choices=(leads_states.ADVISER,),
    ),
    Applicant(HARJU, 4, "Sari Niemi", "Soittakaa vaikka heti!", "040 0100 205", job=1, source=Source.STAGE),
    Applicant(
        PUUSAHA, 1300, "Olli Peltola", "Sahalla kymmenen vuotta, myös kuivaamossa.", "040 0100 206", job=0,
        source=Source.JOB, state=LeadState.NOT_NOW, seen=True,
    ),
    Applicant(
        PUUSAHA, 45, "Ville Rantanen", "Tämäkin kiinnostaa, jos kyyti järjestyy.", "040 0100 202", state=LeadState.NEW,
        seen=True,
    ),
    Applicant(PUUSAHA, 8, "", "", email="kesatyo2027@posti.example", job=1, source=Source.STAGE),
    Applicant(
        LEVYTYO, 90, "Daria Kovalenko", "I worked with press brakes for six years. My Finnish is still simple.",
        "040 0100 207", "daria.kovalenko@posti.example", 0, language="en", state=LeadState.CONTACTED, seen=True,
        choices=(leads_states.KEEP, leads_states.ADVISER),
    ),
)  # fmt: skip

CHANGED_HER_MIND = Applicant(HARJU, 600, "Peruuttaja", "Löysin jo muuta.", "040 0100 208")


def leave_all(booths: Mapping[str, Booth]) -> None:
    """Leave everybody's details at the booths, by slug, inside the surrounding action."""
    now = clock.now()
    for number, one in enumerate((*APPLICANTS, CHANGED_HER_MIND)):
        # nothing of this is to be waited for: it came, and was delivered, before the demo was there
        with clock.frozen(now - timedelta(minutes=one.ago)):
            _leave(booths[one.booth], number, one)


def _leave(booth: Booth, number: int, one: Applicant) -> None:
    ads = vacancies.of_booth(booth.id)
    receipt = leads.leave(
        booth_id=booth.id,
        form_key=f"f_demo_{number:04d}",
        visitor=f"demo-applicant-{number}",
        name=one.name,
        phone=one.phone,
        message=one.message,
        email=one.email,
        vacancy_ids=[] if one.job is None else [ads[one.job].id],
        choices=one.choices,
        source=one.source,
        language=one.language,
    )
    lead = leads_queries.by_receipt(receipt).lead
    jobs.cancel(f"deliver-lead:{lead.id}:{lead.revision}")
    if one is CHANGED_HER_MIND:
        leads.withdraw(receipt=receipt)
        return
    deliveries.mark_delivered(lead_id=lead.id, revision=lead.revision)
    _handle(booth, lead.id, lead.reference, one)


def _handle(booth: Booth, lead_id: int, reference: str, one: Applicant) -> None:
    """Do what the company has done with it."""
    if one.seen:
        leads.see(lead_ids=[lead_id])
    person = accounts.spokesperson(booth.organisation_id)
    assert person is not None
    who = access.Who(None, person.id, person.name, grants=accounts.grant_views(person.id))
    if one.note:
        handling.write_note(reference=reference, text=one.note, who=who)
    if one.state is LeadState.HIRED:
        outcomes.tell(lead_id=lead_id, result=outcomes_states.Result.HIRED)
    elif one.state is not LeadState.NEW:
        leads.set_state(lead_id=lead_id, state=one.state)
    db.session().flush()

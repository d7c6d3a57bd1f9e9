"""The letter that asks a company what came of its leads."""

from __future__ import annotations

from collections.abc import Sequence

from miitti.booths.models import Booth
from miitti.foundation import links, mail, settings
from miitti.leads import queries as leads
from miitti.leads.queries import Whole
from miitti.outcomes import queries, states
from miitti.vacancies.models import Vacancy


def asked(
    booth: Booth, found: Sequence[Whole], jobs: Sequence[Vacancy], to: str, language: str, day: str
) -> mail.Letter:
    """One line an applicant and a job, each answer a link."""
    subject, text, html = mail.render(
        "outcomes",
        language=language,
        booth=booth,
        leads=[
            (whole, [(result, address("lead", whole.lead.id, result)) for result in queries.results_for(booth)])
            for whole in found
        ],
        jobs=[
            (vacancy, [(result, address("job", vacancy.id, result)) for result in states.JobResult]) for vacancy in jobs
        ],
    )
    return mail.Letter(
        to=to,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("outcomes", f"{booth.id}.{day}"),
        language=language,
        also=leads.employer_also(booth, to),
    )


def address(about: str, number: int, result: str) -> str:
    """The signed address of one answer; opening it shows a button, pressing that counts."""
    token = links.made("outcome", [about, number, result], days=states.LINK_DAYS)
    return f"{settings.current().base_url}/outcomes/{token}"

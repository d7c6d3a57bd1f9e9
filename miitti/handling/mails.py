"""What the letters of the handling room say."""

from __future__ import annotations

from miitti.booths.models import Booth
from miitti.foundation import language as languages
from miitti.foundation import links, mail, settings
from miitti.handling import states
from miitti.handling.models import Answer
from miitti.leads import mails as leads_mails
from miitti.leads import queries as leads
from miitti.leads.queries import Whole


def answer(whole: Whole, given: Answer) -> mail.Letter:
    """A company's own words to one applicant; a reply goes to the company."""
    code = whole.lead.language if whole.lead.language in languages.LANGUAGES else "fi"
    company = leads.employer(whole.booth)
    called = getattr(company, f"name_{code}") or company.name_fi
    subject, text, html = mail.render(
        "answer",
        language=code,
        subject=getattr(given, f"subject_{code}"),
        words=states.filled(getattr(given, f"text_{code}"), name=whole.lead.name, company=called),
        company=called,
        address=leads_mails.receipt_address(whole.lead.receipt),
    )
    reply_to = leads.employer_address(whole.booth)
    return mail.Letter(
        to=whole.lead.email,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("answer", f"{given.id}.{whole.lead.reference}"),
        reply_to=reply_to[0] if reply_to else None,
        language=code,
    )


def digest(booth: Booth, number: int, to: str, language: str, day: str) -> mail.Letter:
    """A morning letter that names nobody; its link opens the booth's contacts for a week."""
    subject, text, html = mail.render(
        "digest", language=language, booth=booth, number=number, address=digest_address(booth.id)
    )
    return mail.Letter(
        to=to,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("digest", f"{booth.id}.{day}"),
        language=language,
        also=leads.employer_also(booth, to),
    )


def digest_address(booth_id: int) -> str:
    """The address that opens a booth's contacts for a week without an account."""
    token = links.made("digest", booth_id, days=states.DIGEST_LINK_DAYS)
    return f"{settings.current().base_url}/leads/digest/{token}"

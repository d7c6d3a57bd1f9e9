"""What the letters of the leads room say, and to whom they go."""

from __future__ import annotations

from miitti.foundation import links, mail, papers, settings
from miitti.intake import queries as intake
from miitti.leads import queries, states
from miitti.leads.models import LeadPaper
from miitti.leads.queries import Whole


def to_employer(whole: Whole, to: str, language: str) -> mail.Letter:
    """The applicant's details for the employer, with a tap-to-call number and a contact card."""
    lead, paper = whole.lead, whole.paper
    attached = [mail.Attachment("yhteystieto.vcf", "text/vcard", card_of(whole).encode())]
    inside = paper is not None and bool(paper.ready) and intake.of_booth(whole.booth.id).cv_attached
    if paper is not None and inside:
        attached.append(mail.Attachment(paper.title, papers.MEDIA_TYPES[paper.kind], papers.read(paper.name)))
    subject, text, html = mail.render(
        "lead",
        language=language,
        lead=lead,
        booth=whole.booth,
        event=whole.event,
        vacancies=whole.vacancies,
        answers=whole.answers,
        paper=paper,
        cv=cv_address(lead.reference, paper) if paper is not None and paper.ready and not inside else "",
        keep=whole.chose(states.KEEP),
        months=settings.current().employer_months,
        tel=states.dialled(lead.phone),
        desk=f"{settings.current().base_url}/desk/leads#{lead.reference}",
    )
    return mail.Letter(
        to=to,
        subject=subject,
        text=text,
        html=html,
        message_id=lead_message_id(whole),
        reply_to=lead.email or None,
        language=language,
        attachments=attached,
        also=queries.employer_also(whole.booth, to),
    )


def receipt(whole: Whole) -> mail.Letter:
    """The applicant's own copy, with the address that takes the details back."""
    lead = whole.lead
    subject, text, html = mail.render(
        "receipt",
        language=lead.language,
        lead=lead,
        booth=whole.booth,
        event=whole.event,
        vacancies=whole.vacancies,
        answers=whole.answers,
        paper=whole.paper,
        until=whole.kept_until,
        company=queries.employer(whole.booth),
        address=receipt_address(lead.receipt),
    )
    return mail.Letter(
        to=lead.email,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("receipt", f"{lead.reference}.{lead.revision}"),
        language=lead.language,
    )


def withdrawn(whole: Whole, to: str, language: str) -> mail.Letter:
    """Word to the employer that an applicant has withdrawn. It names nobody: the details are erased here
    already, so it hangs itself onto the first letter instead.
    """
    subject, text, html = mail.render(
        "withdrawn", language=language, lead=whole.lead, booth=whole.booth, event=whole.event
    )
    first = lead_message_id(whole)
    return mail.Letter(
        to=to,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("withdrawn", whole.lead.reference),
        language=language,
        headers={"In-Reply-To": first, "References": first},
    )


def lead_message_id(whole: Whole) -> str:
    """The Message-ID of the letter to the employer: the same however often that letter is sent."""
    return mail.message_id("lead", f"{whole.lead.reference}.{whole.lead.revision}")


def message_ids(whole: Whole) -> list[str]:
    """The Message-IDs of every letter that may have carried what the applicant typed."""
    lead = whole.lead
    numbers = range(1, lead.revision + 1)
    return [mail.message_id(kind, f"{lead.reference}.{number}") for number in numbers for kind in ("lead", "receipt")]


def cv_address(reference: str, paper: LeadPaper) -> str:
    """An address that opens a CV for a while, without an account; it dies with the paper it names."""
    token = links.made("cv", [reference, paper.name], days=states.CV_LINK_DAYS)
    return f"{settings.current().base_url}/leads/cv/{token}"


def receipt_address(receipt_secret: str) -> str:
    """The full address of an applicant's receipt."""
    return f"{settings.current().base_url}/leads/{receipt_secret}"


def card_of(whole: Whole) -> str:
    """A contact card (vCard 3.0, RFC 2426: the version every phone reads)."""
    lead = whole.lead
    shown = lead.name or lead.phone or lead.email
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:{lead.reference}",
        f"FN:{_card_text(shown)}",
        f"N:{_card_text(lead.name)};;;;",
    ]
    if lead.phone:
        lines.append(f"TEL;TYPE=CELL:{states.dialled(lead.phone)}")
    if lead.email:
        lines.append(f"EMAIL;TYPE=INTERNET:{_card_text(lead.email)}")
    lines.append(f"NOTE:{_card_text(f'Miitti, {whole.booth.name}')}")
    lines.append("END:VCARD")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _card_text(text: str) -> str:
    for sign, written in (("\\", "\\\\"), ("\n", "\\n"), (",", "\\,"), (";", "\\;")):
        text = text.replace(sign, written)
    return text.replace("\r", "")


def _folded(line: str) -> str:
    """Fold at 75 octets without cutting a character (RFC 2425 5.8.1)."""
    parts: list[str] = []
    part = ""
    for sign in line:
        if len((part + sign).encode()) > (75 if not parts else 74):
            parts.append(part)
            part = ""
        part += sign
    return "\r\n ".join([*parts, part])

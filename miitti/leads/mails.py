"""What the letters of the leads room say, and to whom they go."""

from __future__ import annotations

from miitti.foundation import mail, settings
from miitti.leads import queries, states
from miitti.leads.queries import Whole


def to_employer(whole: Whole, to: str, language: str) -> mail.Letter:
    """The applicant's details for the employer, with a tap-to-call number and a contact card."""
    lead = whole.lead
    subject, text, html = mail.render(
        "lead",
        language=language,
        lead=lead,
        booth=whole.booth,
        event=whole.event,
        vacancies=whole.vacancies,
        tel=states.dialled(lead.phone),
        desk=f"{settings.current().base_url}/desk/leads#{lead.reference}",
    )
    card = mail.Attachment("yhteystieto.vcf", "text/vcard", card_of(whole).encode())
    return mail.Letter(
        to=to,
        subject=subject,
        text=text,
        html=html,
        message_id=lead_message_id(whole),
        reply_to=lead.email or None,
        language=language,
        attachments=[card],
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

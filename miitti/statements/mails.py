"""What the letters of the statements room say."""

from __future__ import annotations

from miitti.events.models import Event
from miitti.foundation import language, mail
from miitti.statements import states
from miitti.statements.models import Feedback


def feedback(row: Feedback, *, to: str, event: Event | None) -> mail.Letter:
    """What a visitor wrote, to whoever answers; an answer to the letter goes to the writer."""
    subject, text, html = mail.render(
        "feedback",
        language="fi",
        about=row.about,
        body=row.text,
        email=row.email,
        written_in=row.language,
        event=language.pick(event, "title") if event else "",
        days=states.FEEDBACK_DAYS,
    )
    return mail.Letter(
        to=to,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("feedback", str(row.id)),
        reply_to=row.email or None,
        language="fi",
    )

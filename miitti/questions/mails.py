"""What the letter with an answer says."""

from flask_babel import force_locale

from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import db, language, mail, settings
from miitti.questions import queries
from miitti.questions.models import Address, Channel, Question


def answer(address: Address, question: Question) -> mail.Letter:
    """The letter to one who asked: the question, its written answers, and where it was answered."""
    channel = db.row(Channel, question.channel_id)
    event = db.row(Event, channel.event_id)
    booth: Booth | None = queries.booth_of(channel)
    path = f"/miitti/{event.slug}" + (f"/booths/{booth.slug}" if booth else "")
    with force_locale(address.language):
        subject, text, html = mail.render(
            "question_answered",
            language=address.language,
            title=language.pick(event, "title"),
            question=question.body,
            replies=[(reply.by, reply.body) for reply in queries.replies_of([question.id])[question.id]],
            page=f"{settings.current().base_url}{path}#q-{question.id}",
        )
    return mail.Letter(
        to=address.email,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("question", question.id),
    )

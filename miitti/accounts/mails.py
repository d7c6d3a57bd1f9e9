"""What the letters of the accounts room say."""

from urllib.parse import quote

from miitti.accounts import states
from miitti.accounts.models import Person
from miitti.foundation import mail, settings


def sign_in(*, person: Person, token: str, target: str | None, key: str) -> mail.Letter:
    """The letter with a sign-in address. `key` names the request: the same request is the same letter."""
    subject, text, html = mail.render(
        "sign_in",
        language=person.language,
        name=person.name,
        address=sign_in_address(token, target),
        minutes=states.SIGN_IN_MINUTES,
    )
    return mail.Letter(
        to=person.email,
        subject=subject,
        text=text,
        html=html,
        message_id=mail.message_id("sign-in", key),
        language=person.language,
    )


def sign_in_address(token: str, target: str | None = None) -> str:
    """The full address a token is opened at; where to go afterwards rides along when it is not the desk."""
    onward = states.safe_next(target)
    query = "" if onward == "/desk" else f"?next={quote(onward, safe='/')}"
    return f"{settings.current().base_url}/sign-in/{token}{query}"

"""Letters: what one is, how it is written from templates, and how it leaves by SMTP.

Only the worker sends; a web process writes a job instead. `send` says how a failure is to be read:
`Temporary` (try again later) or `Permanent` (this address will never take it).
"""

import contextlib
import ipaddress
import re
import smtplib
import ssl
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app
from flask_babel import force_locale, get_locale

from miitti.foundation import clock, settings

TIMEOUT = 20.0
"""Seconds one step of the conversation may take. RFC 5321 4.5.3.2 allows minutes; a queue does not."""

_ENHANCED = re.compile(rb"^\s*([245]\.\d{1,3}\.\d{1,3})\b")


class Undelivered(Exception):
    """The letter did not leave. The text carries codes only, never an address, so that it may be logged."""


class Temporary(Undelivered):
    """Trying again later can help: a 4xx, a dropped or refused connection, a time-out."""


class NoServer(Temporary):
    """No mail server is set, so the letter waits until there is one, however long that takes."""


class Permanent(Undelivered):
    """Trying again can't help: the recipient's server said 5xx, or the address can't be one."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with a letter; `kind` is its media type, such as `text/vcard`."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one address. The same letter sent twice carries the same `message_id`."""

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    """With its angle brackets; derived from what the letter is about, so a repeat is known as one."""
    reply_to: str | None = None
    unsubscribe: str | None = None
    """Address of a page that stops such letters; goes into List-Unsubscribe (RFC 2369)."""
    language: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: Sequence[Attachment] = ()
    also: Sequence[str] = ()
    """Further addresses of the same reader; the letter counts as taken when one of all was taken."""


def render(template: str, *, language: str | None = None, **ctx: Any) -> tuple[str, str, str]:
    """Write a letter from `templates/mail/<template>.txt` and `.html` in a language (None: the present one).

    The first line of the text template is `Subject: ...`. Returns subject, text and HTML. The templates get
    `ctx`, `language` and `base_url`; nothing of a request, since letters are written where there is none.
    """
    language = language or str(get_locale() or "fi")
    values = {**ctx, "language": language, "base_url": settings.current().base_url}
    with force_locale(language):
        environment = current_app.jinja_env
        written = environment.get_template(f"mail/{template}.txt").render(values)
        html = environment.get_template(f"mail/{template}.html").render(values)
    head, _, text = written.partition("\n")
    name, _, subject = head.partition(":")
    if name != "Subject" or not subject.strip():
        raise ValueError(f"mail/{template}.txt must begin with a line `Subject: ...`")
    return one_line(subject), text.strip("\n") + "\n", html


def one_line(text: str) -> str:
    """Make a text fit for a header: one line, no control or direction-changing characters."""
    kept = (
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in text
        if unicodedata.category(sign) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join("".join(kept).split())


def message_id(kind: str, key: str) -> str:
    """Give the Message-ID of a letter about one thing: always the same for the same kind and key."""
    _, sender = parseaddr(settings.current().mail_from)
    host = sender.rpartition("@")[2] or "localhost"
    local = re.sub(r"[^A-Za-z0-9._-]", "-", f"{kind}.{key}")
    return f"<{local}@{_ascii_domain(host)}>"


def message(letter: Letter) -> EmailMessage:
    """Build the MIME message. Nothing in the letter can add a header or another recipient.

    Raises Permanent when the address to write to can't be one.
    """
    made = EmailMessage(policy=SMTP)
    name, sender = parseaddr(settings.current().mail_from)
    made["From"] = _address(sender, one_line(name))
    made["To"] = [_address(letter.to), *_usable(letter.also)]
    made["Subject"] = one_line(letter.subject)
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = one_line(letter.message_id)
    if letter.reply_to:
        # an unusable Reply-To is dropped: better a letter one can't answer by a click than no letter
        with contextlib.suppress(Permanent):
            made["Reply-To"] = _address(letter.reply_to)
    # RFC 3834: keeps holiday answers from coming back to a machine
    made["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe:
        made["List-Unsubscribe"] = f"<{one_line(letter.unsubscribe)}>"
    for header, value in letter.headers.items():
        made[one_line(header)] = one_line(value)
    made.set_content(letter.text, cte="quoted-printable")
    made.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    for attached in letter.attachments:
        kind, _, subkind = attached.kind.partition("/")
        made.add_attachment(
            attached.content,
            maintype=kind,
            subtype=subkind,
            filename=one_line(attached.name),
            params={"charset": "utf-8"} if kind == "text" else None,
        )
    if letter.language:
        # last: headers about the content move into the first part when more parts are added
        made["Content-Language"] = one_line(letter.language)
    return made


def send(letter: Letter, *, timeout: float = TIMEOUT) -> None:
    """Hand the letter to the mail server of the settings; returning means the server took it (250).

    `timeout` is in seconds for each step. Raises Temporary or Permanent.
    """
    address = settings.current().smtp_url
    if not address:
        raise NoServer("no mail server is set (MIITTI_SMTP_URL)")
    made = message(letter)
    try:
        with _connect(address, timeout) as server:
            server.send_message(made)
    except smtplib.SMTPRecipientsRefused as error:
        raise _verdict("recipient", *next(iter(error.recipients.values()))) from None
    except smtplib.SMTPSenderRefused as error:
        # our own address is not taken: an operator's mistake, mended without losing the letter
        raise Temporary(f"sender refused: {_codes(error.smtp_code, error.smtp_error)}") from None
    except smtplib.SMTPDataError as error:
        raise _verdict("letter", error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPNotSupportedError:
        raise Permanent("the mail server can't write to an address of this kind") from None
    except smtplib.SMTPAuthenticationError as error:
        raise Temporary(f"sign-in to the mail server failed: {error.smtp_code}") from None
    except smtplib.SMTPResponseException as error:
        raise Temporary(f"the mail server answered {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Temporary(f"no conversation with the mail server: {type(error).__name__}") from None


def unspool(message_ids: Sequence[str]) -> int:
    """Remove letters with these Message-IDs from the folder in which the demo's own mail server keeps them.

    A real mail server is its operator's; only what lies among our own data is ours to erase. Gives how many went.
    """
    gone = 0
    marks = [f"Message-ID: {name}".encode().lower() for name in message_ids]
    for path in sorted((settings.current().data / "mail").glob("*.eml")):
        with contextlib.suppress(OSError):
            head = path.read_bytes().partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").lower()
            if any(mark in head for mark in marks):
                path.write_bytes(b"\0" * path.stat().st_size)
                path.unlink()
                gone += 1
    return gone


class _Goodbye(smtplib.SMTP):
    """A plain connection; closing it never undoes a letter that was taken."""

    def __exit__(self, *args: object) -> None:
        """Say goodbye and close; a server that hangs up on QUIT has still taken the letter."""
        try:
            self.quit()
        except (smtplib.SMTPException, OSError):
            self.close()


class _SafeGoodbye(smtplib.SMTP_SSL):
    """The same over TLS from the first byte (smtps)."""

    __exit__ = _Goodbye.__exit__


def _connect(address: str, timeout: float) -> smtplib.SMTP:
    parts = urlsplit(address)
    host = parts.hostname or "localhost"
    # named here, or smtplib would ask the name service who we are
    us = urlsplit(settings.current().base_url).hostname or "localhost"
    us = f"[{us}]" if _is_ip(us) else us
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = _SafeGoodbye(host, parts.port or 465, us, timeout=timeout, context=ssl.create_default_context())
    else:
        server = _Goodbye(host, parts.port or (587 if parts.username else 25), us, timeout=timeout)
    try:
        server.ehlo_or_helo_if_needed()
        sealed = parts.scheme == "smtps" or _is_loopback(host)
        if not sealed and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            sealed = True
        if parts.username:
            if not sealed:
                raise Temporary("the mail server offers no TLS, so the password is not sent")
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _verdict(what: str, code: int, answer: bytes | str) -> Undelivered:
    said = f"{what} refused: {_codes(code, answer)}"
    return Permanent(said) if 500 <= code < 600 else Temporary(said)


def _usable(addresses: Sequence[str]) -> list[Address]:
    """Those of several addresses that can be ones: a mistyped further address holds nothing back."""
    found = []
    for spec in addresses:
        with contextlib.suppress(Permanent):
            found.append(_address(spec))
    return found


def _codes(code: int, answer: bytes | str) -> str:
    """The reply code and the enhanced one (RFC 3463); the words after them may name the recipient."""
    found = _ENHANCED.match(answer.encode() if isinstance(answer, str) else answer)
    return f"{code} {found[1].decode()}" if found else str(code)


def _address(spec: str, name: str = "") -> Address:
    """An address for a header. The domain is written in ASCII; raises Permanent for what can't be one."""
    local, at, domain = spec.strip().rpartition("@")
    if not (local and at and domain) or one_line(spec) != spec.strip() or any(c in spec for c in ' ,;<>"'):
        raise Permanent("not an e-mail address")
    try:
        if local.isascii():
            return Address(name, addr_spec=f"{local}@{_ascii_domain(domain)}")
        return Address(name, username=local, domain=_ascii_domain(domain))
    except (ValueError, IndexError, UnicodeError):
        raise Permanent("not an e-mail address") from None
    except Exception as error:  # the parser's own errors are not one family
        if type(error).__module__.startswith("email."):
            raise Permanent("not an e-mail address") from None
        raise


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise Permanent("not an e-mail address") from None


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    return _is_ip(host) and ipaddress.ip_address(host).is_loopback

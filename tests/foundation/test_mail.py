"""Letters over a real SMTP server that is told what to answer."""

import email
import email.policy
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from flask import Flask

from miitti.foundation import mail, settings

LETTER = mail.Letter(
    to="tyo@harju.example",
    subject="Uusi yhteydenotto: Äänekosken Öljy",
    text="Hei!\nSoita numeroon 040 123 4567.\n",
    html="<p>Hei!</p>",
    message_id="<lead.ld_1@miitti.example>",
)


@dataclass
class Sink:
    """An aiosmtpd handler that keeps what it takes and answers as told."""

    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    to_recipient: str = "250 OK"
    to_data: str = "250 OK"
    to_sender: str = "250 OK"

    async def handle_MAIL(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if self.to_sender.startswith("250"):
            envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: Any) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if self.to_data.startswith("250"):
            assert isinstance(envelope.content, bytes)
            made = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.letters.append(made)
            self.recipients += envelope.rcpt_tos
        return self.to_data


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def server(sink: Sink) -> Iterator[Controller]:
    controller = Controller(sink, hostname="127.0.0.1", port=_free_port())
    controller.start()
    yield controller
    controller.stop()


@pytest.fixture
def sending(tmp_path: Path, server: Controller) -> Iterator[Flask]:
    yield from _context(tmp_path, f"smtp://127.0.0.1:{server.port}")


def _context(tmp_path: Path, smtp_url: str) -> Iterator[Flask]:
    app = Flask("letters")
    app.config["MIITTI"] = settings.load(
        {
            "MIITTI_DATA": str(tmp_path / "data"),
            "MIITTI_MEDIA": str(tmp_path / "media"),
            "MIITTI_SMTP_URL": smtp_url,
            "MIITTI_MAIL_FROM": "Miitti Häme <miitti@miitti.example>",
            "MIITTI_SECRET_KEY": "a secret of the tests",
        }
    )
    with app.app_context():
        yield app


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_letter_arrives_whole(sending: Flask, sink: Sink) -> None:
    card = mail.Attachment("kortti.vcf", "text/vcard", "BEGIN:VCARD\r\nFN:Äijö\r\nEND:VCARD\r\n".encode())
    mail.send(replace(LETTER, reply_to="aino@posti.example", language="fi", attachments=[card]))
    (letter,) = sink.letters
    assert sink.recipients == ["tyo@harju.example"]
    assert letter["Message-ID"] == "<lead.ld_1@miitti.example>"
    assert letter["Subject"] == LETTER.subject
    assert letter["Reply-To"] == "aino@posti.example"
    assert str(letter["From"]) == "Miitti Häme <miitti@miitti.example>"
    assert letter["Date"].datetime.tzinfo is not None
    assert letter["Auto-Submitted"] == "auto-generated"
    text, html = letter.get_body(["plain"]), letter.get_body(["html"])
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == LETTER.text.splitlines()
    assert html.get_content().strip() == LETTER.html
    (attached,) = letter.iter_attachments()
    assert attached.get_content_type() == "text/vcard"
    assert attached.get_filename() == "kortti.vcf"
    assert "FN:Äijö" in attached.get_content()


@pytest.mark.parametrize(
    "nasty",
    [
        "Hei\r\nBcc: muut@posti.example",
        "Hei\nBcc: muut@posti.example",
        "Hei\r\n\r\n<p>runko",
        "Hei\x00\x0b\u2028Bcc: a@b.example",
    ],
)
def test_header_cannot_be_broken_out_of(sending: Flask, sink: Sink, nasty: str) -> None:
    mail.send(
        replace(
            LETTER,
            subject=nasty,
            message_id=f"<{nasty}@miitti.example>",
            reply_to=f"aino@posti.example{nasty}",
            headers={"References": nasty},
            unsubscribe=f"https://miitti.example/{nasty}",
        )
    )
    (letter,) = sink.letters
    assert sink.recipients == ["tyo@harju.example"]
    assert letter["Bcc"] is None
    assert letter["Reply-To"] is None
    body = letter.get_body(["plain"])
    assert body is not None
    assert body.get_content().splitlines() == LETTER.text.splitlines()


@pytest.mark.parametrize(
    "to",
    [
        "",
        "eiosoitetta",
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "a b@c.example",
        "@b.example",
        "a@",
    ],
)
def test_address_that_cannot_be_one_is_permanent(sending: Flask, sink: Sink, to: str) -> None:
    with pytest.raises(mail.Permanent):
        mail.send(replace(LETTER, to=to))
    assert sink.letters == []


def test_domain_with_umlauts_is_written_in_ascii(sending: Flask, sink: Sink) -> None:
    mail.send(replace(LETTER, to="tyo@höylä.example"))
    assert sink.recipients == ["tyo@xn--hyl-sla1g.example"]


@pytest.mark.parametrize("answer", ["451 4.3.0 later, tyo@harju.example", "421 4.7.0 too many"])
def test_4xx_is_temporary(sending: Flask, sink: Sink, answer: str) -> None:
    sink.to_recipient = answer
    with pytest.raises(mail.Temporary) as caught:
        mail.send(LETTER)
    assert "harju" not in str(caught.value)
    sink.to_recipient, sink.to_data = "250 OK", answer
    with pytest.raises(mail.Temporary):
        mail.send(LETTER)
    sink.to_data = "250 OK"
    mail.send(LETTER)
    assert len(sink.letters) == 1


def test_5xx_is_permanent_and_names_nobody(sending: Flask, sink: Sink) -> None:
    sink.to_recipient = "550 5.1.1 no such user tyo@harju.example"
    with pytest.raises(mail.Permanent, match=r"^recipient refused: 550 5\.1\.1$"):
        mail.send(LETTER)
    sink.to_recipient, sink.to_data = "250 OK", "554 5.7.1 we don't like tyo@harju.example"
    with pytest.raises(mail.Permanent, match=r"^letter refused: 554 5\.7\.1$"):
        mail.send(LETTER)


def test_refused_sender_waits_for_the_operator(sending: Flask, sink: Sink) -> None:
    sink.to_sender = "550 5.7.1 you may not"
    with pytest.raises(mail.Temporary):
        mail.send(LETTER)


def test_refused_connection_is_temporary(tmp_path: Path) -> None:
    for _ in _context(tmp_path, f"smtp://127.0.0.1:{_free_port()}"):
        with pytest.raises(mail.Temporary):
            mail.send(LETTER)


def test_no_server_set_is_told_apart(tmp_path: Path) -> None:
    for _ in _context(tmp_path, ""):
        with pytest.raises(mail.NoServer):
            mail.send(LETTER)


@pytest.mark.parametrize("hangs_after", [b"", b"EHLO", b"DATA\r\n"])
def test_silent_server_is_temporary(tmp_path: Path, hangs_after: bytes) -> None:
    """A server that takes the connection and stops talking, at once or in the middle of a letter."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        done = threading.Event()

        def talk() -> None:
            with listening.accept()[0] as peer:
                if hangs_after:
                    peer.sendall(b"220 here\r\n")
                    while line := peer.recv(65536):
                        if line.startswith(hangs_after):
                            break
                        peer.sendall(b"250 OK\r\n")
                done.wait(30)

        talker = threading.Thread(target=talk)
        talker.start()
        try:
            for _ in _context(tmp_path, f"smtp://127.0.0.1:{listening.getsockname()[1]}"):
                with pytest.raises(mail.Temporary):
                    mail.send(LETTER, timeout=0.3)
        finally:
            done.set()
            talker.join()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_signs_in_where_asked(tmp_path: Path, sink: Sink) -> None:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"miitti", b"p@ss/word"))

    controller = Controller(
        sink,
        hostname="127.0.0.1",
        port=_free_port(),
        authenticator=check,
        auth_required=True,
        auth_require_tls=False,
    )
    controller.start()
    try:
        for _ in _context(tmp_path, f"smtp://miitti:p%40ss%2Fword@127.0.0.1:{controller.port}"):
            mail.send(LETTER)
        for _ in _context(tmp_path, f"smtp://miitti:wrong@127.0.0.1:{controller.port}"):
            # smtplib tries every way of signing in, and this server falls silent after a few
            with pytest.raises(mail.Temporary):
                mail.send(LETTER, timeout=0.5)
    finally:
        controller.stop()
    assert len(sink.letters) == 1


def test_message_id_is_stable_and_clean(sending: Flask) -> None:
    first = mail.message_id("lead", "ld_aB-3 <x>")
    assert first == mail.message_id("lead", "ld_aB-3 <x>") == "<lead.ld_aB-3--x-@miitti.example>"

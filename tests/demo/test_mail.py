"""The demo's mail server and the pages that show its letters."""

import os
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from stat import S_IMODE

import pytest
from flask import Flask

from miitti.demo import mailbox, sink, web
from miitti.foundation import errors, lifeline
from miitti.foundation.settings import ROOT
from tests.conftest import Client
from tests.letters import _free_port, until_true


def _letter(subject: str = "Uusi yhteydenotto: Åsa") -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Miitti <miitti@localhost>"
    made["To"] = "rekry@konepajaharju.example"
    made["Subject"] = subject
    made["Date"] = "Tue, 24 Nov 2026 10:00:00 +0200"
    made["Message-ID"] = "<lead.1@localhost>"
    made.set_content("Soita illalla.\nhttp://localhost/desk/leads <b>ei lihavoitu</b>\n")
    made.add_alternative("<p>Soita <b>illalla</b>.</p>", subtype="html")
    made.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="ansioluettelo.pdf")
    return made


@contextmanager
def _running(folder: Path, *, lifeline_end: int | None = None) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The sink as its own process, as the supervisor starts it."""
    port = _free_port()
    environ = {k: v for k, v in os.environ.items() if k != lifeline.NAME}
    if lifeline_end is not None:
        environ[lifeline.NAME] = str(lifeline_end)
    process = subprocess.Popen(
        [sys.executable, "-m", "miitti.demo.sink", f"127.0.0.1:{port}", str(folder)],
        cwd=ROOT,
        env=environ,
        pass_fds=() if lifeline_end is None else (lifeline_end,),
    )
    try:
        until_true(lambda: process.poll() is not None or _answers(port), 30, "the mail server to answer")
        yield process, port
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def _answers(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=2):
            return True
    except OSError:
        return False


def test_a_letter_is_kept_before_the_server_says_250(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    with _running(folder) as (process, port):
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.send_message(_letter())
            # the answer came: whatever happens now, the letter is there
            process.kill()
            (kept,) = folder.iterdir()
        assert kept.suffix == ".eml"
        assert S_IMODE(kept.stat().st_mode) == 0o600
        (letter,) = mailbox.letters(folder)
        assert letter.subject == "Uusi yhteydenotto: Åsa"


def test_the_server_ends_when_told(tmp_path: Path) -> None:
    with _running(tmp_path) as (process, _port):
        process.terminate()
        assert process.wait(10) == 0


def test_the_server_ends_with_its_parent(tmp_path: Path) -> None:
    read, write = os.pipe()
    with _running(tmp_path, lifeline_end=read) as (process, _port):
        os.close(read)
        os.close(write)
        assert process.wait(10) == 0


def test_letters_are_named_in_the_order_they_came(tmp_path: Path) -> None:
    for number in range(30):
        sink.keep(tmp_path, _letter(f"Viesti {number}").as_bytes())
    assert [letter.subject for letter in mailbox.letters(tmp_path)] == [f"Viesti {n}" for n in reversed(range(30))]


@pytest.mark.parametrize("name", ["../secret_key", "..eml", "a/b.eml", "missing.eml", ".eml", "x.txt"])
def test_a_name_that_is_no_letter_is_not_found(name: str, tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "x.txt").write_text("no letter")
    with pytest.raises(errors.NotFound):
        mailbox.letter(tmp_path / "mail", name)


def test_a_strange_letter_is_shown_all_the_same(tmp_path: Path) -> None:
    sink.keep(tmp_path, b"\xff\xfe no headers at all")
    sink.keep(
        tmp_path, b"Subject: =?utf-8?q?half\r\nDate: yesterday\r\nContent-Type: text/plain; charset=no\r\n\r\n\xe4"
    )
    sink.keep(tmp_path, b"")
    assert len(mailbox.letters(tmp_path)) == 3


@pytest.fixture
def demo(app: Flask) -> Callable[[], Client]:
    """A visitor of a program that runs as a demo."""
    if "demo" not in app.blueprints:
        web.plug(app)

    def visitor() -> Client:
        made = app.test_client()
        assert isinstance(made, Client)
        return made

    return visitor


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_pages_show_the_letters(demo: Callable[[], Client], tmp_path: Path, language: str) -> None:
    client = demo()
    assert client.get(f"/demo/mail?lang={language}").status_code == 200  # none yet
    path = sink.keep(tmp_path / "mail", _letter("<script>x</script>").as_bytes())
    listed = client.get("/demo/mail").text
    assert f"/demo/mail/{path.name}" in listed
    assert "<script>x" not in listed
    shown = client.get(f"/demo/mail/{path.name}").text
    assert "&lt;b&gt;ei lihavoitu&lt;/b&gt;" in shown
    assert 'href="http://localhost/desk/leads"' in shown
    assert "ansioluettelo.pdf" in shown
    assert client.get("/demo/mail/missing.eml").status_code == 404


def test_the_html_half_is_shut_in(demo: Callable[[], Client], app: Flask, tmp_path: Path) -> None:
    path = sink.keep(tmp_path / "mail", _letter().as_bytes())
    # a letter is no page of ours: asked for without the checks of pages
    plain = Flask.test_client_class or type(app.test_client()).__mro__[1]
    answer = plain(app).get(f"/demo/mail/{path.name}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "Soita <b>illalla</b>" in answer.text


def test_the_pages_are_not_there_outside_the_demo(client: Client) -> None:
    assert client.get("/demo/mail").status_code == 404

"""What an applicant takes back is gone byte by byte: database and its log, media, the demo's letters, log lines."""

import http.client
import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from miitti.demo import sink
from miitti.foundation import db, jobs
from miitti.foundation.access import GrantView, Role, Who
from miitti.handling import actions as handling
from miitti.intake import actions as intake
from miitti.intake import queries as prompts
from miitti.leads.models import Lead
from tests import processes
from tests.letters import Post, until_true

MARKS = {
    "name": "Zyxwina Qvarnholm", "phone": "0450918273", "email": "zyxwina@posti.example",
    "message": "Kirjoitin taman itse xqzj", "answer": "Ajokortti vzkq", "cv": "CV-sisalto hjkq", "note": "Muistio wvxz",
}  # fmt: skip


class Spool(Post):
    """A mail server that keeps its letters among our own data, as the demo's does."""

    folder: Path

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep it on the disk too."""
        sink.keep(self.folder, envelope.content)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture(scope="module")
def post() -> Iterator[Spool]:
    made = Spool()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory, post: Spool) -> Iterator[processes.Live]:
    folder = tmp_path_factory.mktemp("erased")
    post.folder = folder / "data" / "mail"
    with processes.running(folder, MIITTI_SMTP_URL=post.url) as running:
        yield running


class Browser:
    """A person's browser without a screen: one cookie, one form."""

    def __init__(self, tree: processes.Live) -> None:
        self.port = tree.port
        self.cookie = ""

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, str, str]:
        """(status, Location, text)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": self.cookie, **({"Content-Type": kind} if kind else {})}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        if answer.headers.get("Set-Cookie"):
            self.cookie = answer.headers["Set-Cookie"].split(";")[0]
        connection.close()
        return answer.status, answer.headers.get("Location", ""), text

    def csrf(self, path: str) -> tuple[str, str]:
        """(the page's CSRF value, its text)."""
        _status, _where, text = self.ask("GET", path)
        found = re.search(r'name="csrf-token" content="([^"]+)"', text)
        assert found
        return found[1], text


def traces(folder: Path) -> list[str]:
    """Where any of the marks still stands, as UTF-8 or as UTF-16."""
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        for name, mark in MARKS.items():
            if mark.encode() in content or mark.encode("utf-16-le") in content:
                found.append(f"{path.relative_to(folder)}: {name}")
    return found


def test_withdrawn_details_are_nowhere(tree: processes.Live, post: Spool) -> None:
    with tree.app.app_context():
        booth = tree.world.booths["harju"]
        intake.ask(booth_id=booth, texts=[{"fi": "Onko sinulla ajokortti?"}])
        prompt = prompts.prompts(booth)[0].id
    person = Browser(tree)
    form = "/miitti/miitti/booths/harju/leads"
    csrf, _text = person.csrf(form)
    fields = {name: MARKS[name] for name in ("name", "phone", "email", "message")}
    fields |= {"csrf_token": csrf, "form_key": "f_erased_byte_by_byte", f"prompt_{prompt}": MARKS["answer"]}
    body = b"".join(
        f'--q\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    paper = b"%PDF-1.7\n" + MARKS["cv"].encode() * 200
    body += b'--q\r\nContent-Disposition: form-data; name="cv"; filename="cv.pdf"\r\n\r\n' + paper + b"\r\n--q--\r\n"
    status, receipt, _text = person.ask("POST", form, body, "multipart/form-data; boundary=q")
    assert status == 303
    post.wait_for("tyo@harju.example")
    post.wait_for(MARKS["email"])
    with tree.app.app_context():
        reference = db.session().query(Lead.reference).scalar()
        grants = (GrantView(Role.COMPANY, organisation_id=tree.world.organisations["harju"]),)
        who = Who("v", tree.world.people["owner"], "Olli", None, grants)
        handling.write_note(reference=reference, text=MARKS["note"], who=who)
    standing = traces(tree.folder)
    assert any("sqlite3" in where for where in standing), "else this test could find nothing"
    assert any("private" in where for where in standing)
    assert any(".eml" in where for where in standing)

    csrf, _text = person.csrf(receipt)
    sent = urllib.parse.urlencode({"csrf_token": csrf}).encode()
    status, _where, _text = person.ask("POST", receipt, sent, "application/x-www-form-urlencoded")
    assert status == 303

    def done() -> bool:
        with tree.app.app_context():
            open_jobs = db.session().query(jobs.Job).filter(jobs.Job.kind == "erase_traces", jobs.Job.state != "done")
            return open_jobs.count() == 0

    until_true(done, 60, "the traces to be erased\n" + tree.said()[-3000:])
    until_true(lambda: traces(tree.folder) == [], 20, f"nothing left: {traces(tree.folder)}")
    told = post.to("tyo@harju.example")[-1]
    assert told["Subject"] == "Yhteydenotto peruttiin"

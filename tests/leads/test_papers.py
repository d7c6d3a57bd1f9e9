"""CVs: judged by their bytes, kept out of sight, pictures encoded anew, opened by company and letter only."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from miitti.foundation import clock, jobs, papers, settings
from miitti.foundation.errors import TooBig, UnsupportedType
from miitti.intake import actions as intake
from miitti.leads import actions
from tests.conftest import Client
from tests.leads.conftest import DETAILS, Applicant, count, latest
from tests.letters import Post
from tests.world import World

As = Callable[[str], Client]
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def picture(form: str = "JPEG", *, exif: bool = False) -> bytes:
    """A photograph; with the place where it was taken when asked."""
    made = io.BytesIO()
    image = Image.new("RGB", (3000, 2000), "navy")
    data = Image.Exif()
    if exif:
        data[0x010E] = "Hartola, kotipiha"  # ImageDescription
        data[0x0112] = 6  # turned by a quarter
    image.save(made, form, exif=data)
    return made.getvalue()


def word(*extra: str) -> bytes:
    """A Word document, as far as its list of parts goes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", *extra):
            archive.writestr(name, "<x/>")
    return made.getvalue()


def send(applicant: Applicant, content: bytes, name: str = "Oma CV.pdf", **more: object) -> TestResponse:
    return applicant.send(**DETAILS, cv=(io.BytesIO(content), name), **more)


def large(applicant: Applicant, content: bytes) -> TestResponse:
    """The same as bytes made here: werkzeug's client would leave its own temporary file open."""
    parts = b""
    for name, value in {"csrf_token": applicant.csrf, "form_key": applicant.key, **DETAILS}.items():
        parts += f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    parts += b'--x\r\nContent-Disposition: form-data; name="cv"; filename="a.pdf"\r\n\r\n' + content + b"\r\n--x--\r\n"
    return applicant.client.post(applicant.path, data=parts, content_type="multipart/form-data; boundary=x")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, papers.Kind.PDF),
        (b"\xef\xbb\xbf" + PDF, papers.Kind.PDF),
        (word(), papers.Kind.DOCX),
        (picture(), papers.Kind.JPEG),
        (picture("PNG"), papers.Kind.PNG),
    ],
)
def test_kind_is_what_the_bytes_are(content: bytes, kind: papers.Kind) -> None:
    assert papers.kind_of(content) is kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00 a program",
        b"<html><script>alert(1)</script>%PDF-1.4",
        b"#!/bin/sh\nrm -rf",
        b"GIF89a" + b"\0" * 50,
        b"PK\x03\x04 not really",
        word("word/vbaProject.bin"),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_hostile_file_called_pdf_is_refused_with_the_form_kept(applicant: Applicant, content: bytes) -> None:
    if content == b"":
        assert papers.kind_of(content) is None
        return
    answer = send(applicant, content, "cv.pdf")
    assert answer.status_code == 415
    assert "ei voi lukea CV:nä" in answer.text
    assert "Luokat vanhenivat 2023." in answer.text
    assert "Valitse CV uudelleen" in answer.text
    assert count() == 0


def test_too_large_is_413_with_the_form_kept_and_nothing_left_behind(applicant: Applicant) -> None:
    answer = large(applicant, PDF + b"\0" * papers.MOST_BYTES)
    assert answer.status_code == 413
    assert "enintään 10 Mt" in answer.text
    assert "Luokat vanhenivat 2023." in answer.text
    assert not list(settings.current().media.glob("private/*"))
    with pytest.raises(TooBig):
        papers.judged(PDF + b"\0" * papers.MOST_BYTES)
    with pytest.raises(UnsupportedType):
        papers.judged(b"MZ")


def test_refused_form_leaves_no_file_behind(applicant: Applicant) -> None:
    answer = applicant.send(name="Aino", phone="soita", cv=(io.BytesIO(PDF), "cv.pdf"))
    assert answer.status_code == 422
    assert not list(settings.current().media.glob("private/*"))


def test_letter_links_to_the_cv_until_it_expires(
    smtp: Post, app: Flask, applicant: Applicant, client: Client, as_: As
) -> None:
    assert send(applicant, PDF, "../../Äidin CV<>.exe.pdf").status_code == 303
    jobs.run_until_idle(app, ["mail"])
    whole = latest()
    assert whole.paper is not None
    assert whole.paper.title == "Äidin CV_exe.pdf"
    (letter,) = smtp.to("tyo@harju.example")
    body = letter.get_body(["plain"])
    assert body is not None
    found = re.search(r"http://localhost(/leads/cv/\S+)", body.get_content())
    assert found
    answer = client.get(found[1])
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(found[1][:-1] + ("A" if found[1][-1] != "A" else "B")).status_code == 404
    with clock.frozen(clock.now() + timedelta(days=15)):
        assert client.get(found[1]).status_code == 404
    assert as_("owner").get(f"/desk/leads/{whole.lead.reference}/cv").data == PDF
    for other in ("stranger", "organiser", "cohost", "admin"):
        assert as_(other).get(f"/desk/leads/{whole.lead.reference}/cv").status_code == 404
    assert client.get(f"/media/private/{whole.paper.name}").status_code == 404
    actions.withdraw(receipt=whole.lead.receipt)
    assert client.get(found[1]).status_code == 404
    jobs.run_until_idle(app, ["other"])
    assert not list(settings.current().media.glob("private/*"))


def test_cv_travels_inside_the_letter_when_the_company_wants_it(
    smtp: Post, app: Flask, applicant: Applicant, world: World
) -> None:
    intake.decide(booth_id=world.booths["harju"], cv_attached=True)
    send(applicant, word(), "cv.docx")
    jobs.run_until_idle(app, ["mail"])
    names = [part.get_filename() for part in smtp.to("tyo@harju.example")[0].iter_attachments()]
    assert names == ["yhteystieto.vcf", "cv.docx"]


def test_picture_is_encoded_anew_before_anybody_opens_it(smtp: Post, app: Flask, applicant: Applicant, as_: As) -> None:
    hidden = b"<?php hidden" * 10
    send(applicant, picture(exif=True) + hidden, "paperi.jpg")
    reference = latest().lead.reference
    assert as_("owner").get(f"/desk/leads/{reference}/cv").status_code == 403, "not before it was made harmless"
    jobs.run_until_idle(app, ["mail"])
    content = as_("owner").get(f"/desk/leads/{reference}/cv").data
    assert b"hidden" not in content
    assert b"kotipiha" not in content
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "JPEG"
        assert image.size == (1600, 2400), "upright, and no larger than needed to read"


def test_picture_that_is_none_is_left_out_and_said(smtp: Post, app: Flask, applicant: Applicant) -> None:
    send(applicant, b"\xff\xd8\xff\xe0 not a picture at all", "paperi.jpg")
    jobs.run_until_idle(app, ["mail"])
    body = smtp.to("tyo@harju.example")[0].get_body(["plain"])
    assert body is not None
    assert "ei voitu lukea kuvana" in body.get_content()
    assert not list(settings.current().media.glob("private/*"))


def test_picture_of_a_billion_pixels_is_not_unpacked(app: Flask) -> None:
    made = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(made, "PNG")
    name = papers.keep(made.getvalue())
    assert papers.make_harmless(name) is False
    papers.forget(name)


def test_same_form_with_the_same_file_is_one_lead_and_one_file(applicant: Applicant) -> None:
    first = send(applicant, PDF)
    second = send(applicant, PDF)
    assert first.location == second.location
    assert latest().lead.revision == 1
    third = send(applicant, PDF + b"\n")
    assert third.location == first.location
    assert latest().lead.revision == 2
    assert len(list(settings.current().media.glob("private/*"))) == 1

"""What lies on a booth: owner, host on behalf, stranger; hostile files and links."""

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from miitti.booths import actions as booths
from miitti.foundation import db, errors, storage
from miitti.materials import actions, queries, states
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]
DESK = "/desk/booths/miitti/puusaha/materials"
PDF = b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj"


def send(client: Client, content: bytes, name: str = "kuva.png", title: str = "Porukka koolla") -> TestResponse:
    return client.send(DESK, title=title, file=(io.BytesIO(content), name))


def picture() -> bytes:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Salainen paikka"
    Image.new("RGB", (900, 600), "#0d4a3e").save(made, "JPEG", exif=exif)
    return made.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A PNG of 30 000 x 30 000 pixels, black or white: 110 kB to send, 900 MB as the pixels of a page."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def laid(world: World) -> list[tuple[str, str]]:
    db.session().rollback()
    return [(one.kind.value, one.title) for one in queries.of_booth(world.booths["puusaha"])]


def test_a_photo_a_paper_and_a_link_are_seen_and_taken_along(app: Flask, world: World, as_: As, client: Client) -> None:
    owner = as_("stranger")  # the second booth is theirs
    assert send(owner, picture()).status_code == 303
    assert send(as_("cohost"), PDF, "esite.pdf", "Kesätyöt 2027 / <b>").status_code == 303
    assert owner.send(DESK, title="Kotisivu", url="www.puusaha.example/työ").status_code == 303
    assert [kind for kind, _title in laid(world)] == ["photo", "paper", "link"]
    page = client.get("/miitti/miitti/booths/puusaha").text
    assert 'alt="Porukka koolla"' in page
    assert 'href="https://www.puusaha.example/työ" rel="noopener noreferrer nofollow"' in page
    photo, paper, _link = queries.of_booth(world.booths["puusaha"])
    kept = storage.place("materials", photo.file).read_bytes()
    assert kept[8:12] == b"WEBP"
    assert b"Salainen" not in kept
    with app.app_context():
        address = storage.signed(f"materials/{photo.file}")
    assert client.get(address, buffered=True).mimetype == "image/webp"
    answer = client.get(f"/miitti/miitti/booths/puusaha/materials/{paper.id}", buffered=True)
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(f"/miitti/miitti/booths/harju/materials/{paper.id}").status_code == 404
    assert client.get(f"/miitti/miitti/booths/puusaha/materials/{photo.id}").status_code == 404
    assert as_("owner").send(f"{DESK}/{photo.id}/remove").status_code == 404
    assert owner.send(f"{DESK}/{photo.id}/remove").status_code == 303
    assert not storage.place("materials", photo.file).exists()
    booths.close_booth(booth_id=world.booths["puusaha"])
    assert list(storage.place("materials").iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html>%PDF-",
        b"GIF89a",
        b"",
        pytest.param(bomb, id="bomb"),
    ],
)
def test_a_hostile_file_is_refused_and_leaves_nothing(
    world: World, as_: As, content: bytes | Callable[[], bytes]
) -> None:
    answer = send(as_("stranger"), content() if callable(content) else content)
    assert answer.status_code == 422
    assert 'value="Porukka koolla"' in answer.text
    assert laid(world) == []
    folder = storage.place("materials")
    assert not folder.exists() or list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "javascript://example.fi/%0aalert(1)", "data:text/html,x", "https://", "file:///etc/passwd",
        "https://name:word@example.fi", "localhost", "https://example.fi:x", 'https://example.fi/"onclick=', "a b.fi",
    ],
)  # fmt: skip
def test_a_link_leads_to_a_website_or_nowhere(world: World, as_: As, url: str) -> None:
    assert as_("stranger").send(DESK, title="Linkki", url=url).status_code == 422
    assert laid(world) == []


def test_a_large_file_is_refused_before_it_is_read(world: World) -> None:
    with pytest.raises(errors.Invalid) as caught:
        actions.add_file(booth_id=world.booths["puusaha"], title="Iso", content=PDF + bytes(states.FILE_BYTES))
    assert "file" in caught.value.fields
    assert laid(world) == []


def test_twelve_are_enough(world: World, as_: As) -> None:
    owner = as_("stranger")
    for number in range(states.MOST):
        assert owner.send(DESK, title=f"Sivu {number}", url="example.fi").status_code == 303
    assert owner.send(DESK, title="Liikaa", url="example.fi").status_code == 403
    assert len(laid(world)) == states.MOST

"""An organisation as its people and hosts describe it; the logo as a hostile file."""

import io
import random
import re
import struct
import zlib
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from miitti.accounts.models import Organisation
from miitti.foundation import db, storage
from miitti.organisations import states
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]


def test_an_organisation_is_written_and_its_logo_drawn_anew(app: Flask, as_: As, world: World) -> None:
    owner = as_("owner")
    assert '<p class="quiet">Yritys</p>' in owner.get("/desk/organisations/harju").text
    fields = {"name_fi": "Konepaja\r\nHarju", "business_id": "2331972-7", "municipality": "Pertunmaa"}
    assert owner.send("/desk/organisations/harju", **fields).status_code == 303
    row = db.row(Organisation, world.organisations["harju"])
    assert (row.name_fi, row.municipality) == ("Konepaja Harju", "Mäntyharju")
    assert owner.send("/desk/organisations/harju", name_fi="x" * 10_000).status_code == 422
    assert owner.send("/desk/organisations/harju", name_fi="Harju", business_id="1234567-8").status_code == 422


def _png(width: int, height: int) -> bytes:
    """A small file that unpacks to as many pixels as it says, all black."""
    packed = zlib.compressobj(9)
    rows = b"".join(packed.compress(bytes(1 + width // 8)) for _ in range(height)) + packed.flush()
    parts = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    said = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(said)


def _send_logo(client: Client, content: bytes) -> TestResponse:
    file = (io.BytesIO(content), "logo.png")
    return client.send("/desk/organisations/harju/logo", logo=file)


def test_a_logo_is_drawn_anew(app: Flask, as_: As, world: World) -> None:
    picture = io.BytesIO()
    Image.new("RGBA", (900, 300), (255, 0, 0, 0)).save(picture, "PNG")
    assert _send_logo(as_("owner"), picture.getvalue() + b"secret").status_code == 303
    kept = storage.place("logos", str(db.row(Organisation, world.organisations["harju"]).logo))
    with Image.open(kept) as made:
        assert (made.format, made.size, made.mode) == ("WEBP", (400, 133), "RGBA")
    assert b"secret" not in kept.read_bytes()
    shown = re.search(r'src="(/media/s/[^"]+)"', as_("owner").get("/desk/organisations/harju").text)
    assert shown is not None
    assert as_("nobody").get(shown[1]).data == kept.read_bytes()
    assert list(kept.parent.iterdir()) == [kept]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(_png(30_000, 30_000), id="bomb"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', id="svg"),
        pytest.param(random.Random(7).randbytes(4_000), id="noise"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_what_is_no_picture_is_refused_and_nothing_is_lost(app: Flask, as_: As, world: World, content: bytes) -> None:
    owner = as_("owner")
    assert len(content) < states.LOGO_BYTES
    assert _send_logo(owner, _png(64, 64)).status_code == 303
    before = db.row(Organisation, world.organisations["harju"]).logo
    answer = _send_logo(owner, content)
    assert answer.status_code == 422
    assert "Tätä kuvaa ei voi käyttää." in answer.text
    assert "Konepaja Harju" in answer.text
    db.session().rollback()
    assert db.row(Organisation, world.organisations["harju"]).logo == before
    assert [one.name for one in storage.place("logos").iterdir()] == [before]

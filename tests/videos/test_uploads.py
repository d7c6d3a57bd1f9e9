"""The resumable upload, header by header, and what must hold whatever a client does."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from miitti.foundation import clock, db, errors, jobs, storage
from miitti.foundation import tus as protocol
from miitti.foundation.jobs import Job
from miitti.videos import actions, arrivals, states
from miitti.videos.models import Upload, Video
from tests.conftest import Client
from tests.videos.conftest import Tus
from tests.world import World

Clients = Callable[[str], Tus]


def stored(address: str) -> Path:
    return actions.bytes_of(address.rsplit("/", 1)[1])


def test_a_file_in_pieces_becomes_one_video_with_one_job(tus: Clients, sample: Path) -> None:
    owner = tus("owner")
    data = sample.read_bytes()
    begun = owner.begin(len(data), filename="Työpäivä.mp4", booth="harju")
    assert begun.status_code == 201
    assert begun.headers["Tus-Resumable"] == "1.0.0"
    assert begun.headers["Upload-Offset"] == "0"
    assert "Upload-Expires" in begun.headers
    address = begun.headers["Location"]
    first = owner.patch(address, data[:300_000], 0)
    assert (first.status_code, first.headers["Upload-Offset"]) == (204, "300000")
    assert "Miitti-Video" not in first.headers
    head = owner.head(address)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == ("300000", str(len(data)))
    assert head.headers["Cache-Control"] == "no-store"
    last = owner.patch(address, data[300_000:], 300_000)
    video_id = last.headers["Miitti-Video"]
    assert owner.head(address).headers["Miitti-Video"] == video_id
    assert hashlib.sha256(stored(address).read_bytes()).digest() == hashlib.sha256(data).digest()
    db.session().rollback()
    video = db.row(Video, video_id)
    assert (video.state, video.filename, video.size) == ("received", "Työpäivä.mp4", len(data))
    assert [job.key for job in db.session().query(Job).filter_by(kind="make_playable")] == [f"make_playable:{video_id}"]
    # a resend of the last, lost answer changes nothing
    again = owner.patch(address, b"", len(data))
    assert (again.status_code, again.headers["Miitti-Video"]) == (204, video_id)
    assert db.session().query(Video).count() == 1


def test_options_tell_what_the_server_can_do(client: Client) -> None:
    answer = client.options("/desk/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {"creation", "expiration", "termination", "checksum"}
    assert answer.headers["Tus-Max-Size"] == str(states.MAX_BYTES)
    assert "sha1" in answer.headers["Tus-Checksum-Algorithm"]


@pytest.mark.parametrize(
    ("length", "headers", "status"),
    [
        ("x", {}, 400),
        ("-1", {}, 400),
        ("1", {"Upload-Length": None}, 400),
        ("1", {"Upload-Metadata": "booth ?"}, 400),
        ("1", {"Tus-Resumable": None}, 412),
        ("1", {"Tus-Resumable": "0.2.2"}, 412),
        (str(states.MAX_BYTES + 1), {}, 413),
        ("0", {}, 422),
        ("1", {"X-CSRFToken": "wrong"}, 400),
    ],
)
def test_a_begin_that_breaks_the_rules(tus: Clients, length: str, headers: dict[str, str | None], status: int) -> None:
    answer = tus("owner").begin(length, headers=headers, booth="harju")
    assert answer.status_code == status
    assert db.session().query(Upload).count() == 0
    if status == 412 and headers["Tus-Resumable"]:
        assert answer.headers["Tus-Version"] == "1.0.0"


@pytest.mark.parametrize(
    ("offset", "headers", "status"),
    [
        ("5", {}, 409),
        ("x", {}, 400),
        ("0", {"Upload-Offset": None}, 400),
        ("0", {"Content-Type": "video/mp4"}, 415),
        ("0", {"Tus-Resumable": None}, 412),
        ("0", {"Upload-Checksum": "crc32 AAAA"}, 400),
        ("0", {"Upload-Checksum": "sha1 ?"}, 400),
        ("0", {"Upload-Checksum": f"sha1 {base64.b64encode(b'x' * 20).decode()}"}, 460),
    ],
)
def test_a_piece_that_breaks_the_rules_changes_nothing(
    tus: Clients, offset: str, headers: dict[str, str | None], status: int
) -> None:
    owner = tus("owner")
    address = owner.begin(10, booth="harju").headers["Location"]
    assert owner.patch(address, b"12345", offset, headers=headers).status_code == status
    assert owner.head(address).headers["Upload-Offset"] == "0"
    assert stored(address).read_bytes() == b""


def test_more_bytes_than_announced(tus: Clients) -> None:
    owner = tus("owner")
    address = owner.begin(4, booth="harju").headers["Location"]
    assert owner.patch(address, b"12345", 0).status_code == 413


def test_a_length_must_be_told(tus: Clients) -> None:
    owner = tus("owner")
    address = owner.begin(4, booth="harju").headers["Location"]
    chunked = owner.patch(address, b"", 0, headers={"Transfer-Encoding": "chunked"})
    assert chunked.status_code == 411


def test_a_right_checksum_is_kept(tus: Clients) -> None:
    owner = tus("owner")
    address = owner.begin(10, booth="harju").headers["Location"]
    digest = base64.b64encode(hashlib.sha1(b"12345").digest()).decode()
    assert owner.patch(address, b"12345", 0, headers={"Upload-Checksum": f"sha1 {digest}"}).status_code == 204
    assert owner.head(address).headers["Upload-Offset"] == "5"


def test_one_writer_at_a_time(tus: Clients) -> None:
    owner = tus("owner")
    address = owner.begin(10, booth="harju").headers["Location"]
    with protocol.locked(stored(address)):
        assert owner.patch(address, b"12345", 0).status_code == 423
    assert owner.patch(address, b"12345", 0).status_code == 204


def test_bytes_behind_the_known_offset_are_worth_nothing(tus: Clients) -> None:
    owner = tus("owner")
    address = owner.begin(10, booth="harju").headers["Location"]
    owner.patch(address, b"12345", 0)
    with stored(address).open("ab") as file:
        file.write(b"left by a killed process")
    owner.patch(address, b"67890", 5)
    assert stored(address).read_bytes() == b"1234567890"


def test_giving_up_removes_the_bytes(tus: Clients) -> None:
    owner = tus("owner")
    address = owner.begin(10, booth="harju").headers["Location"]
    path = stored(address)
    assert owner.delete(address).status_code == 204
    assert not path.exists()
    assert owner.head(address).status_code == 404
    assert owner.patch(address, b"1", 0).status_code == 404


def test_an_upload_nobody_goes_on_with_is_swept(tus: Clients, app: Flask) -> None:
    owner = tus("owner")
    address = owner.begin(10, booth="harju").headers["Location"]
    path = stored(address)
    with clock.frozen(clock.now() + arrivals.PATIENCE + timedelta(minutes=1)):
        assert owner.head(address).status_code == 404
        jobs.run_until_idle(app)
        assert db.session().query(Upload).count() == 0
        assert not path.exists()


def test_who_may_send(tus: Clients, client: Client) -> None:
    assert tus("owner").begin(10, booth="harju").status_code == 201
    assert tus("teammate").begin(10, booth="harju").status_code == 201
    assert tus("organiser").begin(10, booth="harju").status_code == 201
    assert tus("cohost").begin(10, booth="harju").status_code == 201
    assert tus("stranger").begin(10, booth="harju").status_code == 422
    assert tus("moderator").begin(10, booth="harju").status_code == 404
    assert tus("nobody").begin(10, booth="harju").status_code == 404
    signed_out = Tus(client)
    assert signed_out.begin(10, booth="harju").status_code == 401


def test_a_foreign_upload_is_not_there(tus: Clients) -> None:
    address = tus("owner").begin(10, booth="harju").headers["Location"]
    stranger = tus("stranger")
    assert stranger.head(address).status_code == 404
    assert stranger.patch(address, b"12345", 0).status_code == 404
    assert stranger.delete(address).status_code == 404
    assert tus("teammate").patch(address, b"12345", 0).status_code == 204


def test_an_ambiguous_booth_is_named(tus: Clients, world: World) -> None:
    from miitti.booths import actions as booths
    from miitti.events import actions as events

    other = events.create(
        slug="toinen", title_fi="Toinen", starts_at=clock.now(), ends_at=clock.now() + timedelta(hours=1)
    )
    booths.open_booth(event_id=other.id, organisation_id=world.organisations["harju"], slug="harju")
    owner = tus("owner")
    answer = owner.begin(10, booth="harju")
    assert answer.status_code == 422
    assert "miitti/harju" in answer.text
    assert "toinen/harju" in answer.text
    assert owner.begin(10, booth="harju", event="toinen").status_code == 201
    unknown = owner.begin(10, booth="puusaha")
    assert unknown.status_code == 422
    assert "puusaha" not in unknown.text.replace("harju", "")


def test_a_large_piece_passes_the_limit_of_ordinary_requests(tus: Clients) -> None:
    owner = tus("owner")
    data = b"x" * (3 * 1024 * 1024)
    address = owner.begin(len(data) + 1, booth="harju").headers["Location"]
    assert owner.patch(address, data, 0).status_code == 204


def test_a_full_disk_is_told_before_anything_is_sent(tus: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "RESERVE", storage.free_bytes())
    answer = tus("owner").begin(10, booth="harju")
    assert answer.status_code == 413
    assert db.session().query(Upload).count() == 0


def test_a_broken_line_keeps_what_came(app: Flask, world: World) -> None:
    upload_id = arrivals.begin(
        booth_id=world.booths["harju"], person_id=world.people["owner"], filename="x.mp4", length=10
    )

    class Line:
        def __init__(self) -> None:
            self.pieces = [b"1234", b""]

        def read(self, size: int) -> bytes:
            return self.pieces.pop(0)

    with protocol.locked(actions.bytes_of(upload_id)) as file, pytest.raises(protocol.Interrupted):
        protocol.write(
            file,
            Line(),  # type: ignore[arg-type]
            offset=0,
            length=10,
            expected=None,
            durable=lambda offset: (arrivals.append(upload_id=upload_id, offset=offset), None)[1],
        )
    assert db.row(Upload, upload_id).offset == 4
    with pytest.raises(errors.Conflict):
        arrivals.receive(upload_id=upload_id)


@pytest.mark.parametrize("limit", ["MAX_UPLOADS", "MAX_VIDEOS", "MAX_BOOTH_BYTES"])
def test_a_booth_has_room_for_so_much(
    tus: Clients, world: World, sample: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    owner = tus("owner")
    size = sample.stat().st_size
    video_id = actions.take(booth_id=world.booths["harju"], person_id=None, path=sample)
    assert owner.begin(size, booth="harju").status_code == 201
    # one file is here, one is on its way: that is all there may be
    monkeypatch.setattr(arrivals, limit, 2 * size + 99 if limit == "MAX_BOOTH_BYTES" else 1)
    said = {}
    for code in ("fi", "sv", "en"):
        owner.client.get(f"/desk?lang={code}")
        answer = owner.begin(100, booth="harju")
        assert answer.status_code == 403
        said[code] = answer.text
    assert len(set(said.values())) == 3
    assert db.session().query(Upload).count() == 1
    # the neighbour's booth has room of its own
    assert tus("stranger").begin(100, booth="puusaha").status_code == 201
    # a file that takes another's place makes no further video
    replacing = owner.begin(99, booth="harju", replaces=video_id).status_code
    assert replacing == (403 if limit == "MAX_UPLOADS" else 201)
    # and removing one makes room again
    if limit == "MAX_VIDEOS":
        actions.remove(video_id=video_id)
        assert owner.begin(100, booth="harju").status_code == 201


NAMES = [
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "a\r\nSet-Cookie: x=1",
    "nolla\0tavu.mp4",
    "x" * 10_000 + ".mp4",
    "kuva\u202egpj.mp4",
    "-i",
    "--help",
    "file:/etc/passwd",
    "concat:a|b",
    "$(id).mp4",
    "<img src=x>.mp4",
    'lainaus".mp4',
    "työ 🎬.mp4",
    ".",
    "",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_senders_name_for_a_file_is_only_ever_shown(
    tus: Clients, app: Flask, as_: Callable[[str], Client], sample: Path, name: str
) -> None:
    owner = tus("owner")
    data = sample.read_bytes()
    begun = owner.begin(len(data), filename=name, booth="harju")
    assert begun.status_code == 201
    address = begun.headers["Location"]
    video_id = owner.patch(address, data, 0).headers["Miitti-Video"]
    video = db.row(Video, video_id)
    assert len(video.filename) <= 255
    assert not any(ord(letter) < 32 or letter in "\u202a\u202b\u202d\u202e" for letter in video.filename)
    media = storage.place("uploads").parent
    # nothing stored is called so, and nothing lies outside
    assert [path.name for path in stored(address).parent.iterdir() if path.name != "claim"] == ["source"]
    assert not [path for path in media.rglob("*") if name.strip("./\\") and path.name == name]
    client = as_("owner")
    page = client.get("/desk/booths/miitti/harju/video?lang=en").text
    assert "<img src=x>" not in page
    original = client.get(f"/desk/videos/{video_id}/original")
    assert original.data == data
    assert not [cookie for cookie in original.headers.getlist("Set-Cookie") if cookie.startswith("x=")]
    assert original.headers["Content-Disposition"].startswith("attachment")
    assert original.headers["Content-Type"] == "application/octet-stream"
    assert original.headers["Cache-Control"] == "no-store"
    part = client.get(f"/desk/videos/{video_id}/original", headers={"Range": "bytes=5-14"})
    assert (part.status_code, part.data) == (206, data[5:15])
    assert as_("stranger").get(f"/desk/videos/{video_id}/original").status_code == 404

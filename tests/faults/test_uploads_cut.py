"""Uploads over lines that break, on servers that are killed, and on disks that fill up; workers killed at a film."""

import hashlib
import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from bench.upload import Sender
from miitti.foundation import clock, db, storage
from miitti.foundation.jobs import Job
from miitti.videos import actions
from miitti.videos.models import Upload, Video
from miitti.videos.states import State
from tests.faults.test_worker_killed import at_work, film, served, video
from tests.letters import until_true
from tests.processes import MIITTI, Live, running

__all__ = ["film"]

SIZE = 6 * 1024 * 1024
#: Seconds anything may take on a busy machine.
LONG = 240


class Line(Sender):
    """A tus client whose line breaks."""

    def ask(self, verb: str, address: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.live.port, timeout=60)
        connection.request(verb, address, headers={**self.headers, **headers})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    def begin(self, length: int) -> str:
        answer = self.ask("POST", "/desk/uploads", **{"Upload-Length": str(length)})
        assert answer.status == 201
        return urlsplit(answer.headers["Location"]).path

    def offset(self, address: str) -> int:
        return int(self.ask("HEAD", address).headers["Upload-Offset"])

    def broken(self, address: str, data: bytes, offset: int, sent: int) -> None:
        """Announce all that is left, send `sent` bytes of it, and be gone."""
        with self.patch(address, len(data) - offset, offset) as line:
            line.sendall(data[offset : offset + sent])

    def rest(self, address: str, data: bytes) -> http.client.HTTPResponse:
        """Send all that is left, again while another request still holds the upload or has just moved its end."""
        until = time.monotonic() + LONG
        while True:
            offset = self.offset(address)
            with self.patch(address, len(data) - offset, offset) as line:
                with suppress(OSError):  # the answer may come before the end
                    line.sendall(data[offset:])
                answer = http.client.HTTPResponse(line)
                answer.begin()
                answer.read()
            if answer.status not in (409, 423) or time.monotonic() > until:
                return answer
            time.sleep(0.2)

    @contextmanager
    def patch(self, address: str, length: int, offset: int) -> Iterator[socket.socket]:
        head = {
            **self.headers,
            "Host": f"127.0.0.1:{self.live.port}",
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(length),
        }
        with socket.create_connection(("127.0.0.1", self.live.port), timeout=60) as line:
            words = "".join(f"{name}: {value}\r\n" for name, value in head.items())
            line.sendall(f"PATCH {address} HTTP/1.1\r\n{words}\r\n".encode())
            yield line


def stored(live: Live, address: str) -> bytes:
    with live.app.app_context():
        return actions.bytes_of(address.rsplit("/", 1)[1]).read_bytes()


def cut_again_and_again(live: Live, times: int) -> None:
    line = Line(live)
    data = os.urandom(SIZE)
    chance = Random(times)
    address = line.begin(len(data))
    reached = 0
    for number in range(times):
        now = line.offset(address)
        assert now >= reached, "what was acknowledged is gone"
        reached = now
        line.broken(address, data, now, min(chance.randrange(1, 2 * SIZE // times), len(data) - now - 1))
        if number == times // 2:
            live.kill("wsgi.py")
            until_true(live.ready, LONG, "the web process to be back")
    answer = line.rest(address, data)
    assert answer.status == 204
    assert hashlib.sha256(stored(live, address)).digest() == hashlib.sha256(data).digest()
    with live.app.app_context():
        video_id = answer.headers["Miitti-Video"]
        assert [row.id for row in db.session().scalars(select(Video).where(Video.size == SIZE))] == [video_id]
        actions.remove(video_id=video_id)


def test_an_upload_cut_ten_times_and_its_server_killed(live: Live) -> None:
    cut_again_and_again(live, 10)


@pytest.mark.chaos
def test_an_upload_cut_fifty_times(live: Live) -> None:
    cut_again_and_again(live, 50)


def test_a_server_killed_in_the_middle_of_a_piece(live: Live) -> None:
    line = Line(live)
    data = os.urandom(40 * 1024 * 1024)
    address = line.begin(len(data))
    path = None
    with live.app.app_context():
        path = actions.bytes_of(address.rsplit("/", 1)[1])
    with line.patch(address, len(data), 0) as open_line:
        open_line.sendall(data[: 30 * 1024 * 1024])
        until_true(lambda: path.stat().st_size > 20 * 1024 * 1024, LONG, "bytes to arrive")
        live.kill("wsgi.py")
    until_true(live.ready, LONG, "the web process to be back")
    # what was told as durable within the piece is kept
    assert line.offset(address) >= 16 * 1024 * 1024
    answer = line.rest(address, data)
    assert answer.status == 204
    assert hashlib.sha256(stored(live, address)).digest() == hashlib.sha256(data).digest()
    with live.app.app_context():
        actions.remove(video_id=answer.headers["Miitti-Video"])


def killed_at_a_film(live: Live, film: Path, times: int) -> None:
    """Worker and FFmpeg are killed at moments of chance; whatever is announced meanwhile can be fetched whole."""
    with live.app.app_context():
        video_id = actions.take(booth_id=live.world.booths["harju"], person_id=None, path=film)
    home = Path(live.settings.media) / "videos" / video_id
    chance = Random(times)
    kills = 0
    until = time.monotonic() + times * 30 + LONG
    while kills < times and video(live, video_id).state != State.READY and time.monotonic() < until:
        if at_work(home):
            time.sleep(chance.random() * 1.5)
            live.kill("worker")
            kills += 1
        served(live, video_id)
        time.sleep(0.05)
    until_true(lambda: video(live, video_id).state == State.READY, LONG, f"the film to be ready\n{live.said()}")
    assert kills > 0
    number, ended = served(live, video_id)
    assert ended
    assert number >= 4 * 4
    done = video(live, video_id)
    assert done.duration_s == pytest.approx(12, rel=0.02)
    assert [path.name for path in home.iterdir()] == [done.edition]
    assert not list((home / str(done.edition)).glob(".*"))


@pytest.mark.chaos
def test_twenty_kills_at_one_film(live: Live, film: Path) -> None:
    killed_at_a_film(live, film, 20)


def _until_ready(live: Live, video_id: str) -> None:
    until_true(lambda: video(live, video_id).state == State.READY, LONG, f"{video_id}\n{live.said()}")


def test_several_workers_make_each_film_once(live: Live, sample: Path) -> None:
    with live.app.app_context():
        ids = [
            actions.take(booth_id=live.world.booths["harju"], person_id=None, path=sample, filename=f"{n}.mp4")
            for n in range(3)
        ]
    second = subprocess.Popen([MIITTI, "worker"], env=live.environ, cwd=live.folder)
    try:
        for video_id in ids:
            _until_ready(live, video_id)
    finally:
        second.terminate()
        assert second.wait(60) == 0
    for video_id in ids:
        number, ended = served(live, video_id)
        assert ended
        assert number
        with live.app.app_context():
            rows = db.session().scalars(select(Job).where(Job.key == f"make_playable:{video_id}")).all()
            assert [(row.state, row.attempts) for row in rows] == [("done", 1)]
            actions.remove(video_id=video_id)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of our own in memory, for media alone."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3g", "x", str(disk)]).returncode != 0:
        pytest.skip("mounting a tmpfs needs root and the right to mount")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def size(disk: Path, given: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={given}", str(disk)], check=True)


def test_a_full_disk_loses_nothing(tmp_path: Path, small_disk: Path, film: Path) -> None:
    with running(tmp_path / "live", MIITTI_MEDIA=str(small_disk)) as live:
        line = Line(live)
        data = film.read_bytes()
        address = line.begin(len(data) + 1)
        # something else fills the disk while the file is on its way
        size(small_disk, str(max(len(data) // 2, 65536)))
        answer = line.rest(address, data)
        assert answer.status == 507
        size(small_disk, "3g")
        assert line.offset(address) <= len(data)
        assert line.rest(address, data + b"\0").status == 204
        assert stored(live, address) == data + b"\0"
        with live.app.app_context():
            row = db.row(Upload, address.rsplit("/", 1)[1])
            video_id = str(row.video_id)
            source = storage.place("uploads", row.id).stat().st_size
        assert source
        # and again while the film is being made
        home = small_disk / "videos" / video_id
        until_true(lambda: bool(list(home.glob("*/240p/s00000.m4s"))), LONG, f"a first piece\n{live.said()}")
        size(small_disk, str(_used(small_disk) + 65536))
        until_true(lambda: "the disk is full" in _error(live, video_id), LONG, f"the disk to be full\n{live.said()}")
        served(live, video_id)
        assert video(live, video_id).state in (State.WORKING, State.PLAYABLE)
        size(small_disk, "3g")
        with live.app.app_context():
            db.session().execute(
                update(Job).where(Job.key == f"make_playable:{video_id}").values(run_after=clock.now())
            )
            db.session().commit()
        until_true(lambda: video(live, video_id).state == State.READY, LONG, f"the film\n{live.said()}")
        number, ended = served(live, video_id)
        assert ended
        assert number >= 4 * 4


def _used(disk: Path) -> int:
    told = os.statvfs(disk)
    return (told.f_blocks - told.f_bfree) * told.f_frsize


def _error(live: Live, video_id: str) -> str:
    with live.app.app_context():
        found = db.session().scalar(select(Job.error).where(Job.key == f"make_playable:{video_id}"))
        return found or ""

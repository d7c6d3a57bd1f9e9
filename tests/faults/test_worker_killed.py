"""The worker killed by -9 in the middle of a film: it is finished all the same, and nothing half is ever served."""

import re
import subprocess
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest
from sqlalchemy import select

from miitti.foundation import db, ffmpeg
from miitti.foundation.jobs import Job
from miitti.videos import actions, queries
from miitti.videos.models import Video
from miitti.videos.states import State
from tests.letters import until_true
from tests.processes import Live

#: Seconds a film of this test may take in all, on a busy machine.
WORK = 180


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds a phone might have filmed, in a codec that must be encoded anew."""
    path = tmp_path_factory.mktemp("film") / "puhelin.mov"
    scene = ["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30:d=12", "-f", "lavfi", "-i", "sine=d=12"]
    codecs = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-c:a", "aac"]
    subprocess.run([ffmpeg.binary(), "-v", "error", *scene, *codecs, str(path)], check=True)
    return path


def video(live: Live, video_id: str) -> Video:
    with live.app.app_context():
        found = queries.by_id(video_id)
        assert found is not None
        return found


def at_work(home: Path) -> list[int]:
    """FFmpeg processes that write below `home`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"ffmpeg" in words[0] and any(str(home).encode() in word for word in words):
                found.append(int(entry.name))
    return found


def served(live: Live, video_id: str) -> tuple[int, bool]:
    """Fetches everything the video's address leads to; how many files, and whether all its playlists have ended."""
    with live.app.app_context():
        row = queries.by_id(video_id)
        assert row is not None
        if not row.edition:
            return 0, False
        main = queries.address(row, queries.MASTER)
    number = 0
    ended = True
    for rendition in addresses(fetch(live.url + main).decode(), live.url + main):
        text = fetch(rendition).decode()
        ended = ended and "#EXT-X-ENDLIST" in text
        for part in addresses(text, rendition):
            assert len(fetch(part)) > 0, part
            number += 1
    return number, ended


def fetch(address: str) -> bytes:
    with urlopen(address, timeout=30) as answer:
        data: bytes = answer.read()
        assert len(data) == int(answer.headers["Content-Length"])
        return data


def addresses(playlist: str, base: str) -> list[str]:
    parts = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    return [urljoin(base, part) for part in [*parts, *re.findall(r'#EXT-X-MAP:URI="([^"]+)"', playlist)]]


def test_a_worker_killed_in_the_middle_of_a_film(live: Live, film: Path) -> None:
    with live.app.app_context():
        video_id = actions.take(booth_id=live.world.booths["harju"], person_id=None, path=film)
    home = Path(live.settings.media) / "videos" / video_id

    def killed_once_there_is(sign: str) -> None:
        until_true(lambda: bool(list(home.glob(sign))) and bool(at_work(home)), WORK, f"{sign} of {video_id}")
        ours = at_work(home)
        live.kill("worker")
        # FFmpeg dies with its worker: it would go on writing beside the next one
        until_true(lambda: not set(ours) & set(at_work(home)), 10, "ffmpeg to end with its worker")
        served(live, video_id)

    killed_once_there_is("*/240p/s00001.m4s")
    killed_once_there_is("*/.*/720p/s00001.m4s")
    until_true(lambda: video(live, video_id).state == State.READY, WORK, f"the film to be ready\n{live.said()}")
    number, ended = served(live, video_id)
    assert ended
    # four qualities and the sound alone: three segments of four seconds each with its beginning
    assert number >= 4 * 4
    done = video(live, video_id)
    assert done.duration_s == pytest.approx(12, rel=0.02)
    assert [path.name for path in home.iterdir()] == [done.edition]
    assert not list((home / str(done.edition)).glob(".*"))
    with live.app.app_context():
        states = db.session().scalars(select(Job.state).where(Job.kind == "make_playable")).all()
        assert list(states) == ["done"]

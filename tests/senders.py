"""Who sends to a stage in tests: a real FFmpeg in OBS's place, and looks at what is on the air."""

import contextlib
import http.client
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from miitti.foundation import cuts, db, ffmpeg, recorder
from miitti.foundation.packager import HIGH
from miitti.stage import actions, queries
from miitti.stage.models import Stage
from miitti.stage.states import Turn
from tests.letters import _free_port, until_true
from tests.processes import Live, running

PATTERN = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25")
TONE = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "25")
AAC = ("-c:a", "aac", "-b:a", "64k")


@contextlib.contextmanager
def staged(folder: Path, **environ: str) -> Iterator[Live]:
    """A real tree with a stage on ports of its own."""
    given = {"MIITTI_RTMP_PORT": str(_free_port()), "MIITTI_STAGE_PORT": str(_free_port()), **environ}
    with running(folder, **given) as live:
        with live.app.app_context():
            actions.open_stage(event_id=live.world.event_id)
        yield live


def stage(live: Live) -> Stage:
    """The row of the small Miitti's stage as it is now."""
    with live.app.app_context():
        found = queries.of_event(live.world.event_id)
        assert found is not None
        db.session().expunge(found)
        return found


def turn(live: Live, wish: Turn) -> None:
    """What a host's button does."""
    with live.app.app_context():
        actions.run(event_id=live.world.event_id, turn=wish)


def address(live: Live, key: str | None = None) -> str:
    """Where OBS would send to."""
    return f"rtmp://127.0.0.1:{live.settings.rtmp_port}/live/{key or stage(live).key}"


def send(
    to: str,
    *,
    picture: tuple[str, ...] = PATTERN,
    sound: tuple[str, ...] = TONE,
    video: tuple[str, ...] = H264,
    audio: tuple[str, ...] = AAC,
    form: str = "flv",
) -> "subprocess.Popen[bytes]":
    """A real FFmpeg that sends until it is ended."""
    paced = ("-re", *picture, *(("-re", *sound) if sound else ()))
    argv = [
        ffmpeg.binary(),
        "-nostdin",
        "-loglevel",
        "error",
        *paced,
        *video,
        *(audio if sound else ()),
        "-f",
        form,
        to,
    ]
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@contextlib.contextmanager
def sending(to: str, **more: tuple[str, ...]) -> Iterator["subprocess.Popen[bytes]"]:
    """The same for a block."""
    child = send(to, **more)  # type: ignore[arg-type]
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def on_air(live: Live, air: str, seconds: float = 30) -> None:
    """Wait until that is on the air."""
    until_true(lambda: stage(live).air == air, seconds, f"{air!r} on the air\n{live.said()[-2000:]}")


def fetch(url: str) -> tuple[int, str]:
    """Status and text of an address, redirects followed."""
    try:
        with urllib.request.urlopen(url, timeout=15) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def playlist(live: Live, name: str = "high") -> str:
    """A rendition's playlist, from the stage itself."""
    return fetch(f"http://127.0.0.1:{live.settings.stage_port}/live/{live.world.slug}/{name}.m3u8")[1]


def newest(live: Live, name: str = "high") -> int:
    """The number of the last whole segment; -1 while there is none."""
    whole = [line for line in playlist(live, name).splitlines() if line.startswith(f"{name}/") and line.count(".") == 1]
    return int(whole[-1].partition("/")[2].partition(".")[0]) if whole else -1


def moves(live: Live, seconds: float = 20) -> None:
    """Wait until two more segments have come."""
    was = newest(live)
    until_true(lambda: newest(live) >= was + 2, seconds, f"the picture to move\n{live.said()[-2000:]}")


def whole(folder: Path) -> str:
    """What FFmpeg says of a recording it decodes from end to end, run by run; "" when nothing is wrong."""
    home = folder / HIGH
    said = ""
    for run in cuts.runs(cuts.pieces(home / recorder.INDEX)):
        joined = cuts.join(home, run, folder.parent / "joined.mp4")
        argv = [ffmpeg.binary(), "-nostdin", "-v", "error", "-i", str(joined), "-f", "null", "-"]
        said += subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False).stderr
        joined.unlink()
    return said


def answers(port: int) -> bool:
    """Whether a stage answers there."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def since(began: float) -> float:
    """Seconds gone by."""
    return time.monotonic() - began

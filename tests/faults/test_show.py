"""A show whose parts fail: the sender dies, freezes or sends what players can't take; the stage itself is killed."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from miitti.foundation import cuts, db, recorder, storage
from miitti.stage import queries
from miitti.stage.states import Turn
from tests import senders
from tests.letters import until_true
from tests.processes import Live

LATER = 3.0
"""Seconds in which something else is on the air when the source is gone."""
BUSY = 4.0
"""Seconds more that a machine with everything running at once may take."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with senders.staged(tmp_path_factory.mktemp("show")) as running:
        yield running


@contextmanager
def obs(to: str) -> Iterator[None]:
    """Sends and comes back by itself when it was cut off, as OBS does."""
    over = threading.Event()
    children: list[subprocess.Popen[bytes]] = []

    def again() -> None:
        while not over.is_set():
            children.append(child := senders.send(to))
            child.communicate()
            over.wait(0.5)

    thread = threading.Thread(target=again)
    thread.start()
    try:
        yield
    finally:
        over.set()
        children[-1].kill()
        thread.join()


def test_a_sender_that_dies_or_freezes_is_stood_in_for(live: Live) -> None:
    sender = senders.send(senders.address(live))
    try:
        senders.on_air(live, "live")
        senders.moves(live)
        sender.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        senders.on_air(live, "slate", LATER + BUSY)
        print(f"a still picture {senders.since(began):.1f} s after the source froze")
        sender.send_signal(signal.SIGCONT)
        senders.on_air(live, "live", 20)
        senders.moves(live)
    finally:
        sender.kill()
        sender.communicate()
    began = time.monotonic()
    senders.on_air(live, "slate", LATER + BUSY)
    print(f"a still picture {senders.since(began):.1f} s after the source was killed")
    senders.moves(live)
    began = time.monotonic()
    with senders.sending(senders.address(live)):
        senders.on_air(live, "live")
        print(f"on the air {senders.since(began):.1f} s after it came back")
        senders.moves(live)
        text = senders.playlist(live)
    assert text.count("#EXT-X-DISCONTINUITY\n") >= 3
    # every run has its own beginning, told right after the break
    lines = text.splitlines()
    for place, line in enumerate(lines):
        if line == "#EXT-X-DISCONTINUITY":
            assert lines[place + 1].startswith("#EXT-X-MAP:")


SILENT: dict[str, tuple[str, ...]] = {"sound": ()}
HEVC: dict[str, tuple[str, ...]] = {
    "video": (
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-x265-params",
        "log-level=none:keyint=25",
        "-pix_fmt",
        "yuv420p",
    )
}
FULL_COLOUR: dict[str, tuple[str, ...]] = {
    "video": ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", "-g", "25")
}


@pytest.mark.parametrize(("kind", "more"), [("silent", SILENT), ("hevc", HEVC), ("4:4:4", FULL_COLOUR)])
def test_what_players_can_not_take_is_converted(live: Live, kind: str, more: dict[str, tuple[str, ...]]) -> None:
    until_true(lambda: senders.stage(live).air == "slate", 10, "nobody to send")
    with senders.sending(senders.address(live), **more):
        senders.on_air(live, "live")
        senders.moves(live)
        master = senders.fetch(f"{live.url}/live/miitti/main.m3u8")[1]
        assert 'CODECS="avc1.' in master
        assert "mp4a.40.2" in master
        assert "avc1.F4" not in master, "4:4:4 would play nowhere"
        until_true(lambda: bool(senders.stage(live).source), 10, "the report")
        told = senders.stage(live).source
        assert told["sound"] is (kind != "silent")
        assert told["copied"] is (kind == "silent")


def test_the_stage_killed_in_the_middle_comes_back_by_itself_into_the_same_recording(live: Live) -> None:
    with obs(senders.address(live)):
        senders.on_air(live, "live")
        senders.moves(live)
        before, folder = senders.newest(live), senders.stage(live).recording
        (pid,) = [pid for pid in live.pids("wsgi.py") if b"\0stage" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        until_true(lambda: senders.answers(live.settings.stage_port or 0), 60, "the stage again")
        until_true(lambda: senders.newest(live) > before, 60, "higher numbers than ever given")
        senders.on_air(live, "live")
        senders.moves(live)
        print(f"live again {senders.since(began):.1f} s after kill -9")
    senders.turn(live, Turn.END)

    def recorded() -> bool:
        return bool(senders.stage(live).recorded)

    until_true(recorded, 15, "the recording")
    row = senders.stage(live)
    assert row.recording == folder
    assert len(row.recorded["marks"]) >= 2, "the gap is told"
    with live.app.app_context():
        home = storage.place(queries.HOME, str(folder))
        db.session().rollback()
    assert senders.whole(home) == ""
    found = cuts.pieces(home / "high" / recorder.INDEX)
    assert sum(piece.seconds for piece in found) == pytest.approx(row.recorded["seconds"], abs=1)

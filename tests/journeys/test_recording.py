"""From the end of a show to a recording that is cut, captioned, published and downloaded: all of it real."""

import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from miitti.events import actions as events
from miitti.foundation import clock, cuts, ffmpeg, probe, recorder
from miitti.recordings import queries
from miitti.recordings.queries import Shown
from miitti.stage.states import Turn
from tests import senders
from tests.journeys.test_studio import sees_it_move
from tests.journeys.test_upload_plays import sign_in
from tests.letters import until_true
from tests.processes import Live

pytestmark = pytest.mark.browser

Person = Callable[..., Page]
WORK = 120_000
"""Milliseconds the worker may take for some seconds of film on a busy machine."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with senders.staged(tmp_path_factory.mktemp("recording")) as running:
        yield running


def recording(live: Live) -> Shown | None:
    with live.app.app_context():
        return queries.of_event(live.world.event_id)


def decoded(path: Path) -> float:
    """Seconds of a file that decodes from end to end without a complaint."""
    argv = [ffmpeg.binary(), "-nostdin", "-v", "error", "-i", str(path), "-f", "null", "-"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return probe.look(path).duration


def test_from_the_end_of_the_show_to_its_recording(live: Live, browser: Person, tmp_path: Path) -> None:
    now = clock.now()
    with live.app.app_context():
        for title, at in (("Avaus", -1), ("Konepaja Harju esittäytyy", 8)):
            starts = now + timedelta(seconds=at)
            events.add_item(
                event_id=live.world.event_id, title_fi=title, starts_at=starts, ends_at=starts + timedelta(minutes=5)
            )
    visitor = browser(width=390)
    with senders.sending(senders.address(live)):
        senders.on_air(live, "live")
        visitor.goto(f"{live.url}/miitti/miitti")
        visitor.locator(".film .play").click()
        sees_it_move(visitor)
        # fallen behind without a press of hers, she is brought back
        visitor.wait_for_function(
            """() => {
              const video = document.querySelector(".film video");
              if (!window.fell) {
                if (navigator.userActivation.isActive || video.currentTime < 8) return false;
                [window.fell, video.currentTime] = [true, video.currentTime - 7];
              }
              return video.seekable.end(0) - video.currentTime < 4;
            }"""
        )
        until_true(lambda: time.time() > now.timestamp() + 14, 20, "some seconds of show")
    # her program came back with another picture: another run, with a gap between the two
    larger = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25")
    with senders.sending(senders.address(live), picture=larger):
        senders.on_air(live, "live")
        senders.moves(live)
        host = browser(width=390)
        sign_in(live, host, "cohost")
        host.goto(f"{live.url}/desk/events/miitti/stage")
        host.get_by_role("button", name="Lopeta lähetys").click()
        ended = time.monotonic()
        until_true(lambda: recording(live) is not None, 15, f"the recording\n{live.said()[-2000:]}")
        took = time.monotonic() - ended
    print(f"the recording was there {took:.1f} s after the end")

    # the same address, played from the segments the show was sent in
    late = browser(width=1280)
    late.goto(f"{live.url}/miitti/miitti")
    late.locator(".film .play").click()
    sees_it_move(late)
    chapters = late.locator(".chapters").get_by_role("link")
    expect(chapters).to_have_count(2)
    chapters.filter(has_text="Konepaja Harju").click()
    late.wait_for_function("() => document.querySelector('.film video').currentTime > 5")
    there = late.url
    assert "#t=" in there
    # the place has an address: sent to somebody, it leads there
    other = browser(width=390)
    other.goto(there)
    other.locator(".film .play").click()
    other.wait_for_function("() => document.querySelector('.film video').currentTime > 5")
    other.close()

    shown = recording(live)
    assert shown is not None
    with live.app.app_context():
        home = shown.place()
        whole = shown.seconds
    assert senders.whole(home) == ""
    runs = cuts.runs(cuts.pieces(home / "high" / recorder.INDEX))
    assert len(runs) >= 2

    # cut, and the chapters with it
    host.goto(f"{live.url}/desk/events/miitti/recording")
    host.get_by_label("Alkaa").fill("0:04")
    host.get_by_role("button", name="Leikkaa", exact=True).click()
    expect(host.locator(".flash.done")).to_contain_text("Päät on leikattu")
    cut = recording(live)
    assert cut is not None
    assert whole - 7 < cut.seconds < whole - 2
    late.reload()
    first = late.locator(".chapters a").filter(has_text="Konepaja Harju")
    assert float(first.get_attribute("data-at") or 0) < 9
    # nonsense comes back with the words for it
    host.get_by_label("Päättyy").fill("kohta")
    host.get_by_role("button", name="Leikkaa", exact=True).click()
    expect(host.locator("#ends-wrong")).to_contain_text("12:30")

    # captions are due; given, they are shown
    expect(host.locator("#words-head + .flash")).to_contain_text("14 päivän")
    words = tmp_path / "sanat.vtt"
    words.write_text("WEBVTT\n\n00:00.000 --> 00:09.000\nTervetuloa\n", "utf-8")
    host.goto(f"{live.url}/desk/events/miitti/recording")
    host.set_input_files("input[name=captions]", words)
    host.get_by_role("button", name="Ota tekstitys käyttöön").click()
    expect(host.locator("#words-head + .flash")).to_have_count(0)

    # published: a lighter rung and one file to take along
    host.get_by_role("button", name="Julkaise").click()
    until_true(lambda: bool((s := recording(live)) and s.made), WORK / 1000, f"the edition\n{live.said()[-3000:]}")
    host.reload()
    with live.app.app_context():
        made = recording(live)
        assert made is not None
        assert made.row is not None
        edition = made.place(made.row.edition)
    link = host.get_by_role("link", name=re.compile("Lataa tallenne"))
    address = live.url + (link.get_attribute("href") or "")
    target = tmp_path / "recording.mp4"
    with urllib.request.urlopen(address, timeout=30) as answer:
        target.write_bytes(answer.read())
    assert decoded(target) == pytest.approx(made.seconds, abs=2)
    master = (edition / recorder.MASTER).read_text()
    assert "240p.m3u8" in master
    assert "../low/cut.m3u8" in master
    late.reload()
    late.locator(".film .play").click()
    sees_it_move(late)
    late.wait_for_function(
        "() => document.querySelector('.film video').textTracks[0]?.activeCues?.[0]?.text === 'Tervetuloa'"
    )

    # hidden, and back
    host.get_by_role("button", name="Piilota").click()
    status, _ = senders.fetch(f"{live.url}/miitti/miitti/recording/main.m3u8")
    assert status == 404
    assert ".m3u8" not in senders.fetch(f"{live.url}/miitti/miitti")[1]
    host.get_by_role("button", name="Julkaise").click()
    status, text = senders.fetch(f"{live.url}/miitti/miitti/recording/main.m3u8")
    assert status == 200
    assert "240p" in text


def test_an_end_is_taken_back_and_the_show_goes_on_in_the_same_recording(live: Live) -> None:
    before = recording(live)
    assert before is not None
    senders.turn(live, Turn.PLAYLIST)
    senders.on_air(live, "slate")
    senders.moves(live)
    assert recording(live) is None
    senders.turn(live, Turn.END)
    until_true(lambda: recording(live) is not None, 15, "the recording")
    after = recording(live)
    assert after is not None
    assert after.folder == before.folder
    assert float(after.whole["seconds"]) > float(before.whole["seconds"])
    # what was decided of the shorter one does not hold for the longer one
    assert after.row is None

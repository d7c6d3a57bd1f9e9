"""What sends and what knocks: real FFmpeg over RTMP against a real stage."""

import http.client
import socket
import time
from collections.abc import Iterator

import pytest

from miitti.foundation import amf
from miitti.stage import actions
from miitti.stage.states import Turn
from tests import senders
from tests.letters import until_true
from tests.processes import Live

REFUSED = 15
"""Seconds in which a refused FFmpeg has ended by itself."""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with senders.staged(tmp_path_factory.mktemp("ingest")) as running:
        yield running


@pytest.fixture(autouse=True)
def live_turn(live: Live) -> None:
    senders.turn(live, Turn.LIVE)
    senders.on_air(live, "slate")  # whoever sent in the test before is gone


def shake(port: int) -> socket.socket:
    """A line that has shaken hands and said nothing yet."""
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.sendall(b"\x03" + bytes(1536))
    got = b""
    while len(got) < 3073:
        got += line.recv(4096)
    line.sendall(got[1:1537])
    return line


def command(line: socket.socket, *words: object) -> None:
    """One RTMP command in a single chunk."""
    data = amf.encode(*words)
    line.sendall(b"\x02" + b"\0\0\0" + b"\0\0\4" + b"\x01" + b"\0\0\0\0" + (65536).to_bytes(4, "big"))
    line.sendall(b"\x03" + b"\0\0\0" + len(data).to_bytes(3, "big") + b"\x14" + b"\0\0\0\0" + data)


def closed(line: socket.socket, seconds: float) -> bool:
    """Whether the other side ends the line in time."""
    line.settimeout(seconds)
    try:
        while line.recv(4096):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def test_what_obs_sends_is_on_the_air_and_others_only_knock(live: Live) -> None:
    port = live.settings.rtmp_port
    with senders.sending(senders.address(live)) as obs:
        senders.on_air(live, "live")
        status, master = senders.fetch(f"{live.url}/live/miitti/main.m3u8")
        assert status == 200
        assert [line for line in master.splitlines() if line.endswith(".m3u8")] == [
            "high.m3u8",
            "low.m3u8",
            "audio.m3u8",
        ]
        # the still picture stays until her first pictures are there
        main = f"{live.url}/live/miitti/main.m3u8"
        until_true(lambda: "RESOLUTION=320x180" in senders.fetch(main)[1], 15, "her picture")
        senders.moves(live)
        run = senders.playlist(live).count("#EXT-X-DISCONTINUITY\n")

        # a second publisher with the right key, one with a wrong key, and a key that is nearly right
        for key in (None, "wrong", senders.stage(live).key[:-1]):
            with senders.sending(senders.address(live, key)) as other:
                assert other.wait(REFUSED) != 0
        # bare connections, nonsense, another protocol, a player
        lines = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(6)]
        lines[0].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + bytes(1600))
        lines[1].sendall(bytes(range(256)) * 20)
        lines[2].sendall(b"\x03")
        lines[3].close()
        player = shake(port)
        command(player, "connect", 1, {"app": "live"})
        command(player, "play", 2, None, senders.stage(live).key)
        assert closed(player, 10)
        huge = shake(port)
        huge.sendall(b"\x03\0\0\0\xff\xff\xff\x14\0\0\0\0" + bytes(200))
        assert closed(huge, 10)
        assert closed(lines[0], 10)
        assert closed(lines[1], 10)
        # whoever says nothing is sent away in the end
        assert closed(lines[4], 15)
        for line in (*lines, player, huge):
            line.close()

        assert obs.poll() is None, "the show was disturbed"
        senders.moves(live)
        assert senders.stage(live).air == "live"
        assert senders.playlist(live).count("#EXT-X-DISCONTINUITY\n") == run
    # she has ended: the still picture takes over (nobody has a video here)
    senders.on_air(live, "slate", 5)


def test_many_who_say_nothing_keep_nobody_out(live: Live) -> None:
    """A dozen silent lines of one address are held at most; the publisher gets in as soon as one of them is gone."""
    held = [socket.create_connection(("127.0.0.1", live.settings.rtmp_port), timeout=10) for _ in range(30)]
    assert sum(closed(line, 0.2) for line in held) >= 18
    until_true(lambda: all(closed(line, 0.2) for line in held), 20, "the silent ones to be sent away")
    for line in held:
        line.close()
    with senders.sending(senders.address(live)):
        senders.on_air(live, "live")


def test_a_fresh_key_cuts_off_the_old_one(live: Live) -> None:
    with senders.sending(senders.address(live)) as old:
        senders.on_air(live, "live")
        with live.app.app_context():
            fresh = actions.rotate_key(event_id=live.world.event_id)
        assert old.wait(15) != 0
        with senders.sending(senders.address(live, fresh)):
            senders.on_air(live, "live")


def test_nothing_plays_while_the_doors_are_not_live(live: Live) -> None:
    senders.moves(live)
    senders.turn(live, Turn.END)
    until_true(lambda: senders.fetch(f"{live.url}/live/miitti/main.m3u8")[0] == 503, 10, "the end")
    until_true(lambda: senders.stage(live).air == "", 10, "nothing on the air")
    line = http.client.HTTPConnection("127.0.0.1", live.port, timeout=10)
    line.request("GET", "/live/miitti/main.m3u8")
    answer = line.getresponse()
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    line.close()
    # and who sends now is refused
    with senders.sending(senders.address(live)) as late:
        assert late.wait(REFUSED) != 0
    began = time.monotonic()
    senders.turn(live, Turn.PLAYLIST)
    senders.on_air(live, "slate", 10)
    assert senders.since(began) < 10

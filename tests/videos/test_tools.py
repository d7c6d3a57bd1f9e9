"""The foundation's media tools by themselves: the runner's limits, playlists, captions."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from miitti import doctor
from miitti.foundation import confine, ffmpeg, hls, webvtt
from miitti.foundation.confine import MIB, Limits

ENDLESS = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=5", "-f", "null", "-"]
#: Pictures of 50 MB each.
LARGE = ["-f", "lavfi", "-i", "testsrc2=s=7680x4320:r=5:d=2", "-f", "null", "-"]


def test_the_binary_is_the_one_chosen_else_the_packages() -> None:
    assert "imageio_ffmpeg" in ffmpeg.binary()
    assert ffmpeg.binary("/bin/sh") == "/bin/sh"
    with pytest.raises(FileNotFoundError):
        ffmpeg.binary("/nowhere/ffmpeg")


def test_progress_is_told_and_the_run_ends(tmp_path: Path) -> None:
    told: list[ffmpeg.Progress] = []
    out = tmp_path / "out.mp4"
    ffmpeg.run(["-f", "lavfi", "-i", "testsrc2=s=64x64:d=2", str(out)], on_progress=told.append)
    assert out.stat().st_size > 0
    assert told[-1].seconds == pytest.approx(2, abs=0.2)


def test_an_error_carries_the_last_words(tmp_path: Path) -> None:
    with pytest.raises(ffmpeg.Failed) as failure:
        ffmpeg.run(["-i", str(tmp_path / "nothing.mp4"), "-f", "null", "-"])
    assert failure.value.code > 0
    assert any("No such file" in line for line in failure.value.tail)


def test_the_wall_clock_ends_a_run() -> None:
    began = time.monotonic()
    with pytest.raises(ffmpeg.TimedOut):
        ffmpeg.run(ENDLESS, timeout=1.5)
    assert time.monotonic() - began < 20


def test_an_error_in_the_callback_ends_the_child() -> None:
    pids: list[int] = []

    def stop(progress: ffmpeg.Progress) -> None:
        pids.extend(int(p) for p in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())
        raise KeyError("enough")

    with pytest.raises(KeyError):
        ffmpeg.run(ENDLESS, on_progress=stop)
    assert pids
    assert not any(Path(f"/proc/{pid}/exe").exists() and "ffmpeg" in os.readlink(f"/proc/{pid}/exe") for pid in pids)


def test_processor_time_is_limited() -> None:
    with pytest.raises(ffmpeg.Failed) as failure:
        ffmpeg.run(["-re", *ENDLESS[:3], "testsrc2=s=1280x720:r=60", *ENDLESS[4:]], limits=Limits(cpu=1), timeout=60)
    assert failure.value.code < 0


def test_a_file_can_not_grow_without_end(tmp_path: Path) -> None:
    out = tmp_path / "out.raw"
    with pytest.raises(ffmpeg.Failed):
        ffmpeg.run(
            ["-f", "lavfi", "-i", "testsrc2=s=640x480", "-f", "rawvideo", str(out)], limits=Limits(file=MIB), timeout=60
        )
    assert out.stat().st_size <= MIB


def test_memory_is_limited() -> None:
    with pytest.raises(ffmpeg.OutOfMemory):
        ffmpeg.run(LARGE, limits=Limits(memory=64 * MIB), timeout=60)


def test_a_command_line_says_its_parent() -> None:
    words = confine.command(Limits(), ["true"])
    assert str(os.getpid()) in words
    assert words[-2:] == ["--", "true"]


#: Says whether a file can be read, another one, a socket be connected to, a file be written, and who else runs.
LOOKS_AROUND = """
import pathlib, socket, sys
def tried(call):
    try:
        call()
    except OSError:
        return "no"
    return "yes"
given, secret, out, port = sys.argv[1:]
print(tried(lambda: open(given).read()), tried(lambda: open(secret).read()))
print(tried(lambda: socket.create_connection(("127.0.0.1", int(port)), 2).close()))
print(tried(lambda: open(out, "w").write("x")), tried(lambda: open(given, "w")))
print(sum(name.name.isdigit() for name in pathlib.Path("/proc").iterdir()) < 1 and "alone" or "among others")
"""


def look_around(tmp_path: Path, view: bool) -> list[str]:
    stored = tmp_path / "stored"
    (stored / "out").mkdir(parents=True)
    given, secret = stored / "given", stored / "secret"
    given.write_text("x")
    secret.write_text("x")
    seen = confine.View((given,), (stored / "out",), (stored,)) if view else None
    with socket.create_server(("127.0.0.1", 0)) as server:
        words = [sys.executable, "-c", LOOKS_AROUND, str(given), str(secret), str(stored / "out" / "o")]
        argv = confine.command(Limits(network=False), [*words, str(server.getsockname()[1])], seen)
        said = subprocess.run(argv, check=True, capture_output=True, text=True, env=confine.environment())
    return said.stdout.split("\n")[:-1]


def test_a_view_shows_what_is_given_and_nothing_else(tmp_path: Path) -> None:
    if not confine.can_wall():
        pytest.skip("bubblewrap is not installed, or the kernel does not let it work")
    assert look_around(tmp_path, view=True) == ["yes no", "no", "yes no", "alone"]


def test_where_bubblewrap_does_not_work_the_limits_alone_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "bin" / "bwrap"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:{os.environ['PATH']}")
    confine.can_wall.cache_clear()
    try:
        assert not confine.can_wall()
        assert "the kernel does not let" in doctor.walls()[1]
        reached = "no" if confine.can_close_network() else "yes"
        assert look_around(tmp_path, view=True) == ["yes yes", reached, "yes yes", "among others"]
        out = tmp_path / "out.mp4"
        view = confine.View((), (tmp_path,), (tmp_path,))
        ffmpeg.run(["-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", str(out)], view=view)
        assert out.stat().st_size > 0
        with pytest.raises(ffmpeg.OutOfMemory):
            ffmpeg.run(LARGE, limits=Limits(memory=64 * MIB), timeout=60, view=view)
    finally:
        confine.can_wall.cache_clear()


def test_no_secret_reaches_what_reads_a_strangers_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIITTI_SECRET_KEY", "secret")
    assert set(confine.environment()) == {"PATH", "LC_ALL"}


def test_a_walled_child_ends_with_its_group(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(ffmpeg.TimedOut):
        ffmpeg.run(ENDLESS, timeout=1.5, view=confine.View((), (tmp_path,), (tmp_path,)))
    assert time.monotonic() - began < 20


def test_every_input_is_opened_by_the_policy() -> None:
    import ffmpeg as graph

    args = ffmpeg.arguments(graph.output(graph.input("x", **ffmpeg.hardened()), "y"))
    before = args[: args.index("-i")]
    for option in ("-protocol_whitelist", "-format_whitelist", "-codec_whitelist", "-max_pixels"):
        assert option in before
    assert before[before.index("-protocol_whitelist") + 1] == "file,pipe"
    assert "concat" not in before[before.index("-format_whitelist") + 1]
    assert "hls" not in before[before.index("-format_whitelist") + 1]


def test_a_playlist_missing_a_file_is_no_playlist(tmp_path: Path) -> None:
    playlist = tmp_path / "index.m3u8"
    assert hls.read(playlist) is None
    playlist.write_text(
        '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:4.0,\na.m4s\n#EXTINF:1.0,\nb.m4s\n'
    )
    (tmp_path / "init.mp4").write_bytes(b"x")
    (tmp_path / "a.m4s").write_bytes(b"x" * 500)
    assert hls.read(playlist) is None
    (tmp_path / "b.m4s").write_bytes(b"x" * 1000)
    made = hls.read(playlist)
    assert made is not None
    assert (made.seconds, made.ended) == (5.0, False)
    # the last one is too short to tell of the line one needs, the two together are not
    assert made.peak == 2400
    assert made.average == 2400
    assert 'URI="240p/init.mp4"' in hls.moved(playlist, "240p")
    assert "\n240p/a.m4s\n" in hls.moved(playlist, "240p")


def test_captions_are_rebuilt_from_their_cues_alone() -> None:
    given = (
        "\ufeffWEBVTT header\n\nSTYLE\n::cue { background: url(//evil) }\n\nNOTE secret\n\n"
        "one\n00:01.000 --> 00:02.500 line:80% onclick:x\n<b>Hei</b> <script>alert(1)</script> sinä\n\n"
        "00:03.000 --> 00:04.000\n\n"
    )
    assert webvtt.clean(given) == "WEBVTT\n\n00:00:01.000 --> 00:00:02.500 line:80%\n<b>Hei</b> alert(1) sinä\n"


def test_subrip_is_read_too() -> None:
    text = webvtt.clean("1\r\n00:00:01,000 --> 00:00:02,000\r\nHei\r\n\r\n2\r\n00:00:03,5 --> 00:00:04,000\r\nMoi\r\n")
    assert text.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHei\n")
    assert "00:00:03.500 --> 00:00:04.000\nMoi" in text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("WEBVTT\n", 1),
        ("WEBVTT\n\nhello there\nno times\n", 4),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\nbackwards\n", 3),
        ("Hyvä työnantaja,\n\nhaen paikkaa.\n", 1),
    ],
)
def test_what_is_no_captions_names_the_line(text: str, line: int) -> None:
    with pytest.raises(webvtt.Unreadable) as error:
        webvtt.clean(text)
    assert error.value.line == line

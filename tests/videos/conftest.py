"""Files as people send them, made by the FFmpeg of the Python packages, once a test run."""

import base64
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from miitti.foundation import db, ffmpeg, jobs, storage
from miitti.videos import actions
from miitti.videos.models import Video
from tests.conftest import Client
from tests.world import World

Make = Callable[..., Path]


def run_ffmpeg(*args: str) -> None:
    """Run FFmpeg as it is, without our policy."""
    subprocess.run([ffmpeg.binary(), "-v", "error", "-y", *args], check=True, stdin=subprocess.DEVNULL)


def make(app: Flask, world: World, path: Path) -> Video:
    """Take a file in and do all the work there is."""
    video_id = actions.take(booth_id=world.booths["harju"], person_id=world.people["owner"], path=path)
    jobs.run_until_idle(app, ["video"])
    db.session().rollback()
    db.session().expire_all()
    return db.row(Video, video_id)


def folder(video: Video) -> Path:
    assert video.edition
    return storage.place("videos", video.id) / video.edition


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`files("rotated.mp4")`: the file of that name, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("files")

    def get(name: str) -> Path:
        path = folder / name
        if not path.exists():
            MAKERS[name](path, get)
        return path

    return get


def _scene(size: str, rate: str, seconds: float) -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}"]


def _tone(seconds: float) -> list[str]:
    return ["-f", "lavfi", "-i", f"sine=f=440:d={seconds}"]


def _eligible(path: Path, get: Any) -> None:
    """H.264 8-bit 4:2:0, a keyframe every two seconds, stereo AAC: may be served as it is."""
    run_ffmpeg(
        *_scene("640x360", "25", 9),
        *_tone(9),
        *("-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "baseline", "-g", "50", "-b:v", "900k"),
        *("-c:a", "aac", "-ac", "2", str(path)),
    )


def _rotated(path: Path, get: Any) -> None:
    run_ffmpeg("-display_rotation", "90", "-i", str(get("eligible.mp4")), "-c", "copy", str(path))


def _hevc(path: Path, get: Any) -> None:
    run_ffmpeg(
        *_scene("480x270", "30", 3),
        *_tone(3),
        *("-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"),
        *("-tag:v", "hvc1", "-c:a", "aac", str(path)),
    )


def _phone(path: Path, get: Any) -> None:
    """As a phone held upright films: HEVC in ten bits, stored lying, with a note to turn it."""
    run_ffmpeg("-display_rotation", "90", "-i", str(get("hevc10.mov")), "-c", "copy", "-tag:v", "hvc1", str(path))


def _hdr(path: Path, get: Any) -> None:
    tags = "log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc"
    run_ffmpeg(
        *_scene("480x270", "30", 2),
        *("-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", tags),
        *("-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc", str(path)),
    )


def _webm(path: Path, get: Any) -> None:
    run_ffmpeg(
        *_scene("480x360", "30", 3),
        *_tone(3),
        *("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", str(path)),
    )


def _silent(path: Path, get: Any) -> None:
    run_ffmpeg("-i", str(get("eligible.mp4")), "-c", "copy", "-an", str(path))


def _odd(path: Path, get: Any) -> None:
    """4:4:4 and an odd size."""
    run_ffmpeg(
        *_scene("640x480", "25", 2),
        *(
            "-vf",
            "format=yuv444p,scale=321:243,setsar=1",
            "-pix_fmt",
            "yuv444p",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            str(path),
        ),
    )


def _faststart(path: Path, get: Any) -> None:
    run_ffmpeg("-i", str(get("eligible.mp4")), "-c", "copy", "-movflags", "+faststart", str(path))


def _quiet(path: Path, get: Any) -> None:
    run_ffmpeg("-i", str(get("eligible.mp4")), "-c:v", "copy", "-af", "volume=-10dB", "-c:a", "aac", str(path))


def _vga(path: Path, get: Any) -> None:
    run_ffmpeg(
        *_scene("640x480", "25", 2),
        *("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", str(path)),
    )


def _recorder_mp4(path: Path, get: Any) -> None:
    """What MediaRecorder writes into MP4: VP9 and Opus in fragments."""
    run_ffmpeg("-i", str(get("phone.webm")), "-c", "copy", "-movflags", "+frag_keyframe+empty_moov", str(path))


def _recorder_mkv(path: Path, get: Any) -> None:
    """What MediaRecorder writes into Matroska: H.264 and Opus, no duration and no index."""
    h264 = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "copy", "-f", "matroska")
    run_ffmpeg("-i", str(get("phone.webm")), *h264, "-live", "1", str(path))


def _varying(path: Path, get: Any) -> None:
    """A phone in the dark: the picture rate changes on the way."""
    run_ffmpeg(
        *_scene("480x270", "30", 4),
        *_tone(4),
        *("-vf", r"select='lt(t\,1)+gt(t\,2)*not(mod(n\,3))'", "-fps_mode", "vfr"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(path)),
    )


def _gab2(path: Path, get: Any) -> None:
    """An AVI whose subtitle track (GAB2) is a playlist that names another file."""
    plain = path.with_suffix(".plain.avi")
    run_ffmpeg("-i", str(get("eligible.mp4")), "-c:v", "mpeg4", "-c:a", "mp3", "-t", "2", str(plain))
    playlist = f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:9,\n{get('eligible.mp4')}\n#EXT-X-ENDLIST\n".encode()
    words = b"GAB2\0\x02\0" + (4).to_bytes(4, "little") + b"a\0\0\0"
    words += (4).to_bytes(2, "little") + len(playlist).to_bytes(4, "little") + playlist
    data = plain.read_bytes()
    at = data.index(b"movi") + 4
    chunk = b"02tx" + len(words).to_bytes(4, "little") + words + b"\0" * (len(words) % 2)
    path.write_bytes(data[:at] + chunk + data[at:])


def _polyglot(path: Path, get: Any) -> None:
    """A whole MP4 that a careless reader also takes for a page and a ZIP archive."""
    page = b"<html><script>fetch('/desk')</script></html>PK\x03\x04"
    path.write_bytes(get("eligible.mp4").read_bytes() + (len(page) + 8).to_bytes(4, "big") + b"free" + page)


def _ten_hours(path: Path, get: Any) -> None:
    """Ten hours of one picture every ten seconds."""
    run_ffmpeg(
        *("-f", "lavfi", "-i", "color=s=64x64:r=0.1:d=36000", "-c:v", "libx264", "-preset", "ultrafast", str(path))
    )


def _half(path: Path, get: Any) -> None:
    data = get("faststart.mp4").read_bytes()
    path.write_bytes(data[: len(data) // 2])


def _no_index(path: Path, get: Any) -> None:
    data = get("eligible.mp4").read_bytes()
    path.write_bytes(data[: len(data) // 2])


def _half_webm(path: Path, get: Any) -> None:
    data = get("phone.webm").read_bytes()
    path.write_bytes(data[: len(data) // 2])


def _sound(path: Path, get: Any) -> None:
    run_ffmpeg(*_tone(2), "-c:a", "aac", str(path))


def _magic(path: Path, get: Any) -> None:
    run_ffmpeg(*_scene("64x64", "5", 1), "-c:v", "magicyuv", str(path))


def _theora(path: Path, get: Any) -> None:
    run_ffmpeg(*_scene("64x64", "5", 1), "-c:v", "libtheora", str(path))


def _text(content: bytes) -> Callable[[Path, Any], None]:
    return lambda path, get: (path.write_bytes(content), None)[1]


def _concat(path: Path, get: Any) -> None:
    path.write_text(f"ffconcat version 1.0\nfile {get('eligible.mp4').name}\n")


def _playlist(path: Path, get: Any) -> None:
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{get('eligible.mp4').name}\n#EXT-X-ENDLIST\n")


def _huge(path: Path, get: Any) -> None:
    run_ffmpeg("-f", "lavfi", "-i", "color=s=12000x12000", "-frames:v", "1", "-c:v", "mjpeg", str(path))


def _huge_h264(path: Path, get: Any) -> None:
    h264 = ("-frames:v", "1", "-c:v", "libx264", "-preset", "ultrafast")
    run_ffmpeg("-f", "lavfi", "-i", "color=s=12000x12000", *h264, str(path))


def _deep(path: Path, get: Any) -> None:
    """8K in ten bits: fewer pixels than the limit, more bytes than FFmpeg may hold."""
    hevc = ("-frames:v", "1", "-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast")
    run_ffmpeg("-f", "lavfi", "-i", "color=s=7680x4320", *hevc, "-x265-params", "log-level=error", str(path))


def _every_picture_key(path: Path, get: Any) -> None:
    """As editing programs write for themselves: each picture is a keyframe."""
    run_ffmpeg("-i", str(get("eligible.mp4")), "-c:v", "libx264", "-preset", "ultrafast", "-g", "1", "-c:a", "copy",
               "-profile:v", "main", "-crf", "40", str(path))  # fmt: skip


MAKERS: dict[str, Callable[[Path, Any], None]] = {
    "eligible.mp4": _eligible,
    "rotated.mp4": _rotated,
    "hevc10.mov": _hevc,
    "upright.mov": _phone,
    "hdr.mp4": _hdr,
    "phone.webm": _webm,
    "silent.mp4": _silent,
    "odd.mp4": _odd,
    "faststart.mp4": _faststart,
    "quiet.mp4": _quiet,
    "vga.webm": _vga,
    "recorder.mp4": _recorder_mp4,
    "recorder.mkv": _recorder_mkv,
    "varying.mp4": _varying,
    "gab2.avi": _gab2,
    "polyglot.mp4": _polyglot,
    "ten-hours.mp4": _ten_hours,
    "half.mp4": _half,
    "no-index.mp4": _no_index,
    "half.webm": _half_webm,
    "sound.m4a": _sound,
    "magic.avi": _magic,
    "theora.ogv": _theora,
    "concat.mp4": _concat,
    "playlist.mp4": _playlist,
    "huge.mkv": _huge,
    "huge.mp4": _huge_h264,
    "deep.mov": _deep,
    "keys.mp4": _every_picture_key,
    "empty.mp4": _text(b""),
    "random.mp4": _text(os.urandom(100_000)),
    "letter.mp4": _text("Hei! Tässä hakemukseni.\n".encode() * 50),
    "picture.mp4": _text(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    "session.mp4": _text(b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"),
    "dash.mp4": _text(b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period/></MPD>'),
}

HEADERS = {"Tus-Resumable": "1.0.0"}


class Tus:
    """A person's tus client, speaking the protocol header by header."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.csrf = client.csrf

    def _headers(self, more: dict[str, str | None]) -> dict[str, str]:
        given: dict[str, str | None] = {**HEADERS, "X-CSRFToken": self.csrf, **more}
        return {name: value for name, value in given.items() if value is not None}

    def begin(self, length: object, *, headers: dict[str, str | None] | None = None, **metadata: str) -> TestResponse:
        """POST: a place for `length` bytes."""
        words = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
        given = {"Upload-Length": str(length), "Upload-Metadata": words, **(headers or {})}
        return self.client.post("/desk/uploads", headers=self._headers(given))

    def patch(
        self, address: str, data: bytes, offset: object, *, headers: dict[str, str | None] | None = None
    ) -> TestResponse:
        """PATCH: the bytes from `offset` on."""
        given: dict[str, str | None] = {
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
            **(headers or {}),
        }
        # the test client would leave the length of an empty body out
        length = {} if "Transfer-Encoding" in given else {"CONTENT_LENGTH": str(len(data))}
        return self.client.patch(address, data=data, headers=self._headers(given), environ_overrides=length)

    def head(self, address: str) -> TestResponse:
        """HEAD: how far it is."""
        return self.client.head(address, headers=self._headers({}))

    def delete(self, address: str) -> TestResponse:
        """DELETE: give it up."""
        return self.client.delete(address, headers=self._headers({}))

    def send(self, path: Path, booth: str, *, piece: int = 400_000) -> str:
        """A whole file in pieces; gives the video's id."""
        data = path.read_bytes()
        answer = self.begin(len(data), filename=path.name, booth=booth)
        assert answer.status_code == 201, answer.text
        address = answer.headers["Location"]
        for at in range(0, len(data), piece):
            answer = self.patch(address, data[at : at + piece], at)
            assert answer.status_code == 204, answer.text
        return answer.headers["Miitti-Video"]


@pytest.fixture
def tus(as_: Callable[[str], Client]) -> Callable[[str], Tus]:
    """`tus("owner")`: that person's tus client."""
    return lambda name: Tus(as_(name))

"""The sample site of nginx, really run: it hands out films by itself, and only behind a right signature."""

import http.client
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from miitti.foundation import clock, hls, storage
from miitti.foundation.settings import ROOT
from tests.letters import until_true

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
MIITTI = Path(sys.executable).with_name("miitti")


@pytest.fixture
def port(app: Flask, tmp_path: Path) -> Iterator[int]:
    """nginx with the sample site, on loopback; the program behind it is not there."""
    assert NGINX is not None, "make test installs nginx-light"
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
    media = storage.place("videos").parent
    site = (ROOT / "deploy" / "nginx.conf").read_text()
    # the part that speaks TLS, without TLS
    site = site[: site.index("server {")] + site[site.index("server {", site.index("return 301")) :]
    lines = [line for line in site.splitlines() if "ssl_certificate" not in line and "[::]" not in line]
    site = "\n".join(lines).replace("listen 443 ssl http2", f"listen 127.0.0.1:{number}")
    site = site.replace("/etc/nginx/miitti-media-key.conf", str(tmp_path / "key.conf"))
    site = site.replace("/var/lib/miitti/media/", f"{media}/").replace("/opt/miitti/", f"{ROOT}/")
    environ = {"PATH": os.environ["PATH"], "MIITTI_DATA": str(tmp_path), "MIITTI_SECRET_KEY": "a secret for tests only"}
    said = subprocess.run([MIITTI, "media-key"], check=True, capture_output=True, text=True, env=environ, cwd=tmp_path)
    (tmp_path / "key.conf").write_text(said.stdout)
    temporary = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(
        f"{user} daemon off; master_process off; pid {tmp_path}/nginx.pid; error_log stderr;"
        f" events {{}} http {{ access_log off; {temporary} {site} }}"
    )
    with (tmp_path / "nginx.log").open("wb") as log:
        child = subprocess.Popen([NGINX, "-c", str(tmp_path / "nginx.conf")], stdout=log, stderr=log)
    try:
        until_true(lambda: _listens(number), 20, f"nginx\n{(tmp_path / 'nginx.log').read_text()}")
        yield number
    finally:
        child.terminate()
        child.wait(20)


def _listens(number: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", number)) == 0


def get(port: int, address: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", address, headers={"Host": "miitti.example.fi", **headers})
    answer = connection.getresponse()
    found = answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()}
    connection.close()
    return found


def test_nginx_hands_out_films_alone(port: int) -> None:
    home = storage.place("videos", "v_1", "e1", "240p")
    home.mkdir(parents=True)
    (home / "s00000.m4s").write_bytes(bytes(range(256)) * 40)
    hls.write(home / "index.m3u8", "#EXTM3U\n")
    (home.parent / "poster.jpg").write_bytes(b"\xff\xd8")
    kept = storage.place("uploads", "u_1")
    kept.mkdir(parents=True)
    (kept / "source").write_bytes(b"private")
    (kept / "source.mp4").write_bytes(b"private")
    storage.place("logos").mkdir()
    storage.place("logos", "m_1.webp").write_bytes(b"RIFF")

    piece = storage.signed("videos/v_1/e1/240p/s00000.m4s")
    status, data, told = get(port, piece)
    assert (status, data, told["content-type"]) == (200, bytes(range(256)) * 40, "video/iso.segment")
    assert told["cache-control"] == "public, max-age=86400, immutable"
    assert told["x-content-type-options"] == "nosniff"
    status, data, told = get(port, piece, Range="bytes=10-19")
    assert (status, data, told["content-range"]) == (206, bytes(range(10, 20)), "bytes 10-19/10240")
    assert get(port, piece, **{"If-None-Match": told["etag"]})[0] == 304
    assert get(port, piece, Range="bytes=99999-")[0] == 416

    playlist = storage.signed("videos/v_1/e1/240p/index.m3u8")
    status, data, told = get(port, playlist)
    assert (status, data, told["cache-control"]) == (200, b"#EXTM3U\n", "no-cache")
    assert told["content-type"].startswith("application/vnd.apple.mpegurl")
    assert get(port, storage.signed("videos/v_1/e1/poster.jpg"))[2]["content-type"] == "image/jpeg"
    assert get(port, storage.signed("logos/m_1.webp"))[:2] == (200, b"RIFF")

    # forged, expired, for another folder, outside of what may be seen: none of it is there
    _, _, _, until, signature, rest = piece.split("/", 5)
    for address in (
        f"/media/s/{until}/{signature[:-2]}xx/{rest}",
        f"/media/s/{int(until) + 86400}/{signature}/{rest}",
        f"/media/s/{until}/{signature}/videos/v_2/e1/poster.jpg",
        f"/media/s/{until}/{signature}/videos/v_1/../../uploads/u_1/source.mp4",
        f"/media/s/{until}/{signature}/videos/v_1/%2e%2e/%2e%2e/uploads/u_1/source.mp4",
        storage.signed("videos/v_1/e1/poster.jpg", now=clock.now() - timedelta(days=4)),
        storage.signed("uploads/u_1/source"),
        storage.signed("uploads/u_1/source.mp4"),
        storage.signed("videos/v_1/e1/missing.m4s"),
        "/media/s/",
        "/media/s/1/x/y",
    ):
        status, data, _told = get(port, address)
        assert (status, b"private" in data) == (404, False), address
    # what is not signed is the program's own, which is not running here
    assert get(port, "/media/videos/v_1/main.m3u8")[0] == 502

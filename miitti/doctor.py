"""What `miitti doctor` looks at: a line each, and whether it is right."""

import http.client
import os
import shutil
import smtplib
import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from miitti import processes
from miitti.foundation import confine, db, ffmpeg, health, settings

PATIENCE = 10.0
"""Seconds a server outside may take to answer."""


@dataclass(frozen=True)
class Finding:
    """What was found in one place."""

    place: str
    right: bool
    words: str


def examine(current: settings.Settings, *, host: str = "127.0.0.1", port: int = 8000) -> Iterator[Finding]:
    """Look at everything, one after the other. A check that breaks is a finding too."""
    checks: tuple[tuple[str, Callable[[], tuple[bool, str]]], ...] = (
        ("database", lambda: _database(current)),
        ("disk", lambda: _disk(current)),
        ("ffmpeg", lambda: _ffmpeg(current)),
        ("uploads", walls),
        ("mail", lambda: _mail(current)),
        ("ports", lambda: _ports(current, host, port)),
        ("stage", lambda: _stage(current, host, port)),
        ("keys", lambda: _keys(current)),
    )
    for place, check in checks:
        try:
            right, words = check()
        except Exception as error:
            right, words = False, " ".join(str(error).split())[:200] or type(error).__name__
        yield Finding(place, right, words)


def _database(current: settings.Settings) -> tuple[bool, str]:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    engine = db.make_engine(current)
    try:
        with engine.connect() as connection:
            connection = connection.execution_options(miitti_writing=True)
            connection.execute(sa.text("SELECT 1"))
            here = MigrationContext.configure(connection).get_current_revision()
            kind = connection.dialect.name
    finally:
        engine.dispose()
    if here is None:
        return True, f"{kind}, empty; `miitti migrate` or the first start fills it"
    if here != newest:
        return False, f"{kind}, at schema {here} instead of {newest}; run `miitti migrate`"
    return True, f"{kind}, schema {here}"


def _disk(current: settings.Settings) -> tuple[bool, str]:
    free = min(shutil.disk_usage(folder).free for folder in (current.data, current.media))
    return free >= health.DISK_LEAST, f"{free / 1e9:.1f} GB free"


def _ffmpeg(current: settings.Settings) -> tuple[bool, str]:
    program = ffmpeg.binary(current.ffmpeg)
    said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=PATIENCE, check=True)
    return True, " ".join(said.stdout.split()[:3])


def walls() -> tuple[bool, str]:
    """How far what reads a stranger's file is kept from the rest. The limits hold everywhere, so none is an error."""
    if confine.can_wall():
        return True, "read without a network and apart from what is stored here (bubblewrap)"
    why = "bubblewrap is not installed" if shutil.which("bwrap") is None else "the kernel does not let bubblewrap work"
    network = "without a network, " if confine.can_close_network() else ""
    return True, f"read {network}with limits of memory and time; {why}"


def _mail(current: settings.Settings) -> tuple[bool, str]:
    if current.smtp_url is None:
        return False, "no server is set (MIITTI_SMTP_URL); letters wait"
    parts = urlsplit(current.smtp_url)
    host, port = parts.hostname or "", parts.port or (465 if parts.scheme == "smtps" else 25)
    try:
        server = (
            smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=ssl.create_default_context())
            if parts.scheme == "smtps"
            else smtplib.SMTP(host, port, timeout=PATIENCE)
        )
        with server:
            code, _words = server.ehlo()
    except (OSError, smtplib.SMTPException) as error:
        return False, f"{host}:{port} does not answer ({error})"
    return 200 <= code < 300, f"{host}:{port} answers"


def _ports(current: settings.Settings, host: str, port: int) -> tuple[bool, str]:
    try:
        processes.need_port(host, port)
    except processes.PortBusy:
        if _answers(host, port, processes.host_header(current.base_url)):
            return True, f"Miitti answers on {port}"
        return False, f"another program holds {port}"
    return True, f"{port} is free"


def _answers(host: str, port: int, name: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stage(current: settings.Settings, host: str, port: int) -> tuple[bool, str]:
    """Live streams need two ports. A usual one that is busy gives way to the next at the start, so it is only told."""
    there, rtmp = current.stage_port or port + 1, current.rtmp_port
    busy = [number for number in (there, rtmp) if _busy(host, number)]
    if there in busy and _answers(host, there, f"{host}:{there}"):
        return True, f"the stage answers on {there}"
    if current.stage_port in busy:
        return False, f"another program holds {current.stage_port}; choose another MIITTI_STAGE_PORT"
    if busy:
        return True, f"another program holds {' and '.join(map(str, busy))}; the start takes the next free one"
    return True, f"{there} and {rtmp} (RTMP) are free"


def _busy(host: str, port: int) -> bool:
    try:
        processes.need_port(host, port)
    except processes.PortBusy:
        return True
    return False


def _keys(current: settings.Settings) -> tuple[bool, str]:
    path = current.data / "secret_key"
    if not path.exists():
        return True, "the secret key comes from MIITTI_SECRET_KEY"
    if path.stat().st_mode & 0o077:
        return False, f"others on this machine can read {path}; run `chmod 600 {path}`"
    if path.stat().st_uid != os.geteuid():
        return False, f"{path} belongs to somebody else"
    return True, f"kept in {path}"

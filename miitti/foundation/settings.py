"""Settings from the environment: typed, and refused with one clear line when wrong."""

import contextlib
import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from flask import current_app

ROOT = Path(__file__).resolve().parents[2]
"""The checkout: templates, static files and wsgi.py lie here."""

ASYNC_MODES = ("eventlet", "gevent")


class SettingError(Exception):
    """A setting has a value that can't be used; the text names it and says what is expected."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an installation can decide. Each field's name in the environment is MIITTI_<FIELD>."""

    data: Path
    """Folder of the database and the keys."""
    media: Path
    """Folder of uploads, renditions and recordings."""
    base_url: str
    """Public address without a trailing slash; links in letters begin with it."""
    secret_key: str
    """Signs cookies and media paths; made and kept in `data` when it is not given."""
    database_url: str
    redis_url: str | None
    smtp_url: str | None
    """`smtp://user:pass@host:port` or `smtps://`; without it letters wait."""
    mail_from: str
    operator: str
    """Who runs the installation, as the statements name it; empty when each event's hosts answer alone."""
    contact: str | None
    """Where feedback goes when an event's hosts have given no address; without it `mail_from`."""
    s3_url: str | None
    async_mode: str
    ffmpeg: str | None
    """Path of an FFmpeg binary; without it the one that comes with the Python packages."""
    rtmp_port: int
    srt_port: int | None
    stage_port: int | None
    stage_url: str | None
    speech_model: str | None
    """Folder of a model for faster-whisper; with it drafts of captions are written here."""
    speech_program: str | None
    """A program that writes captions of a WAV file, instead of faster-whisper (`foundation/speech.py`)."""
    metrics_token: str | None
    trusted_proxies: int
    """How many reverse proxies in front may be believed about X-Forwarded-*."""
    leads_days: int
    """Days after its delivery until what an applicant typed is erased here."""
    employer_months: int
    """Months an employer may keep the details it got; so long they stay here, too, when the applicant chose it."""
    reminders_days: int
    """Days after an event's end until the addresses for its reminders are erased."""
    identities_days: int
    """Days after an event's end until nothing tells any more who asked what."""
    webhook_networks: tuple[str, ...]
    """Networks ("10.1.0.0/16") that webhooks may go to though they aren't public: a receiver on the same premises."""

    @property
    def stage_origin(self) -> str:
        """The public address of the stage without a trailing slash: the one set, else our host at the stage's port."""
        if self.stage_url is not None:
            return self.stage_url
        parts = urlsplit(self.base_url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        port = self.stage_port or (parts.port or (443 if self.secure else 80)) + 1
        return f"{parts.scheme}://{host}:{port}"

    @property
    def secure(self) -> bool:
        """Whether people reach us by https, so that cookies may demand it."""
        return self.base_url.startswith("https://")


NAMES = tuple(f"MIITTI_{field.upper()}" for field in Settings.__dataclass_fields__)
"""Every setting's name; the docs are checked against it."""


def load(environ: Mapping[str, str] | None = None, *, listening: str = "http://127.0.0.1:8000") -> Settings:
    """Read the settings from `environ` (the process's own and `.env` when None).

    `listening` is the address the web server will have; it is the public address when none is set.
    Raises SettingError naming the first wrong value.
    """
    if environ is None:
        environ = {**{k: v for k, v in dotenv_values(".env").items() if v is not None}, **os.environ}
    known = set(NAMES) | {"MIITTI_HOST", "MIITTI_PORT", "MIITTI_LIFELINE", "MIITTI_DEMO"}
    for name in environ:
        if name.startswith("MIITTI_") and name not in known:
            raise SettingError(f"{name} is not a setting of Miitti; the README lists them")

    def text(name: str, default: str | None = None) -> str | None:
        return environ.get(name, "").strip() or default

    data = _folder("MIITTI_DATA", text("MIITTI_DATA", "instance") or "instance")
    media = _folder("MIITTI_MEDIA", text("MIITTI_MEDIA", "media") or "media")
    if text("MIITTI_S3_URL"):
        raise SettingError("MIITTI_S3_URL: storing media in S3 is not supported yet; leave it empty")
    return Settings(
        data=data,
        media=media,
        base_url=_web("MIITTI_BASE_URL", text("MIITTI_BASE_URL", listening) or listening),
        secret_key=_secret(text("MIITTI_SECRET_KEY"), data),
        database_url=_database(text("MIITTI_DATABASE_URL"), data),
        redis_url=_scheme("MIITTI_REDIS_URL", text("MIITTI_REDIS_URL"), "redis", "rediss"),
        smtp_url=_scheme("MIITTI_SMTP_URL", text("MIITTI_SMTP_URL"), "smtp", "smtps"),
        mail_from=_mail("MIITTI_MAIL_FROM", text("MIITTI_MAIL_FROM", "miitti@localhost") or ""),
        operator=text("MIITTI_OPERATOR") or "",
        contact=_optional_mail("MIITTI_CONTACT", text("MIITTI_CONTACT")),
        s3_url=None,
        async_mode=_choice("MIITTI_ASYNC_MODE", text("MIITTI_ASYNC_MODE", "eventlet") or "", ASYNC_MODES),
        ffmpeg=_program("MIITTI_FFMPEG", text("MIITTI_FFMPEG")),
        rtmp_port=_port("MIITTI_RTMP_PORT", text("MIITTI_RTMP_PORT", "1935")) or 1935,
        srt_port=_port("MIITTI_SRT_PORT", text("MIITTI_SRT_PORT")),
        stage_port=_port("MIITTI_STAGE_PORT", text("MIITTI_STAGE_PORT")),
        stage_url=_optional_web("MIITTI_STAGE_URL", text("MIITTI_STAGE_URL")),
        speech_model=_model("MIITTI_SPEECH_MODEL", text("MIITTI_SPEECH_MODEL")),
        speech_program=_program("MIITTI_SPEECH_PROGRAM", text("MIITTI_SPEECH_PROGRAM")),
        metrics_token=text("MIITTI_METRICS_TOKEN"),
        trusted_proxies=_count("MIITTI_TRUSTED_PROXIES", text("MIITTI_TRUSTED_PROXIES", "0") or "0"),
        leads_days=_span("MIITTI_LEADS_DAYS", text("MIITTI_LEADS_DAYS", "90") or "", "days"),
        employer_months=_span("MIITTI_EMPLOYER_MONTHS", text("MIITTI_EMPLOYER_MONTHS", "12") or "", "months"),
        reminders_days=_span("MIITTI_REMINDERS_DAYS", text("MIITTI_REMINDERS_DAYS", "1") or "", "days"),
        identities_days=_span("MIITTI_IDENTITIES_DAYS", text("MIITTI_IDENTITIES_DAYS", "30") or "", "days"),
        webhook_networks=_networks("MIITTI_WEBHOOK_NETWORKS", text("MIITTI_WEBHOOK_NETWORKS")),
    )


def current() -> Settings:
    """The settings of the running application."""
    settings: Settings = current_app.config["MIITTI"]
    return settings


def _folder(name: str, value: str) -> Path:
    path = Path(value).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise SettingError(f"{name}: {value} is a file; a folder is needed")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{name}: the folder {value} can't be made ({error.strerror})") from None
    if not os.access(path, os.W_OK):
        raise SettingError(f"{name}: the folder {value} can't be written to")
    return path


def _secret(value: str | None, data: Path) -> str:
    if value is not None:
        if len(value) < 16:
            raise SettingError("MIITTI_SECRET_KEY: at least 16 characters are needed")
        return value
    path = data / "secret_key"
    if path.exists():
        return _kept_secret(path)
    # written beside and linked into place: of two processes starting at once one key wins, and it appears whole
    beside = data / f"secret_key.{os.getpid()}.{secrets.token_hex(4)}"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(beside, path)
    finally:
        beside.unlink()
    return _kept_secret(path)


def _kept_secret(path: Path) -> str:
    kept = path.read_text().strip()
    if len(kept) < 16:
        raise SettingError(f"MIITTI_SECRET_KEY: the key kept in {path} is damaged; remove the file to make a new one")
    return kept


def _database(value: str | None, data: Path) -> str:
    if value is None:
        return f"sqlite:///{data / 'miitti.sqlite3'}"
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingError("MIITTI_DATABASE_URL: expected sqlite:///... or postgresql+psycopg://...")
    return value


def _web(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingError(f"{name}: {value} is not an address like https://miitti.example.fi")
    return value.rstrip("/")


def _optional_web(name: str, value: str | None) -> str | None:
    return None if value is None else _web(name, value)


def _scheme(name: str, value: str | None, *schemes: str) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        usable = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise SettingError(f"{name}: expected an address like {schemes[0]}://host:port")
    return value


def _mail(name: str, value: str) -> str:
    if "@" not in value or any(c in value for c in "\r\n"):
        raise SettingError(f"{name}: {value!r} is not an e-mail address")
    return value


def _optional_mail(name: str, value: str | None) -> str | None:
    return None if value is None else _mail(name, value)


def _choice(name: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise SettingError(f"{name}: {value} is not one of {', '.join(choices)}")
    return value


def _program(name: str, value: str | None) -> str | None:
    if value is not None and not (Path(value).is_file() and os.access(value, os.X_OK)):
        raise SettingError(f"{name}: {value} is not a program that can be run")
    return value


def _model(name: str, value: str | None) -> str | None:
    if value is not None and not (Path(value) / "model.bin").is_file():
        raise SettingError(f"{name}: {value} is not the folder of a faster-whisper model (there is no model.bin in it)")
    return str(Path(value).absolute()) if value else None


def _port(name: str, value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        raise SettingError(f"{name}: {value} is not a port between 1 and 65535")
    return int(value)


def _count(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and int(value) < 10):
        raise SettingError(f"{name}: {value} is not a number of proxies between 0 and 9")
    return int(value)


def _span(name: str, value: str, unit: str) -> int:
    if not (value.isascii() and value.isdigit() and 0 < int(value) <= 1200):
        raise SettingError(f"{name}: {value} is not a number of {unit} between 1 and 1200")
    return int(value)


def _networks(name: str, value: str | None) -> tuple[str, ...]:
    wanted = (value or "").replace(",", " ").split()
    for network in wanted:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise SettingError(f"{name}: {network} is not a network like 10.1.0.0/16") from None
    return tuple(wanted)

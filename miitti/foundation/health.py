"""Whether the service is alive and able to do its work, for people and for machines."""

import ipaddress
import logging
import os
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request
from sqlalchemy import String, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import access, clock, db, errors, jobs, settings, storage
from miitti.foundation.access import Role

log = logging.getLogger(__name__)

WORKER_SILENT = timedelta(seconds=30)
"""A worker that has said nothing for so long is taken for dead; it says something every 5 s."""
STAGE_SILENT = timedelta(seconds=30)
"""A stage that was there and has said nothing for so long is taken for dead; it says something every 3 s."""
LETTER_LATE = timedelta(minutes=10)
DISK_LEAST = 500 * 1024 * 1024
"""With less room than this, in bytes, an upload may fail."""

blueprint = Blueprint("health", __name__)


class Heartbeat(db.Base):
    """When a kind of process was last able to write."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[db.UtcTime]


@db.writing
def beat(name: str) -> None:
    """Say that a process of this kind is alive."""
    if not db.insert_or_skip(Heartbeat.__table__, {"name": name, "at": clock.now()}):  # type: ignore[arg-type]
        db.row(Heartbeat, name).at = clock.now()


@db.writing
def leave(name: str) -> None:
    """Say that a process of this kind ends because it was told to: nobody need look for it."""
    found = db.session().get(Heartbeat, name)
    if found is not None:
        db.session().delete(found)


def report() -> dict[str, Any]:
    """What is right and what isn't; `ok` sums it up. Raises nothing: a broken database is an answer too."""
    checks: dict[str, Any] = {}
    try:
        beat("web")
        checks["database"] = {"ok": True}
        checks["worker"] = _worker()
        checks["stage"] = _stage()
        checks["letters"] = _letters()
    except (SQLAlchemyError, errors.Problem):
        log.exception("readiness: the database can't be written")
        checks["database"] = {"ok": False}
    free = storage.free_bytes()
    checks["disk"] = {"ok": free >= DISK_LEAST, "free_bytes": free}
    return {"ok": all(check["ok"] for check in checks.values()), "checks": checks}


def _silent_s(name: str) -> float | None:
    at = db.session().scalar(select(Heartbeat.at).where(Heartbeat.name == name))
    return None if at is None else (clock.now() - at).total_seconds()


def _worker() -> dict[str, Any]:
    silent = _silent_s("worker")
    return {"ok": silent is not None and silent < WORKER_SILENT.total_seconds(), "silent_s": silent}


def _stage() -> dict[str, Any]:
    """An installation without live shows runs no stage, so only one that fell silent is wrong."""
    silent = _silent_s("stage")
    return {"ok": silent is None or silent < STAGE_SILENT.total_seconds(), "silent_s": silent}


def _letters() -> dict[str, Any]:
    oldest = jobs.oldest_waiting("mail")
    waiting = 0.0 if oldest is None else (clock.now() - oldest).total_seconds()
    return {"ok": waiting < LETTER_LATE.total_seconds(), "oldest_waiting_s": waiting}


@blueprint.get("/healthz")
@access.allow(Role.VISITOR)
def alive() -> Response:
    """The process answers."""
    return jsonify(ok=True)


@blueprint.get("/readyz")
@access.allow(Role.VISITOR)
def ready() -> tuple[Response, int]:
    """The service can do its work; 503 with the reasons when it can't."""
    said = report()
    return jsonify(said), 200 if said["ok"] else 503


@blueprint.get("/metrics")
@access.allow(Role.VISITOR)
def metrics() -> Response:
    """Numbers in Prometheus' text format, for loopback without a proxy in between or with the token."""
    if not _may_measure():
        raise errors.NotFound
    said = report()
    lines = [f"miitti_up {int(said['ok'])}"]
    lines += [f'miitti_check_ok{{check="{name}"}} {int(check["ok"])}' for name, check in said["checks"].items()]
    lines.append(f"miitti_disk_free_bytes {said['checks']['disk']['free_bytes']}")
    if "letters" in said["checks"]:
        lines.append(f"miitti_letters_oldest_waiting_seconds {said['checks']['letters']['oldest_waiting_s']:.1f}")
        lines += [
            f'miitti_jobs{{kind="{kind}",state="{state}"}} {number}' for (kind, state), number in jobs.counts().items()
        ]
    lines.append(f'miitti_process_info{{pid="{os.getpid()}"}} 1')
    return Response("\n".join(lines) + "\n", mimetype="text/plain; version=0.0.4")


def _may_measure() -> bool:
    token = settings.current().metrics_token
    if token and request.headers.get("Authorization") == f"Bearer {token}":
        return True
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"))
    try:
        near = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        near = False
    return near and not forwarded


def plug(app: Flask) -> None:
    """Give the application its health addresses."""
    app.register_blueprint(blueprint)

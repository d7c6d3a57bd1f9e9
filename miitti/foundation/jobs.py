"""The job queue, in the database: enqueued in the transaction that makes the job necessary.

A worker takes a job for the length of a lease and renews it while it works. A worker that dies loses its lease
and the job runs again elsewhere; so every handler is idempotent.
"""

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import Flask
from sqlalchemy import String, Text, cast, delete, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import clock, db, ids
from miitti.foundation.bell import Bell
from miitti.foundation.journal import RowId
from miitti.foundation.settings import Settings

log = logging.getLogger(__name__)

BACKOFF_S = (2, 10, 30, 120, 600, 1800)
GRACE_S = 5.0
"""How long a worker that was told to stop may go on with what it has in hand."""
THREADS = {"mail": 4, "hooks": 2}
"""Threads of a lane that has more than one: a slow mail server of one employer holds nobody else's letter."""
KEEP_DONE = timedelta(days=7)
"""A finished job's key is remembered this long, so that enqueueing it again stays without effect."""


class State(StrEnum):
    """What became of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(db.Base):
    """Something to be done outside the web process."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    lane: Mapped[str] = mapped_column(String(20), index=True)
    args: Mapped[db.Json]
    state: Mapped[str] = mapped_column(String(10), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[db.UtcTime] = mapped_column(index=True)
    lease_until: Mapped[db.UtcTime | None]
    lease: Mapped[str | None] = mapped_column(String(32))
    error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[db.UtcTime]
    finished_at: Mapped[db.UtcTime | None]


class Retry(Exception):
    """Run the job again after `seconds`; `why` is kept for the organiser."""

    def __init__(self, seconds: float, why: str) -> None:
        super().__init__(why)
        self.seconds = seconds


class Final(Exception):
    """The job can never succeed; the text says why."""


@dataclass(slots=True)
class Work:
    """What a handler is given."""

    id: int
    kind: str
    key: str
    args: dict[str, Any]
    attempt: int
    lost: threading.Event = field(default_factory=threading.Event)
    """Set when the lease was lost: somebody else does the job now, stop."""
    lease: str = ""
    """Names this try: only who still holds the lease may settle the job."""
    settled: bool = False
    """Whether the handler has settled it itself, see `finish`."""


Handler = Callable[[Work], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """How jobs of one kind are done."""

    name: str
    run: Handler
    lane: str
    lease_s: float
    attempts: int


KINDS: dict[str, Kind] = {}

_claiming = threading.Lock()

_held: dict[int, Work] = {}
"""The leases this process holds, to be given back when it must end."""


def handler(name: str, *, lane: str = "other", lease: float = 60, attempts: int = 20) -> Callable[[Handler], Handler]:
    """Declare how jobs called `name` are done. `lease` is in seconds; `attempts` before it counts as failed.

    Raises ValueError when another handler has the name: one of the two would never be called.
    """

    def declare(fn: Handler) -> Handler:
        known = KINDS.get(name)
        if known is not None and (known.run.__module__, known.run.__qualname__) != (fn.__module__, fn.__qualname__):
            raise ValueError(f"a job called {name} is done by {known.run.__module__} already")
        KINDS[name] = Kind(name, fn, lane, lease, attempts)
        return fn

    return declare


def enqueue(kind: str, *, key: str, args: dict[str, Any] | None = None, run_after: datetime | None = None) -> bool:
    """Add a job inside the surrounding action. The same key twice is one job; says whether it is new."""
    if not db.session().info.get("writing"):
        raise RuntimeError("jobs are enqueued inside an action")
    now = clock.now()
    db.session().flush()
    return db.insert_or_skip(
        Job.__table__,  # type: ignore[arg-type]
        {
            "kind": kind,
            "key": key,
            "lane": KINDS[kind].lane,
            "args": args or {},
            "state": State.WAITING,
            "attempts": 0,
            "run_after": run_after or now,
            "created_at": now,
        },
    )


def forget_about(address: str) -> None:
    """Delete the jobs whose arguments name an address, done or not; one that runs just now ends with its own lease.

    Called inside an action, when the one behind the address is erased.
    """
    needle = json.dumps(address)
    named = cast(Job.args, Text).contains(needle, autoescape=True)
    db.session().execute(delete(Job).where(named, Job.state != State.RUNNING))


NIGHTLY: dict[str, int] = {}


def nightly(name: str, *, hour: int) -> None:
    """Have the job called `name` (declared with `handler`) enqueued for every night or day at `hour` in Helsinki."""
    NIGHTLY[name] = hour


@db.writing
def plan() -> None:
    """Enqueue what comes round each day, the next time of each; doing it again changes nothing."""
    here = clock.now().astimezone(clock.HELSINKI)
    for name, hour in NIGHTLY.items():
        at = here.replace(hour=hour, minute=0, second=0, microsecond=0)
        if at <= here:
            at += timedelta(days=1)
        enqueue(name, key=f"{name}:{at:%Y-%m-%d}", run_after=at.astimezone(UTC))


def hasten(key: str) -> None:
    """Make a waiting job due now, inside the surrounding action; nothing happens when there is none."""
    db.session().execute(update(Job).where(Job.key == key, Job.state == State.WAITING).values(run_after=clock.now()))


def cancel(key: str) -> None:
    """Forget a waiting job inside the surrounding action."""
    db.session().execute(delete(Job).where(Job.key == key, Job.state == State.WAITING))


def standing(begins: str) -> State | None:
    """What became of the newest job whose key begins so; None when there was none, or long ago."""
    found = db.session().scalar(
        select(Job.state).where(Job.key.startswith(begins, autoescape=True)).order_by(Job.id.desc()).limit(1)
    )
    return None if found is None else State(found)


def failed() -> list[Job]:
    """Jobs that gave up, newest first: the organiser should see them."""
    return list(db.session().scalars(select(Job).where(Job.state == State.FAILED).order_by(Job.id.desc()).limit(100)))


def given_up(kind: str, *, since: datetime | None = None) -> list[Job]:
    """The failed jobs of one kind, oldest first; `since`: those that failed after it."""
    chosen = select(Job).where(Job.kind == kind, Job.state == State.FAILED)
    if since is not None:
        chosen = chosen.where(Job.finished_at > since)
    return list(db.session().scalars(chosen.order_by(Job.id)))


@db.writing
def again(job_id: int) -> None:
    """Give a failed job another chance. Raises NotFound."""
    job = db.row(Job, job_id)
    if job.state == State.FAILED:
        job.state, job.attempts, job.run_after, job.error = State.WAITING, 0, clock.now(), None


def oldest_waiting(lane: str) -> datetime | None:
    """Since when the longest-waiting due job of the lane has been waiting."""
    return db.session().scalar(
        select(func.min(Job.created_at)).where(
            Job.lane == lane, Job.state.in_([State.WAITING, State.RUNNING]), Job.run_after <= clock.now()
        )
    )


def counts() -> dict[tuple[str, str], int]:
    """How many jobs there are by kind and state."""
    rows = db.session().execute(select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state))
    return {(kind, state): number for kind, state, number in rows}


def _due(now: datetime) -> Any:
    return or_(
        (Job.state == State.WAITING) & (Job.run_after <= now),
        (Job.state == State.RUNNING) & (Job.lease_until < now),
    )


@db.writing
def _claim(lanes: Sequence[str]) -> Work | None:
    now = clock.now()
    job = db.session().scalar(
        select(Job)
        .where(Job.lane.in_(lanes), Job.kind.in_(list(KINDS)), _due(now))
        .order_by(Job.run_after, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if job is None:
        return None
    job.state, job.attempts, job.lease = State.RUNNING, job.attempts + 1, ids.new()
    job.lease_until = now + timedelta(seconds=KINDS[job.kind].lease_s)
    return Work(job.id, job.kind, job.key, dict(job.args), job.attempts, lease=job.lease)


def _is_due(lanes: Sequence[str]) -> bool:
    """A cheap read before the exclusive claim, so that idle workers take no write lock."""
    return db.session().scalar(select(Job.id).where(Job.lane.in_(lanes), _due(clock.now())).limit(1)) is not None


@db.writing
def _renew(work: Work) -> bool:
    until = clock.now() + timedelta(seconds=KINDS[work.kind].lease_s)
    result = db.session().execute(
        update(Job)
        .where(Job.id == work.id, Job.lease == work.lease, Job.state == State.RUNNING)
        .values(lease_until=until)
    )
    return bool(getattr(result, "rowcount", 0))


def finish(work: Work) -> None:
    """Mark the job as done inside the surrounding action, which holds what it has done: both or neither.

    A handler need not call it; one that ends by writing saves a transaction, and a crash in between can't part the two.
    """

    def note() -> None:
        work.settled = True

    db.after_commit(note)
    _settle(work, state=State.DONE, error=None, finished_at=clock.now())


@db.writing
def _settle(work: Work, **values: Any) -> None:
    db.session().execute(
        update(Job)
        .where(Job.id == work.id, Job.lease == work.lease, Job.state == State.RUNNING)
        .values(lease=None, lease_until=None, **values)
    )


def _later(work: Work, seconds: float, why: str) -> None:
    if work.attempt >= KINDS[work.kind].attempts:
        _settle(work, state=State.FAILED, error=why[:500], finished_at=clock.now())
        return
    wait = seconds * random.uniform(0.8, 1.2)  # noqa: S311 - spreading, not secrecy
    _settle(work, state=State.WAITING, error=why[:500], run_after=clock.now() + timedelta(seconds=wait))


def _run(app: Flask, work: Work) -> None:
    """Do one job, with its lease renewed beside it by a thread of its own."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(KINDS[work.kind].lease_s / 3):
            with app.app_context():
                try:
                    if not _renew(work):
                        work.lost.set()
                        return
                except Exception:
                    log.exception("a lease could not be renewed", extra={"kind": work.kind})

    renewer = threading.Thread(target=renew, name=f"lease-{work.id}", daemon=True)
    renewer.start()
    _held[work.id] = work
    try:
        with app.app_context():
            try:
                KINDS[work.kind].run(work)
            finally:
                db.session().rollback()
        if not work.settled:
            with app.app_context():
                _settle(work, state=State.DONE, error=None, finished_at=clock.now())
    except Final as error:
        log.warning("job failed for good", extra={"kind": work.kind, "job": work.id})
        with app.app_context():
            _settle(work, state=State.FAILED, error=str(error)[:500], finished_at=clock.now())
    except Retry as error:
        with app.app_context():
            _later(work, error.seconds, str(error))
    except Exception as error:
        log.exception("job broke", extra={"kind": work.kind, "job": work.id})
        with app.app_context():
            # the exception's class only: its text may hold what a person typed
            _later(work, BACKOFF_S[min(work.attempt, len(BACKOFF_S)) - 1], type(error).__name__)
    finally:
        done.set()
        renewer.join()
        _held.pop(work.id, None)


def run_one(app: Flask, lanes: Sequence[str]) -> bool:
    """Take one due job of the lanes and do it; says whether there was one."""
    # one thread of this process at a time: all wake at the same commit, and the write lock is the web's, too
    with _claiming, app.app_context():
        claimed = _claim(lanes) if _is_due(lanes) else None
    if claimed is None:
        return False
    _run(app, claimed)
    return True


def lanes() -> list[str]:
    """Every lane some kind of job uses."""
    return sorted({kind.lane for kind in KINDS.values()})


def run_until_idle(app: Flask, only: Sequence[str] | None = None) -> int:
    """Do every job that is due, here and now; gives how many were done."""
    number = 0
    while run_one(app, only or lanes()):
        number += 1
    return number


def work(app: Flask, settings: Settings, stop: threading.Event) -> None:
    """Be a worker until `stop`: a thread a lane or more (THREADS), so that no letter waits behind a film.

    What is not finished GRACE_S after `stop` goes back to the queue; the process should then end at once.
    """

    def attend(lane: str) -> None:
        with Bell(settings) as bell:
            while not stop.is_set():
                try:
                    if not run_one(app, [lane]):
                        bell.wait(0.5)
                except SQLAlchemyError:
                    log.exception("the queue could not be read")
                    time.sleep(1)

    threads = [
        threading.Thread(target=attend, args=(lane,), name=f"lane-{lane}-{number}", daemon=True)
        for lane in lanes()
        for number in range(THREADS.get(lane, 1))
    ]
    for thread in threads:
        thread.start()
    stop.wait()
    until = time.monotonic() + GRACE_S
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    for held in list(_held.values()):
        held.lost.set()
        with app.app_context():
            _settle(held, state=State.WAITING, run_after=clock.now())


@db.writing
def prune() -> None:
    """Forget jobs that were done long ago."""
    db.session().execute(delete(Job).where(Job.state == State.DONE, Job.finished_at < clock.now() - KEEP_DONE))

"""The worker process: does queued work until it is told to stop.

Plain, never monkey-patched; any number of them may run beside each other.
"""

import logging
import os
import signal
import threading
import time
from types import FrameType
from typing import NoReturn

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from miitti import app as application
from miitti.foundation import errors, health, jobs, journal, lifeline, restored, settings

log = logging.getLogger(__name__)

GRACE = 9.0
"""Seconds from being told to stop to the end, whatever still runs: leases make it safe; 10 s are promised."""

BEAT = 5.0
"""Seconds between two signs of life; readiness takes a worker for dead after several are missed."""

TIDY = 3600.0
"""Seconds between two rounds of forgetting what is done."""


def run(current: settings.Settings) -> NoReturn:
    """Work until SIGTERM or SIGINT, then end this process with exit code 0."""
    lifeline.watch()
    stop = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        # A signal may break into the very code that holds the event's lock: set it from elsewhere.
        threading.Thread(target=stop.set, daemon=True).start()
        end = threading.Timer(GRACE, os._exit, (0,))
        end.daemon = True
        end.start()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    app = application.create_app(current)
    keeper = threading.Thread(target=_keep, args=(app, stop), name="keeper", daemon=True)
    keeper.start()
    restored.watch(app)
    jobs.work(app, current, stop)
    keeper.join(1)
    # Whatever did not finish is back in the queue, but its thread still runs: end without waiting for it.
    logging.shutdown()
    os._exit(0)


def _keep(app: Flask, stop: threading.Event) -> None:
    """Give signs of life and forget what is done, beside the work."""
    tidied = -TIDY
    while True:
        try:
            with app.app_context():
                health.beat("worker")
                if time.monotonic() - tidied >= TIDY:
                    tidied = time.monotonic()
                    jobs.plan()
                    jobs.prune()
                    journal.prune()
        except (SQLAlchemyError, errors.Problem):
            log.exception("the worker could not give a sign of life")
        if stop.wait(BEAT):
            return

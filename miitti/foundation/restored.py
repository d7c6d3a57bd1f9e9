"""A running process ends when the database under it was put back from a backup.

What it holds in memory (snapshots, positions in the journal, who is signed in) belongs to rows that are no more. It
ends as if told to, with requests finished and sockets told to come back; the supervisor starts it again at once.
"""

import logging
import os
import signal
import threading
import time

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from miitti.foundation import journal

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks; each reads one row by its key."""


def watch(app: Flask) -> None:
    """Begin to watch, in a thread that is green where threads are."""
    with app.app_context():
        known = journal.head(journal.INSTALLATION).epoch or journal.opened(journal.INSTALLATION).epoch
    threading.Thread(target=_watch, args=(app, known), name="restored", daemon=True).start()


def _watch(app: Flask, known: str) -> None:
    while True:
        time.sleep(EVERY)
        try:
            with app.app_context():
                now = journal.head(journal.INSTALLATION).epoch
        except SQLAlchemyError:
            continue
        # none at all: between the database's coming back and its streams' beginning anew
        if now not in ("", known):
            log.warning("the database was put back from a backup; ending to start again")
            os.kill(os.getpid(), signal.SIGTERM)
            return

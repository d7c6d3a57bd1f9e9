"""The worker process: does queued work until it is told to stop.

Plain, never monkey-patched; any number of them may run beside each other.
"""

import os
import signal
import threading
from types import FrameType

from miitti import app as application
from miitti.foundation import jobs, lifeline, settings

GRACE = 9.0
"""Seconds from being told to stop to the end, whatever still runs: leases make it safe; 10 s are promised."""


def run(current: settings.Settings) -> int:
    """Work until SIGTERM or SIGINT; gives the exit code 0."""
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
    jobs.work(app, current, stop)
    return 0

"""A child process ends when the supervisor is gone, however it went.

The supervisor keeps the writing end of a pipe open and every child holds the reading end, whose number
stands in MIITTI_LIFELINE. A killed supervisor writes nothing and says nothing, but its end of the pipe
closes; the child's read then returns and the child ends as if asked to by SIGTERM.

The web process must call `watch` before it is monkey-patched: the watcher is a bare thread of the operating
system that holds the unpatched functions, and so needs no green hub.
"""

import _thread
import os
import signal
from time import sleep as _sleep

NAME = "MIITTI_LIFELINE"
"""The environment variable with the number of the pipe's reading end."""

GRACE = 9.0
"""Seconds a child has to finish after the supervisor is gone, before it is ended without asking."""

# Bound here, at import, so that a later monkey-patch of the modules doesn't reach the watcher.
_read, _exit, _pthread_kill, _get_ident = os.read, os._exit, signal.pthread_kill, _thread.get_ident
_start = _thread.start_new_thread


def watch() -> bool:
    """Begin to watch, from the main thread; gives whether there is a supervisor to watch at all."""
    number = os.environ.get(NAME, "")
    if not number.isdigit():
        return False
    # Whatever this process starts (ffmpeg, say) has nothing to do with the supervisor.
    os.set_inheritable(int(number), False)
    _start(_wait, (int(number), _get_ident()))
    return True


def _wait(number: int, main: int) -> None:
    try:
        while _read(number, 1):
            pass
    except OSError:
        # Not an open file: somebody set the variable by hand. There is nothing to watch then.
        return
    # To the main thread itself, so that its waiting in the kernel is broken off.
    _pthread_kill(main, signal.SIGTERM)
    _sleep(GRACE)
    _exit(0)

"""Work made aside, in a process patched for each green library as the web process is."""

import subprocess
import sys

import pytest

from miitti.foundation import realtime

#: Blocks a real thread in the kernel until another green thread writes, which only happens while the hub goes on.
SCRIPT = """
import os, sys
mode = sys.argv[1]
if mode == "eventlet":
    import eventlet
    eventlet.monkey_patch()
    import eventlet.patcher
    spawn = eventlet.spawn
else:
    from gevent import monkey
    monkey.patch_all()
    import gevent
    spawn = gevent.spawn
from miitti.foundation import realtime
assert realtime.mode() == mode, realtime.mode()

import signal
from _thread import get_native_id
signal.alarm(20)  # a hub that stands still would wait for ever

here, there = os.pipe()
# the plain calls of the operating system, which would block everybody
plain_read = os.read if mode == "gevent" else eventlet.patcher.original("os").read

def waits(length, *, name):
    return plain_read(here, length).decode(), name, get_native_id()

def writes():
    os.write(there, b"seen")

spawn(writes)
said, name, thread = realtime.aside(waits, 4, name="by name")
assert (said, name) == ("seen", "by name"), (said, name)
assert thread != get_native_id(), "it ran on the hub's own thread"

def fails():
    raise OSError(28, "the disk is full")

try:
    realtime.aside(fails)
except OSError as error:
    print(error.errno, error.strerror)
"""


@pytest.mark.parametrize("mode", ["eventlet", "gevent"])
def test_others_go_on_meanwhile_and_what_comes_of_it_comes_back(mode: str) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, mode], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "28 the disk is full\n"


def test_where_nothing_is_green_it_is_simply_made() -> None:
    assert realtime.mode() == "threading"
    assert realtime.aside(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        realtime.aside(divmod, 7, 0)

"""Starts a child process inside limits: memory, processor time, file size, and death with its parent.

Run as a script it puts the limits on itself and then becomes the command, so nothing of ours runs between `fork`
and `exec` of a process that has threads (Python's `preexec_fn` can deadlock there).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from dataclasses import dataclass

#: `prctl` option of Linux: the signal this process gets when the thread that started it ends.
PR_SET_PDEATHSIG = 1

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What a child may use. Every figure is per process; 0 leaves that one unlimited."""

    #: Address space in bytes. Threads reserve far more than they touch, so this is above the memory meant.
    memory: int = 3072 * MIB
    #: Seconds of processor time, all threads together.
    cpu: int = 4 * 3600
    #: Size in bytes of the largest file it may write.
    file: int = 8192 * MIB
    #: Open files.
    files: int = 256


def command(limits: Limits, argv: list[str]) -> list[str]:
    """The argument list that runs `argv` inside `limits`. It must be started by the process that calls this."""
    numbers = [str(n) for n in (os.getpid(), limits.memory, limits.cpu, limits.file, limits.files)]
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), *numbers, "--", *argv]


def kill_group(pid: int) -> None:
    """Kills the process group led by `pid`, whole; one that is gone already is no error."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _limit(kind: int, value: int) -> None:
    if value <= 0:
        return
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def _become(argv: list[str]) -> None:
    """Puts the limits on this process and becomes the command after `--`."""
    parent, memory, cpu, file, files = (int(word) for word in argv[:5])
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # The parent may have died before the line above; then nobody would end us.
        if os.getppid() != parent:
            os._exit(125)
    _limit(resource.RLIMIT_CORE, 1)
    _limit(resource.RLIMIT_CPU, cpu)
    _limit(resource.RLIMIT_FSIZE, file)
    _limit(resource.RLIMIT_NOFILE, files)
    _limit(resource.RLIMIT_AS, memory)
    os.nice(5)
    try:
        os.execvp(argv[6], argv[6:])  # noqa: S606 - no shell is the point
    except OSError as error:
        os.write(2, f"{argv[6]}: {error.strerror}\n".encode())
        os._exit(127)


if __name__ == "__main__":
    _become(sys.argv[1:])

"""Starts a child process inside limits: memory, processor time, file size, and death with its parent.

Run as a script it puts the limits on itself and then becomes the command, so nothing of ours runs between `fork`
and `exec` of a process that has threads (Python's `preexec_fn` can deadlock there).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
from dataclasses import dataclass

#: `prctl` option of Linux: the signal this process gets when the thread that started it ends.
PR_SET_PDEATHSIG = 1
#: `unshare` options of Linux: users and network of its own.
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

MIB = 1024 * 1024

#: Argument of the script that only tries whether the network can be closed.
CHECK = "--can-close-network"


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
    #: Whether it may reach the network. Without it the child gets a network of its own with nothing in it, where the
    #: kernel lets us make one; whoever reads a stranger's file needs none.
    network: bool = True
    #: How far it stands back for others; what is watched live does not.
    nice: int = 5


def command(limits: Limits, argv: list[str]) -> list[str]:
    """The argument list that runs `argv` inside `limits`. It must be started by the process that calls this."""
    numbers = [str(int(n)) for n in (os.getpid(), *limits_of(limits))]
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), *numbers, "--", *argv]


def limits_of(limits: Limits) -> tuple[int, ...]:
    """The figures in the order the script takes them."""
    return (limits.memory, limits.cpu, limits.file, limits.files, limits.network, limits.nice)


def can_close_network() -> bool:
    """Whether this machine lets a child of ours have no network (Linux with unprivileged user namespaces)."""
    if sys.platform != "linux":
        return False
    argv = [sys.executable, "-I", "-S", os.path.abspath(__file__), CHECK]
    return subprocess.run(argv, check=False, stdin=subprocess.DEVNULL).returncode == 0


def _close_network() -> bool:
    """Moves this process into a network with no way out; False when the kernel does not let us."""
    closed: int = ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWNET)
    return closed == 0


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
    parent, memory, cpu, file, files, network, nice = (int(word) for word in argv[:7])
    if sys.platform == "linux":
        if not network:
            # Before the line below: new credentials make the kernel forget it.
            _close_network()
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # The parent may have died before the line above; then nobody would end us.
        if os.getppid() != parent:
            os._exit(125)
    _limit(resource.RLIMIT_CORE, 1)
    _limit(resource.RLIMIT_CPU, cpu)
    _limit(resource.RLIMIT_FSIZE, file)
    _limit(resource.RLIMIT_NOFILE, files)
    _limit(resource.RLIMIT_AS, memory)
    os.nice(nice)
    try:
        os.execvp(argv[8], argv[8:])  # noqa: S606 - no shell is the point
    except OSError as error:
        os.write(2, f"{argv[8]}: {error.strerror}\n".encode())
        os._exit(127)


if __name__ == "__main__":
    if sys.argv[1:] == [CHECK]:
        sys.exit(not _close_network())
    _become(sys.argv[1:])

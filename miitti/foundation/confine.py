"""Starts a child process inside limits: memory, processor time, file size, and death with its parent.

Whoever reads a stranger's file also gets a view of its own (`View`) where bubblewrap is installed and the kernel lets
it work: no network, no other processes, nothing to write on but what it shall make, and of all that is stored here
only the file it reads. Elsewhere the limits alone hold.

Run as a script it puts the limits on itself and then becomes the command, so nothing of ours runs between `fork`
and `exec` of a process that has threads (Python's `preexec_fn` can deadlock there).
"""

from __future__ import annotations

import ctypes
import functools
import os
import resource
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

#: `prctl` option of Linux: the signal this process gets when the thread that started it ends.
PR_SET_PDEATHSIG = 1
#: `unshare` options of Linux: users and network of its own.
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

MIB = 1024 * 1024
ROOT = Path(__file__).resolve().parents[2]

#: Bytes of a thread's stack: with the usual 8 MiB forty threads of FFmpeg alone would use a third of its memory up.
STACK = 1 * MIB

#: Argument of the script that only tries whether the network can be closed.
CHECK = "--can-close-network"


@dataclass(frozen=True)
class Limits:
    """What a child may use. Every figure is per process; 0 leaves that one unlimited."""

    #: Bytes of memory of its own, touched or not; the program's file and its libraries don't count (RLIMIT_DATA). With
    #: those a child stays below a GiB. Measured: 640 MiB touched for 4K in ten bits, 790 for 5K in ten bits and for 8K.
    memory: int = 950 * MIB
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


@dataclass(frozen=True)
class View:
    """What a child sees of that which is stored here; all else of it is hidden, and the programs are read-only."""

    reads: tuple[Path, ...] = ()
    #: Folders it may write into.
    writes: tuple[Path, ...] = ()
    #: Folders that are hidden, with everything in them that is neither read nor written.
    hidden: tuple[Path, ...] = ()


def command(limits: Limits, argv: list[str], view: View | None = None) -> list[str]:
    """The argument list that runs `argv` inside `limits`. It must be started by the process that calls this.

    With a `view` it sees no more than that, where this machine has bubblewrap.
    """
    walls = walled(view) if view is not None and can_wall() else []
    if walls:
        # bubblewrap closes the network itself, and can't once it is closed
        limits = replace(limits, network=True)
    numbers = [str(int(n)) for n in (os.getpid(), *limits_of(limits))]
    return [sys.executable, "-I", "-S", os.path.abspath(__file__), *numbers, "--", *walls, *argv]


def environment() -> dict[str, str]:
    """The environment of a child that reads a stranger's file: none of our settings, for some are secret."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}


def walled(view: View) -> list[str]:
    """How bubblewrap is called to show `view`. The programs may lie in /tmp or within a hidden folder."""
    words = [shutil.which("bwrap") or "bwrap", "--unshare-all", "--die-with-parent", "--cap-drop", "ALL"]
    words += ["--ro-bind", "/", "/", "--dev", "/dev"]
    # Sockets of databases and of other programs, which a closed network does not reach, and what processes say of
    # themselves. A /proc of its own would be refused in a service whose kernel settings are protected.
    for folder in ("/run", "/tmp", "/proc"):  # noqa: S108 - hidden, not used
        words += ["--tmpfs", folder]
    for path in (ROOT, sys.prefix, sys.base_prefix):
        words += ["--ro-bind", str(path), str(path)]
    for path in view.hidden:
        words += ["--tmpfs", str(path)]
    for path in view.reads:
        words += ["--ro-bind", str(path), str(path)]
    for path in view.writes:
        words += ["--bind", str(path), str(path)]
    return [*words, "--"]


@functools.cache
def can_wall() -> bool:
    """Whether bubblewrap is installed and may do its work here; in a container it often may not."""
    if sys.platform != "linux" or shutil.which("bwrap") is None:
        return False
    argv = [*walled(View()), sys.executable, "-I", "-S", "-c", "pass"]
    said = subprocess.run(argv, check=False, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20)
    return said.returncode == 0


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
    _limit(resource.RLIMIT_DATA, memory)
    _limit(resource.RLIMIT_STACK, STACK)
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

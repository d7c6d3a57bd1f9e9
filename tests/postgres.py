"""A throw-away PostgreSQL of the tests' own, from Debian's binaries, in a folder that goes with it."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

ACCOUNTS = ("postgres", "nobody")
"""Who may own a cluster when the tests run as root: initdb refuses root itself."""


def binaries() -> Path | None:
    """The folder of the newest installed server's programs, or None when there is none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(found, key=lambda path: int(path.parent.name), default=None)


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """Run a server that listens on a Unix socket only; gives the SQLAlchemy address of an empty database."""
    programs = binaries()
    assert programs is not None, "PostgreSQL's server is not installed (Debian: apt-get install postgresql)"
    folder = Path(tempfile.mkdtemp(prefix="miitti-postgres-"))
    owner = _owner()
    try:
        if owner is not None:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        rows = folder / "rows"
        _run(
            owner, programs / "initdb", "-D", rows, "-U", "miitti", "-A", "trust", "-E", "UTF8",
            "--locale", "C.UTF-8", "--no-sync",
        )  # fmt: skip
        # fsync off: this cluster is thrown away, and a test machine's disk is slow
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=50"
        _run(
            owner,
            programs / "pg_ctl",
            "-D",
            rows,
            "-w",
            "-t",
            "60",
            "-o",
            options,
            "-l",
            folder / "log",
            "start",
        )
        try:
            _run(owner, programs / "createdb", "-h", folder, "-U", "miitti", "miitti")
            yield f"postgresql+psycopg://miitti@/miitti?host={quote(str(folder), safe='')}"
        finally:
            _run(owner, programs / "pg_ctl", "-D", rows, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise AssertionError(f"none of the accounts {', '.join(ACCOUNTS)} exists")


def _run(owner: pwd.struct_passwd | None, *command: str | Path) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        stdin=subprocess.DEVNULL,
        # to a file, not a pipe: the server that pg_ctl leaves running would keep a pipe open
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        user=None if owner is None else owner.pw_uid,
        group=None if owner is None else owner.pw_gid,
        extra_groups=None if owner is None else [],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
    )
    assert done.returncode == 0, f"{Path(command[0]).name} failed with {done.returncode}"

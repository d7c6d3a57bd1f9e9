"""Pictures and papers drawn by the program: made once for each content, outside the web process, and kept.

Drawing takes a second of a processor, which a web process that holds thousands of sockets does not have. So a child
(`python -m miitti.foundation.prints MODULE FILE`) gets plain values as JSON, has `MODULE.draw(values)` make the bytes,
and ends. The file's name is the digest of what it shows: a changed event has another, and nothing must be told.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from miitti.foundation import confine, ids, storage
from miitti.foundation.errors import Busy

FOLDER = "prints"
KEPT_S = 30 * 86_400
"""Seconds a print nobody asked for is kept; it can be drawn again."""
LIMITS = confine.Limits(memory=1024 * confine.MIB, cpu=30, file=32 * confine.MIB, files=64, network=False)
TIMEOUT_S = 60.0
PATIENCE_S = 20.0
"""Seconds a visitor waits for the others' drawings before being told to try again."""

_turn = threading.BoundedSemaphore(1)
"""One drawing at a time and process: they are rare, and the processors belong to those who watch."""


def made(module: str, what: Mapping[str, Any], ending: str) -> Path:
    """The file that `module`.draw makes of `what` (anything JSON can hold), drawn now or found.

    Raises Busy when it could not be drawn in time.
    """
    told = json.dumps({"module": module, "drawn_by": _version(module), **what}, sort_keys=True, ensure_ascii=False)
    path = storage.place(FOLDER, f"{hashlib.sha256(told.encode()).hexdigest()[:40]}.{ending}")
    if not path.exists():
        if not _turn.acquire(timeout=PATIENCE_S):
            raise Busy
        try:
            if not path.exists():
                _draw(module, told, path)
        finally:
            _turn.release()
    os.utime(path)
    return path


def _version(module: str) -> str:
    """A mark of how the module draws, so that a new release draws anew."""
    folder = Path(__file__).resolve().parents[2] / Path(*module.split(".")[:-1])
    return str(max(path.stat().st_mtime_ns for path in folder.glob("*.py")))


def _draw(module: str, told: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{ids.new()}")
    child = subprocess.Popen(
        confine.command(LIMITS, [sys.executable, "-m", "miitti.foundation.prints", module, str(beside)]),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
        start_new_session=True,
    )
    try:
        _, said = child.communicate(told.encode(), timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        raise Busy from None
    finally:
        if child.returncode is None:
            confine.kill_group(child.pid)
            child.communicate()
    if child.returncode != 0:
        beside.unlink(missing_ok=True)
        raise RuntimeError(f"{module} could not draw: {said.decode('utf-8', 'replace').strip()[-500:]}")
    os.replace(beside, path)


def prune() -> None:
    """Remove the prints nobody has asked for in a month, and what a killed child left."""
    folder = storage.place(FOLDER)
    for path in folder.iterdir() if folder.is_dir() else ():
        if time.time() - path.stat().st_mtime > KEPT_S:
            path.unlink(missing_ok=True)


def main(argv: list[str]) -> int:
    """Draw what stands on standard input into a file."""
    module, target = argv
    content: bytes = importlib.import_module(module).draw(json.load(sys.stdin))
    Path(target).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

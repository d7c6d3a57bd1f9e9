"""The demo's mail server: a real SMTP server on loopback that keeps every letter as a file.

Run as `python -m miitti.demo.sink HOST:PORT FOLDER`. It ends on SIGTERM and when its parent is gone. A letter is
on the disk under its final name before the sender hears 250, as SMTP asks (RFC 5321 6.1).
"""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from aiosmtpd.controller import Controller

from miitti.foundation import lifeline

LARGEST = 32 * 1024 * 1024
"""Bytes of the largest letter taken: a lead with a CV is far below."""

_count = itertools.count(1)


def keep(folder: Path, content: bytes) -> Path:
    """Write one letter into `folder` and return its path; names sort in the order of arrival."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{os.getpid()}-{next(_count):05d}.eml"
    beside = folder / f".{name}.part"
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path = folder / name
    beside.replace(path)
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
    return path


class Keeper:
    """What the mail server does with a letter: keeps it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep the letter (aiosmtpd calls this), then say so; a full disk is a reason to come again, not to lose it."""
        try:
            keep(self.folder, envelope.original_content)
        except OSError:
            return "451 The letter could not be kept just now; send it again later"
        return "250 Kept"


def serve(host: str, port: int, folder: Path) -> Controller:
    """Start the mail server in a thread of its own; its caller calls `stop()` on what comes back."""
    folder.mkdir(parents=True, exist_ok=True)
    controller = Controller(
        Keeper(folder), hostname=host, port=port, data_size_limit=LARGEST, enable_SMTPUTF8=True, ready_timeout=10.0
    )
    controller.start()
    return controller


def main() -> None:
    """Be the mail server until SIGTERM or the end of the parent."""
    parser = argparse.ArgumentParser(prog="python -m miitti.demo.sink", description=__doc__)
    parser.add_argument("address", help="HOST:PORT to listen on")
    parser.add_argument("folder", type=Path, help="where letters are kept")
    given = parser.parse_args()
    host, _, port = given.address.rpartition(":")
    stop = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        # a signal may break into the code that holds the event's lock: set it from elsewhere
        threading.Thread(target=stop.set, daemon=True).start()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    lifeline.watch()
    controller = serve(host, int(port), given.folder)
    stop.wait()
    controller.stop()


if __name__ == "__main__":
    main()

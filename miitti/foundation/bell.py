"""Knowing soon that somebody committed, in this process or another.

SQLite's `PRAGMA data_version` changes when another connection commits and costs some microseconds, so it is
asked 50 times a second; on PostgreSQL the reader simply reads a little later. Correctness never depends on it.
"""

import sqlite3
import time
from types import TracebackType
from typing import Self

from miitti.foundation.settings import Settings

STEP_S = 0.02
POSTGRES_STEP_S = 0.05


class Bell:
    """Wait for the next commit. Use as a context manager; one per waiting thread."""

    def __init__(self, settings: Settings) -> None:
        prefix = "sqlite:///"
        self._connection: sqlite3.Connection | None = None
        if settings.database_url.startswith(prefix):
            self._connection = sqlite3.connect(settings.database_url[len(prefix) :], check_same_thread=False)
        self._version = self._look()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def _look(self) -> int:
        if self._connection is None:
            return 0
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version

    def wait(self, seconds: float) -> bool:
        """Return True soon after a commit, False after `seconds` without one."""
        if self._connection is None:
            time.sleep(min(seconds, POSTGRES_STEP_S))
            return True
        until = time.monotonic() + seconds
        while True:
            version = self._look()
            if version != self._version:
                self._version = version
                return True
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(STEP_S, left))

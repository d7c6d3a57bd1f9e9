"""Rate limits: a token bucket per key, in the memory of this process.

They hold back a hurried finger or a simple script. Limits per address stay loose everywhere: a library, a school
and an employment office each share one.
"""

import time
from collections import OrderedDict

from flask import request

from miitti.foundation.errors import TooMany

KEYS = 50_000
"""How many buckets are remembered; the longest unused are forgotten first."""

_buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()


def take(key: str, *, burst: int, per_s: float) -> None:
    """Take one from the bucket `key`, which holds `burst` and regains `per_s` a second.

    Raises TooMany with the seconds until the next one.
    """
    now = time.monotonic()
    left, at = _buckets.pop(key, (float(burst), now))
    left = min(float(burst), left + (now - at) * per_s)
    if left < 1:
        _buckets[key] = (left, now)
        raise TooMany(retry_after=(1 - left) / per_s)
    _buckets[key] = (left - 1, now)
    while len(_buckets) > KEYS:
        _buckets.popitem(last=False)


def clear() -> None:
    """Forget every bucket; between tests."""
    _buckets.clear()


def address() -> str:
    """The network address of the one who asks, as the trusted proxies tell it."""
    return request.remote_addr or "unknown"

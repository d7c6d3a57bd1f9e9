"""Forgetting drawings nobody asks for any more."""

from __future__ import annotations

from miitti.foundation import jobs, prints


@jobs.handler("prune_prints", lane="other", lease=60, attempts=5)
def prune_prints(work: jobs.Work) -> None:
    """Remove old pictures and papers; whoever asks again gets them drawn again."""
    prints.prune()


jobs.nightly("prune_prints", hour=4)

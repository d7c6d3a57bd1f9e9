"""Work of oversight done by the worker: old notes are forgotten."""

from __future__ import annotations

from miitti.foundation import jobs
from miitti.oversight import actions


@jobs.handler("forget_audit", lane="other", lease=120, attempts=20)
def forget_audit(work: jobs.Work) -> None:
    """Forget what was noted too long ago. Doing it again changes nothing."""
    actions.forget_old()


jobs.nightly("forget_audit", hour=3)

"""The nightly purge."""

from __future__ import annotations

from miitti.foundation import jobs
from miitti.retention import actions, states


@jobs.handler("purge_leads", lane="other", lease=300, attempts=20)
def purge_leads(work: jobs.Work) -> None:
    """Erase what has come back with a restored backup, then what is over."""
    actions.erase_again()
    actions.purge()


jobs.nightly("purge_leads", hour=states.PURGE_HOUR)

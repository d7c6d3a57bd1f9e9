"""The company's desk, live: told that something is new, it asks for the page again."""

from __future__ import annotations

from typing import Any

from flask import Flask

from miitti.foundation import access, journal, realtime
from miitti.foundation.access import Power, Role
from miitti.foundation.journal import Entry

NAMESPACE = "/desk"


def plug(app: Flask) -> None:
    """Hand on what the journal says about leads."""
    journal.on(app, "leads:", _tell)


@realtime.on("watch_leads", namespace=NAMESPACE, allow=access.holders(Power.READ_LEADS))
def watch_leads(data: dict[str, Any]) -> dict[str, Any]:
    """Hear from now on when a lead of the own companies comes or changes; nothing of it is in the word itself."""
    for organisation_id in access.me().organisations(Role.COMPANY):
        realtime.join(f"leads:{organisation_id}")
    return {}


def _tell(entry: Entry) -> None:
    realtime.emit("lead", {}, NAMESPACE, entry.stream)

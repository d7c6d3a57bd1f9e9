"""The addresses and socket commands of the program, each with who may call it.

`python -m tests.house.routes` writes them down anew; the diff of routes.txt shows what a change opens or closes.
"""

import sys
import tempfile
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from miitti.app import create_app
from miitti.foundation import access, realtime, settings

KEPT = Path(__file__).with_name("routes.txt")

SELF_MADE = {"HEAD", "OPTIONS"}
"""Methods Flask answers by itself; they count only where nothing else is there."""


def methods(rule: Rule) -> list[str]:
    """The methods a rule was written for."""
    given = set(rule.methods or ())
    return sorted(given - SELF_MADE or given)


def lines(app: Flask) -> list[str]:
    """One line for each address and each socket command."""
    found = []
    for rule in app.url_map.iter_rules():
        roles = access.declared(app.view_functions[rule.endpoint]) or ()
        found.append(f"{rule.rule}  {','.join(methods(rule))}  {','.join(sorted(roles)) or 'NOBODY SAID'}")
    found += [f"{h.namespace} {h.event}  SOCKET  {','.join(sorted(h.allow))}" for h in realtime.handlers()]
    return sorted(found)


def main() -> int:
    """Write the list."""
    with tempfile.TemporaryDirectory() as folder:
        media = Path(folder, "media")
        app = create_app(settings.load({"MIITTI_DATA": folder, "MIITTI_MEDIA": str(media)}))
        KEPT.write_text("\n".join(lines(app)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

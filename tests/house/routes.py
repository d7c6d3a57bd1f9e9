"""The addresses and socket commands of the program, each with who may call it.

`python -m tests.house.routes` writes them down anew; the diff of routes.txt shows what a change opens or closes. It
also says how large the matrix is that `test_routes.py` tries.
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


def cells(app: Flask, people: int, parts: set[str]) -> dict[str, int]:
    """How many cells the matrix has, by kind: each is one call by one kind of person, on one set of things.

    `people` are the signed-in kinds and `parts` the parts of an address that name something of others. Somebody signed
    out tries every address once, and every socket command; the signed-in ones try what is theirs and what is not.
    """
    calls = [(rule, method) for rule in app.url_map.iter_rules() for method in methods(rule)]
    closed = [one for one in calls if not opens_to_all(app, one[0])]
    foreign = [one for one in closed if one[0].arguments & parts]
    sockets = list(realtime.handlers())
    inside = [one for one in sockets if access.Role.VISITOR not in one.allow]
    return {
        "addresses x methods": len(calls),
        "own things": len(calls) * (people + 1),
        "others' things": len(foreign) * people,
        "read for others' words": sum(method == "GET" for _rule, method in closed) * people,
        "without the form's own value": sum(method not in ("GET", "HEAD", "OPTIONS") for _rule, method in calls),
        "socket commands": len(sockets) * (people + 1) + len(inside) * (people - 1),
    }


def opens_to_all(app: Flask, rule: Rule) -> bool:
    """Whether anybody may call that address."""
    return access.Role.VISITOR in (access.declared(app.view_functions[rule.endpoint]) or ())


def main() -> int:
    """Write the list and say how large the matrix is."""
    from tests.house import test_routes  # it imports this module

    with tempfile.TemporaryDirectory() as folder:
        media = Path(folder, "media")
        app = create_app(settings.load({"MIITTI_DATA": folder, "MIITTI_MEDIA": str(media)}))
        KEPT.write_text("\n".join(lines(app)) + "\n")
        parts = test_routes.OF_AN_EVENT | test_routes.OF_A_PERSON
        size = cells(app, len(test_routes.ROLES), parts)
    for kind, number in size.items():
        print(f"{number:6} {kind}")
    print(f"{sum(size.values()) - size['addresses x methods']:6} cells")
    return 0


if __name__ == "__main__":
    sys.exit(main())

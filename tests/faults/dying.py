"""A web process that kills itself at a moment the test names by the environment.

`DIES_AT` is a word of a question. `DIES=commit`: when everything of it is written and nothing committed.
`DIES=emits`: when half of `DIES_OF` connections have been told.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import wsgi

WORD = os.environ["DIES_AT"]


def die() -> None:
    """kill -9 to oneself."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm() -> None:
    """Lay the trap; after monkey-patching, when everything is imported."""
    from sqlalchemy import event
    from sqlalchemy.orm import Session

    from miitti.foundation import lines
    from miitti.questions.models import Question

    if os.environ["DIES"] == "commit":

        @event.listens_for(Session, "after_flush")
        def written(session: Session, _context: object) -> None:
            if any(isinstance(row, Question) and WORD in row.body for row in session.new):
                session.info["dies"] = True

        @event.listens_for(Session, "before_commit")
        def before(session: Session) -> None:
            if session.info.get("dies"):
                die()

        return
    tell = lines.Line.tell
    told = 0

    def counted(self: lines.Line, blob: bytes, said: Any) -> None:
        nonlocal told
        tell(self, blob, said)
        told += WORD.encode() in blob and b'"v":"pub"' in blob
        if told >= int(os.environ["DIES_OF"]) // 2:
            die()

    lines.Line.tell = counted  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    served = wsgi._web

    def trapped(*told: Any) -> Any:
        made = served(*told)
        arm()
        return made

    wsgi._web = trapped  # type: ignore[assignment]
    sys.exit(wsgi.main())

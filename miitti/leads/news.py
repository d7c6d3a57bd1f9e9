"""What happened to a lead, told to the rooms above inside the very transaction of the change.

They register at import (`@news.on(news.Left)`), so that what follows from a lead (a webhook's job, erased notes) is
committed with it or not at all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar


@dataclass(frozen=True, slots=True)
class Left:
    """An applicant left details, or corrected them (`revision` above 1)."""

    lead_id: int
    reference: str
    organisation_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class Moved:
    """The company set where the talk stands; `state` is a word of `states.LeadState`."""

    lead_id: int
    state: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What an applicant typed was erased. `why` is "withdrawn" or "over"."""

    lead_id: int
    reference: str
    organisation_id: int
    why: str


N = TypeVar("N", Left, Moved, Erased)
_listeners: dict[type, list[Callable[[Any], None]]] = {}


def on(kind: type[N]) -> Callable[[Callable[[N], None]], Callable[[N], None]]:
    """Declare `fn(news)` to be called in the transaction of each news of that kind."""

    def declare(fn: Callable[[N], None]) -> Callable[[N], None]:
        _listeners.setdefault(kind, []).append(fn)
        return fn

    return declare


def tell(what: Left | Moved | Erased) -> None:
    """Tell everybody who registered; what one of them raises undoes the change."""
    for fn in _listeners.get(type(what), ()):
        fn(what)

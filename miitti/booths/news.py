"""What happened to a booth, told to the rooms above inside the very transaction of the change."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Closed:
    """A booth is about to go, with every row that hangs on it; what lies elsewhere is for its room to clear."""

    booth_id: int
    event_id: int


_listeners: list[Callable[[Closed], None]] = []


def on_closed(fn: Callable[[Closed], None]) -> Callable[[Closed], None]:
    """Declare `fn(news)` to be called in the transaction, before the rows go."""
    _listeners.append(fn)
    return fn


def tell(what: Closed) -> None:
    """Tell everybody who registered; what one of them raises undoes the change."""
    for fn in _listeners:
        fn(what)

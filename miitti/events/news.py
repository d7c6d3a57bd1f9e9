"""What happened to an event, told to the rooms above inside the very transaction of the change."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moved:
    """A published event has other times or another place than was told before."""

    event_id: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A published event is called off."""

    event_id: int


Listener = Callable[[Moved | Cancelled], None]

_listeners: list[Listener] = []


def on_change(fn: Listener) -> Listener:
    """Declare `fn(news)` to be called in the transaction of the change."""
    _listeners.append(fn)
    return fn


def tell(what: Moved | Cancelled) -> None:
    """Tell everybody who registered; what one of them raises undoes the change."""
    for fn in _listeners:
        fn(what)

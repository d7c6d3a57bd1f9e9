"""What happened to a person, told to the rooms above inside the very transaction of the change."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Erased:
    """A person is about to go, with every row that hangs on it; what lies elsewhere is for its room to clear."""

    person_id: int
    called: frozenset[str]
    """What rooms may have written down of her: her name and her address."""
    organisation_ids: frozenset[int]
    """For whom she worked."""


_listeners: list[Callable[[Erased], None]] = []


def on_erased(fn: Callable[[Erased], None]) -> Callable[[Erased], None]:
    """Declare `fn(news)` to be called in the transaction, before the rows go."""
    _listeners.append(fn)
    return fn


def tell(what: Erased) -> None:
    """Tell everybody who registered; what one of them raises undoes the change."""
    for fn in _listeners:
        fn(what)

"""Words of the show."""

from __future__ import annotations

from enum import StrEnum


class Turn(StrEnum):
    """What a host tells the stage to do."""

    LIVE = "live"
    """Show what the studio sends."""
    PLAYLIST = "playlist"
    """Play the companies' videos one after another."""
    SLATE = "slate"
    """Show a still picture: the show is on, wait."""
    END = "end"
    """The show is over."""


RETRY_S = 10
"""Seconds after which a player asks again for a stream that is not on yet."""

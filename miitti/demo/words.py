"""What the demo's texts are made of: words in three languages, jobs, companies, captions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Words:
    """One text in the three languages."""

    fi: str
    sv: str
    en: str


@dataclass(frozen=True)
class Job:
    """One job ad; pay in euros an hour."""

    title: Words
    text: Words
    places: int
    pay: tuple[str, str]
    start: Words

    @property
    def pay_min(self) -> Decimal:
        """The lowest pay, euros an hour."""
        return Decimal(self.pay[0])

    @property
    def pay_max(self) -> Decimal:
        """The highest pay, euros an hour."""
        return Decimal(self.pay[1])


@dataclass(frozen=True)
class Cue:
    """One caption: seconds from the film's start, and what stands there."""

    start: float
    end: float
    words: Words


@dataclass(frozen=True)
class Company:
    """One company with its booth. `person` is who signs in for it."""

    slug: str
    name: str
    municipality: str
    person: str
    email: str
    sentence: Words
    text: Words
    shift: Words
    start: Words
    talk: Words
    """Its line in the programme, after the name."""
    jobs: tuple[Job, ...]

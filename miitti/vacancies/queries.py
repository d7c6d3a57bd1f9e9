"""Finding job ads. Only reads; ads that were taken down or not published are left out unless said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, func, select

from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import db, errors
from miitti.vacancies.models import Vacancy
from miitti.vacancies.states import PayUnit


@dataclass(frozen=True)
class Sum:
    """What a booth offers in all, for its card."""

    ads: int
    places: int
    pay: tuple[Decimal, Decimal, PayUnit] | None
    """Lowest and highest euros and their unit; None when no ad or when hours and months are mixed."""


def by_id(vacancy_id: int) -> Vacancy:
    """Return an ad that visitors may see, of a published event. Raises NotFound."""
    return shown(vacancy_id)[0]


def shown(vacancy_id: int) -> tuple[Vacancy, Booth, Event]:
    """Return an ad visitors may see, with its booth and event. Raises NotFound."""
    row = (
        db.session()
        .execute(
            select(Vacancy, Booth, Event)
            .join(Booth, Booth.id == Vacancy.booth_id)
            .join(Event, Event.id == Booth.event_id)
            .where(Vacancy.id == vacancy_id, _visible(), events.is_published())
        )
        .one_or_none()
    )
    if row is None:
        raise errors.NotFound
    return row[0], row[1], row[2]


def of_booth(booth_id: int) -> Sequence[Vacancy]:
    """The published ads of a booth, in the order they were posted."""
    return (
        db.session().scalars(select(Vacancy).where(Vacancy.booth_id == booth_id, _visible()).order_by(Vacancy.id)).all()
    )


def of_desk(booth_id: int) -> Sequence[Vacancy]:
    """The ads of a booth as its company sees them: unpublished ones too, taken-down ones not."""
    return (
        db.session()
        .scalars(select(Vacancy).where(Vacancy.booth_id == booth_id, Vacancy.removed_at.is_(None)).order_by(Vacancy.id))
        .all()
    )


def of_event(event_id: int) -> Sequence[Vacancy]:
    """The published ads of all booths of an event, in the order of the hall."""
    return (
        db.session()
        .scalars(
            select(Vacancy)
            .join(Booth, Booth.id == Vacancy.booth_id)
            .where(Booth.event_id == event_id, _visible())
            .order_by(Booth.position, Booth.id, Vacancy.id)
        )
        .all()
    )


def open_now() -> list[tuple[Vacancy, Booth, Event]]:
    """The ads of all companies in published events, the newest first."""
    rows = db.session().execute(
        select(Vacancy, Booth, Event)
        .join(Booth, Booth.id == Vacancy.booth_id)
        .join(Event, Event.id == Booth.event_id)
        .where(_visible(), events.is_published())
        .order_by(Vacancy.posted_at.desc(), Vacancy.id.desc())
    )
    return [(vacancy, booth, event) for vacancy, booth, event in rows]


def in_booth(vacancy_id: int, booth_id: int) -> Vacancy:
    """Return an ad of this booth that was not taken down. Raises NotFound."""
    vacancy = db.session().scalar(
        select(Vacancy).where(Vacancy.id == vacancy_id, Vacancy.booth_id == booth_id, Vacancy.removed_at.is_(None))
    )
    if vacancy is None:
        raise errors.NotFound
    return vacancy


def removed_of_booth(vacancy_id: int, booth_id: int) -> Vacancy:
    """Return an ad of this booth, taken down or not; for its undo. Raises NotFound."""
    vacancy = db.session().scalar(select(Vacancy).where(Vacancy.id == vacancy_id, Vacancy.booth_id == booth_id))
    if vacancy is None:
        raise errors.NotFound
    return vacancy


def was_removed(vacancy_id: int, booth_id: int) -> bool:
    """Whether this is an ad of the booth that was taken down and can be put back."""
    return (
        db.session().scalar(
            select(Vacancy.id).where(
                Vacancy.id == vacancy_id, Vacancy.booth_id == booth_id, Vacancy.removed_at.is_not(None)
            )
        )
        is not None
    )


def summed(event_id: int) -> dict[int, Sum]:
    """What each booth of an event offers in all, by booth id; booths without ads are left out."""
    ads: dict[int, list[Vacancy]] = {}
    for vacancy in of_event(event_id):
        ads.setdefault(vacancy.booth_id, []).append(vacancy)
    return {booth_id: total(of) for booth_id, of in ads.items()}


def total(ads: Iterable[Vacancy]) -> Sum:
    """Add up the places and the pay range of some ads."""
    ads = list(ads)
    units = {vacancy.pay_unit for vacancy in ads}
    pay = None
    if len(units) == 1:
        pay = (min(ad.pay_min for ad in ads), max(ad.pay_max for ad in ads), units.pop())
    return Sum(ads=len(ads), places=sum(ad.places for ad in ads), pay=pay)


def places_of_event(event_id: int) -> int:
    """How many people the booths of an event want in all."""
    return (
        db.session().scalar(
            select(func.coalesce(func.sum(Vacancy.places), 0))
            .join(Booth, Booth.id == Vacancy.booth_id)
            .where(Booth.event_id == event_id, _visible())
        )
        or 0
    )


def _visible() -> ColumnElement[bool]:
    return and_(Vacancy.published.is_(True), Vacancy.removed_at.is_(None))


def names(entries: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """What ads are called in the audit: (kind, id, title) for those of the (kind, id) given."""
    wanted = [int(key) for kind, key in entries if kind == "vacancy"]
    rows = db.session().execute(select(Vacancy.id, Vacancy.title_fi).where(Vacancy.id.in_(wanted)))
    return [("vacancy", str(key), title) for key, title in rows]

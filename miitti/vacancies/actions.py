"""Everything that changes a job ad. Each action is one transaction."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from miitti.accounts import actions as accounts
from miitti.booths.models import Booth
from miitti.events.models import overlong
from miitti.foundation import clock, db, errors
from miitti.vacancies.models import Vacancy
from miitti.vacancies.states import MOST_PLACES, PAY_LIMITS, PayUnit


@db.writing
def post(
    *,
    booth_id: int,
    title_fi: str,
    pay_min: Decimal,
    pay_max: Decimal,
    pay_unit: PayUnit | str = PayUnit.HOUR,
    places: int = 1,
    title_sv: str = "",
    title_en: str = "",
    text_fi: str = "",
    text_sv: str = "",
    text_en: str = "",
    start_fi: str = "",
    start_sv: str = "",
    start_en: str = "",
    published: bool = True,
) -> Vacancy:
    """Post an ad in a booth; pay in euros a unit. Raises Invalid."""
    db.row(Booth, booth_id)
    vacancy = Vacancy(
        booth_id=booth_id,
        title_fi=title_fi,
        title_sv=title_sv,
        title_en=title_en,
        text_fi=text_fi,
        text_sv=text_sv,
        text_en=text_en,
        places=places,
        pay_min=pay_min,
        pay_max=pay_max,
        pay_unit=PayUnit(pay_unit),
        start_fi=start_fi,
        start_sv=start_sv,
        start_en=start_en,
        published=published,
        posted_at=clock.now(),
        removed_at=None,
    )
    _check(vacancy)
    db.session().add(vacancy)
    db.session().flush()
    pay = f"{pay_min}-{pay_max} {vacancy.pay_unit}"
    _note(vacancy, "post_job", after={"title_fi": title_fi, "places": places, "pay": pay})
    return vacancy


@db.writing
def change(*, vacancy_id: int, **values: Any) -> None:
    """Write some columns of an ad (those `post` takes); the others stay. Raises Invalid, NotFound."""
    vacancy = db.row(Vacancy, vacancy_id)
    if vacancy.removed_at is not None:
        raise errors.NotFound
    if "pay_unit" in values:
        values["pay_unit"] = PayUnit(values["pay_unit"])
    for column, value in values.items():
        if column in {"id", "booth_id", "posted_at", "removed_at"} or not hasattr(Vacancy, column):
            raise TypeError(f"{column} of a job ad can't be written")
        setattr(vacancy, column, value)
    _check(vacancy)
    with db.session().no_autoflush:  # a flush would forget what stood before
        booth = db.row(Booth, vacancy.booth_id)
        accounts.note_change(
            vacancy,
            verb="change_job",
            object_kind="vacancy",
            organisation_id=booth.organisation_id,
            event_id=booth.event_id,
        )


@db.writing
def remove(*, vacancy_id: int) -> None:
    """Take an ad down. The row stays, because people may have answered it. Twice changes nothing."""
    vacancy = db.row(Vacancy, vacancy_id)
    if vacancy.removed_at is None:
        vacancy.removed_at = clock.now()
        _note(vacancy, "take_down_job", before={"title_fi": vacancy.title_fi})


@db.writing
def restore(*, vacancy_id: int) -> None:
    """Put a taken-down ad back; the undo of `remove`."""
    vacancy = db.row(Vacancy, vacancy_id)
    if vacancy.removed_at is not None:
        vacancy.removed_at = None
        _note(vacancy, "put_back_job", after={"title_fi": vacancy.title_fi})


def _note(vacancy: Vacancy, verb: str, **told: dict[str, Any]) -> None:
    booth = db.row(Booth, vacancy.booth_id)
    accounts.note(
        verb=verb,
        object_kind="vacancy",
        object_id=vacancy.id,
        organisation_id=booth.organisation_id,
        event_id=booth.event_id,
        **told,
    )


def _check(vacancy: Vacancy) -> None:
    long = overlong(vacancy)
    if long:
        raise errors.TooLong(fields={name: [errors.TooLong.default] for name in long})
    if not vacancy.title_fi.strip():
        raise errors.Invalid(_l("Give the job a title in Finnish."), field="title_fi")
    if not 1 <= vacancy.places <= MOST_PLACES:
        raise errors.Invalid(_l("Give the number of people you want, at least one."), field="places")
    if vacancy.pay_max < vacancy.pay_min:
        raise errors.Invalid(_l("The highest pay is below the lowest."), field="pay_max")
    low, high = PAY_LIMITS[PayUnit(vacancy.pay_unit)]
    for field in ("pay_min", "pay_max"):
        pay: Decimal = getattr(vacancy, field)
        if not low <= pay <= high:
            raise errors.Invalid(_l("Check the pay: is it by the hour or by the month?"), field=field)
        if pay != round(pay, 2):
            raise errors.Invalid(_l("Give the pay in euros and cents."), field=field)

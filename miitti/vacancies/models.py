"""Rows of the job ads."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint, Dialect, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from miitti.foundation import db
from miitti.vacancies.states import PayUnit


class Euros(TypeDecorator[Decimal]):
    """Money as whole cents in the database and `Decimal` euros in the program (SQLite has no decimals)."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Turn euros into cents; a fraction of a cent is refused by the forms before."""
        return None if value is None else round(value * 100)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        """Turn cents into euros with two decimals."""
        return None if value is None else Decimal(value).scaleb(-2)


class Vacancy(db.Base):
    """One job ad of a booth. The pay range is part of it: `pay_min` to `pay_max` euros a `pay_unit`."""

    __tablename__ = "vacancy"
    __table_args__ = (
        CheckConstraint("places >= 1", name="has_places"),
        CheckConstraint("pay_max >= pay_min", name="pay_in_order"),
    )

    id: Mapped[db.Id]
    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id", ondelete="CASCADE"), index=True)
    title_fi: Mapped[str] = mapped_column(String(120))
    title_sv: Mapped[str] = mapped_column(String(120), default="")
    title_en: Mapped[str] = mapped_column(String(120), default="")
    text_fi: Mapped[str] = mapped_column(Text, default="")
    text_sv: Mapped[str] = mapped_column(Text, default="")
    text_en: Mapped[str] = mapped_column(Text, default="")
    places: Mapped[int] = mapped_column(default=1)
    """How many people are wanted."""
    pay_min: Mapped[Decimal] = mapped_column(Euros)
    pay_max: Mapped[Decimal] = mapped_column(Euros)
    pay_unit: Mapped[PayUnit] = mapped_column(db.words(PayUnit), default=PayUnit.HOUR)
    start_fi: Mapped[str] = mapped_column(String(100), default="")
    """When the work begins, in words; empty when it is open."""
    start_sv: Mapped[str] = mapped_column(String(100), default="")
    start_en: Mapped[str] = mapped_column(String(100), default="")
    published: Mapped[bool] = mapped_column(default=True)
    posted_at: Mapped[db.UtcTime]
    """When it was first posted; `datePosted` of the JSON-LD."""
    removed_at: Mapped[db.UtcTime | None]
    """Taken down by the company; the row stays because leads may name it."""

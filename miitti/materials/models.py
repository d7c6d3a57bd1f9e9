"""Rows of a booth's materials."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db
from miitti.materials.states import Kind


class Material(db.Base):
    """One photo, paper or link of a booth."""

    __tablename__ = "material"

    id: Mapped[db.Id]
    booth_id: Mapped[int] = mapped_column(ForeignKey("booth.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Kind] = mapped_column(db.words(Kind))
    title: Mapped[str] = mapped_column(String(120))
    """What it is; of a photo what it shows, for those who don't see it."""
    url: Mapped[str] = mapped_column(String(500), default="")
    """Where a link leads."""
    file: Mapped[str] = mapped_column(String(120), default="")
    """Name of the stored file of a photo or paper."""
    added_at: Mapped[db.UtcTime]

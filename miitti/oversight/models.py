"""Rows of oversight."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db


class AuditOpening(db.Base):
    """While a row stands here the database lets entries of the audit be blanked or forgotten; none is committed."""

    __tablename__ = "audit_opening"

    id: Mapped[db.Id]
    at: Mapped[db.UtcTime]
    why: Mapped[str] = mapped_column(sa.String(40))

"""Finding materials. Only reads."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from miitti.foundation import db, errors
from miitti.materials.models import Material


def of_booth(booth_id: int) -> Sequence[Material]:
    """What lies on a booth, in the order it was put there."""
    return db.session().scalars(select(Material).where(Material.booth_id == booth_id).order_by(Material.id)).all()


def in_booth(material_id: int, booth_id: int) -> Material:
    """One of a booth's materials. Raises NotFound."""
    found = db.session().get(Material, material_id)
    if found is None or found.booth_id != booth_id:
        raise errors.NotFound
    return found

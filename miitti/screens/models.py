"""Rows of the screens room."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from miitti.foundation import db


class ScreenKey(db.Base):
    """A key that opens an event's overlay without signing in; only its hash is kept."""

    __tablename__ = "screen_key"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[db.UtcTime]

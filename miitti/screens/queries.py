"""What screens ask. Reads only."""

import sqlalchemy as sa

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import db, errors, ids
from miitti.screens.models import ScreenKey


def event_of(token: str) -> Event:
    """The event whose overlay the token opens. Raises NotFound."""
    found = db.session().scalar(sa.select(ScreenKey).where(ScreenKey.token_hash == ids.digest(token)))
    if found is None:
        raise errors.NotFound
    return events.by_id(found.event_id)


def has_key(event_id: int) -> bool:
    """Whether an overlay of the event can be opened."""
    return db.session().get(ScreenKey, event_id) is not None

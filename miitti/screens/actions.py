"""The only place that changes the keys of screens."""

from miitti.events.models import Event
from miitti.foundation import clock, db, ids
from miitti.screens.models import ScreenKey


@db.writing
def make_key(*, event_id: int) -> str:
    """A new key for the event's overlay; the one before it opens nothing any more. Raises NotFound."""
    db.row(Event, event_id)
    token = ids.secret()
    known = db.session().get(ScreenKey, event_id)
    if known is None:
        known = ScreenKey(event_id=event_id, token_hash="", made_at=clock.now())
        db.session().add(known)
    known.token_hash, known.made_at = ids.digest(token), clock.now()
    return token

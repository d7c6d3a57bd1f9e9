"""Files of a booth that goes."""

from __future__ import annotations

from functools import partial

from miitti.booths import news
from miitti.foundation import db, storage
from miitti.materials import actions, queries


@news.on_closed
def _clear(closed: news.Closed) -> None:
    """Remove the files once the booth is gone for good."""
    for row in queries.of_booth(closed.booth_id):
        if row.file:
            db.after_commit(partial(storage.remove_tree, actions.FOLDER, row.file))

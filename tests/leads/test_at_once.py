"""The same form coming in several times at the same moment, on both databases."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from miitti.app import create_app
from miitti.foundation import db, jobs, settings
from miitti.leads import actions
from miitti.leads.models import Consent, Lead
from tests import postgres
from tests.world import make


@pytest.fixture(params=["sqlite", "postgresql"])
def built(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on an empty database of each kind."""
    environ = {"MIITTI_DATA": str(tmp_path), "MIITTI_MEDIA": str(tmp_path / "media")}
    if request.param == "postgresql":
        with postgres.cluster() as address:
            yield from _application({**environ, "MIITTI_DATABASE_URL": address})
    else:
        yield from _application(environ)


def _application(environ: dict[str, str]) -> Iterator[Flask]:
    current = settings.load(environ)
    db.migrate(current)
    app = create_app(current)
    yield app
    with app.app_context():
        db.extension.session.remove()
        db.extension.engine.dispose()


def test_many_at_once_are_one_lead_and_nobody_is_turned_away(built: Flask) -> None:
    with built.app_context():
        booth = make().booths["harju"]
    receipts: list[str] = []
    together = threading.Barrier(8)

    def leave(number: int) -> None:
        together.wait()
        with built.app_context():
            receipts.append(
                actions.leave(
                    booth_id=booth,
                    form_key=f"f_same_form_{number % 2}",
                    visitor="v_same",
                    phone="0401234567",
                    email="aino@posti.example",
                )
            )
            db.extension.session.remove()

    threads = [threading.Thread(target=leave, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 8
    assert len(set(receipts)) == 2
    with built.app_context():
        found = {model: db.session().scalar(select(func.count()).select_from(model)) for model in (Lead, Consent)}
        assert found == {Lead: 2, Consent: 2}
        # the second letter of the booth gets its job when the first is settled
        assert jobs.counts() == {("deliver_lead", "waiting"): 1, ("send_receipt", "waiting"): 2}
        assert sorted(db.session().scalars(select(Lead.parked))) == [False, True]

"""The same form coming in several times at the same moment, on both databases."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import func, select

from miitti.app import create_app
from miitti.foundation import db, errors, jobs, settings
from miitti.leads import actions, deliveries, news
from miitti.leads.details import Sent, Typed
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


def _sent(booth: int, number: int, **typed: str) -> Sent:
    return Sent(booth, f"f_together_{number}", f"v_{number}", Typed(**{"phone": "0401234567", **typed}))  # type: ignore[arg-type]


def test_those_who_come_together_share_a_commit_and_each_gets_the_own_answer(built: Flask) -> None:
    commits: list[object] = []
    with built.app_context():
        world = make()
        harju, puusaha = world.booths["harju"], world.booths["puusaha"]
        sa.event.listen(db.extension.engine, "commit", commits.append)
        answers = actions.leave_together(
            [_sent(puusaha, 1), _sent(harju, 2), _sent(harju, 3, phone="soita"), _sent(999, 4), _sent(harju, 2)]
        )
        assert len(commits) == 1
        receipts = {row[0]: row[1] for row in db.session().execute(select(Lead.form_key, Lead.receipt))}
    assert answers[0] == receipts["f_together_1"]
    assert answers[1] == answers[4] == receipts["f_together_2"], "the same form twice in one go is one lead"
    assert isinstance(answers[2], errors.Invalid)
    assert isinstance(answers[3], errors.NotFound)
    assert set(receipts) == {"f_together_1", "f_together_2"}


def test_one_that_breaks_takes_nobody_along(built: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    began = deliveries.begin

    def begin(left: news.Left, **given: Any) -> None:
        began(left, **given)
        if given["receipt_to"] == "rikki@posti.example":
            raise ZeroDivisionError

    monkeypatch.setattr(deliveries, "begin", begin)
    with built.app_context():
        harju = make().booths["harju"]
        several = [_sent(harju, 1), _sent(harju, 2, email="rikki@posti.example"), _sent(harju, 3)]
        answers = actions.leave_together(several)
        receipts = set(db.session().scalars(select(Lead.receipt)))
    assert isinstance(answers[1], ZeroDivisionError)
    assert receipts == {answers[0], answers[2]}


def test_many_at_once_are_one_lead_and_nobody_is_turned_away(built: Flask) -> None:
    with built.app_context():
        booth = make().booths["harju"]
    receipts: list[str] = []
    together = threading.Barrier(8)

    def leave(number: int) -> None:
        together.wait()
        with built.app_context():
            typed = Typed(phone="0401234567", email="aino@posti.example")
            receipts.append(actions.leave_with_others(Sent(booth, f"f_same_form_{number % 2}", "v_same", typed)))
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

"""An answer by mail: one letter, then the address is gone."""

from datetime import timedelta

import pytest
from flask import Flask

from miitti.foundation import clock, db, errors, jobs
from miitti.questions import addresses
from miitti.questions.models import Address
from miitti.questions.states import Op
from tests.letters import Post
from tests.questions import rows
from tests.world import World


def test_one_letter_and_the_address_is_erased(app: Flask, world: World, smtp: Post) -> None:
    stage = rows.stage(world)
    question = rows.asked(stage, "Onko <b>saunaa</b>?", visitor="asker")
    with pytest.raises(errors.NotFound):
        addresses.leave_address(
            channel_id=stage.id, visitor="other", question_id=question["id"], email="a@example.fi", language="fi"
        )
    with pytest.raises(errors.Invalid):
        addresses.leave_address(
            channel_id=stage.id, visitor="asker", question_id=question["id"], email="ei", language="fi"
        )
    addresses.leave_address(
        channel_id=stage.id, visitor="asker", question_id=question["id"], email="a@example.fi", language="fi"
    )
    rows.moved(world, stage, question, Op.APPROVE, Op.REPLY)
    with clock.frozen(clock.now() + timedelta(minutes=2)):
        jobs.run_until_idle(app, ["mail"])
        jobs.run_until_idle(app, ["mail"])
    assert len(smtp.letters) == 1
    db.session().expire_all()
    assert db.session().query(Address).count() == 0

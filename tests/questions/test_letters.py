"""An answer by mail: one letter, then the address is gone."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from miitti.events.models import Event
from miitti.foundation import clock, db, errors, jobs, journal
from miitti.questions import actions, addresses
from miitti.questions.models import Address, Question
from miitti.questions.states import Op
from tests.letters import Post
from tests.questions import rows
from tests.world import World


def test_who_asked_is_forgotten_a_month_after_the_event(app: Flask, world: World) -> None:
    channel = rows.stage(world)
    asked = actions.ask(channel_id=channel.id, visitor="v_asker", cid=rows.cid(), body="Mikä on palkka?", name="Aino").q
    asked = rows.moved(world, channel, asked, Op.APPROVE)
    actions.vote(channel_id=channel.id, visitor="v_voter", question_id=asked["id"], on=True)
    ends = db.row(Event, world.event_id).ends_at
    for days, gone in ((29, 0), (31, 1), (32, 0)):
        with clock.frozen(ends + timedelta(days=days)):
            assert addresses.forget_identities(older_than=timedelta(days=30)) == gone
            journal.prune()  # comes round by itself; words to one person are there for an hour
    question = db.row(Question, asked["id"])
    assert (question.body, question.up, question.name) == ("Mikä on palkka?", 1, "")
    db.session().rollback()
    with db.extension.engine.connect() as connection:
        for table in ("question", "question_vote", "journal_entry"):
            rest = str(connection.execute(sa.text(f"SELECT * FROM {table}")).all())
            assert not any(mark in rest for mark in ("v_asker", "v_voter", "Aino"))


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

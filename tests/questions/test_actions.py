"""Changes, their journal, and that nothing is done twice."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from miitti.events import actions as events
from miitti.events.states import Doors
from miitti.foundation import clock, db, errors, journal
from miitti.moderation import actions as moderation
from miitti.questions import actions, news, queries, states
from miitti.questions.models import Channel, Question
from miitti.questions.states import ChanOp, Op, View
from tests.questions import rows
from tests.world import World


@pytest.fixture
def stage(world: World) -> Channel:
    return rows.stage(world)


def kinds(channel: Channel, view: View) -> list[str]:
    return [entry.kind for entry in journal.since(queries.stream(channel.id, view), 0)]


def test_asking_is_told_to_moderators_only(world: World, stage: Channel) -> None:
    before = journal.head(queries.stream(stage.id, View.PUB))
    question = rows.asked(stage)
    assert question["no"] is None
    assert question["state"] == "pending"
    assert journal.head(queries.stream(stage.id, View.PUB)) == before
    assert kinds(stage, View.MOD)[-1] == "q.put"
    assert queries.snapshot(stage.id, View.PUB)["questions"] == []


def test_approval_gives_the_number_and_shows_it(world: World, stage: Channel) -> None:
    first, second = rows.asked(stage), rows.asked(stage)
    assert rows.moved(world, stage, second, Op.APPROVE)["no"] == 1
    assert rows.moved(world, stage, first, Op.APPROVE)["no"] == 2
    public = queries.snapshot(stage.id, View.PUB)
    assert [q["no"] for q in public["questions"]] == [2, 1]
    assert public["counts"] == {"live": 2, "answered": 0}
    assert "author_tag" not in public["questions"][0]
    assert "flags" not in public["questions"][0]


def test_without_premoderation_a_question_is_public_at_once(world: World, stage: Channel) -> None:
    stage.premod = False
    db.session().commit()
    assert rows.asked(stage)["no"] == 1


def test_going_on_answers_the_one_before(world: World, stage: Channel) -> None:
    first = rows.moved(world, stage, rows.asked(stage), Op.APPROVE, Op.NOW)
    second = rows.moved(world, stage, rows.asked(stage), Op.APPROVE, Op.NOW)
    now = queries.snapshot(stage.id, View.PUB)
    assert now["channel"]["now"] == second["id"]
    assert {q["id"]: q["state"] for q in now["questions"]} == {first["id"]: "answered", second["id"]: "answering"}
    rows.moved(world, stage, second, Op.ANSWERED)
    assert queries.snapshot(stage.id, View.PUB)["channel"]["now"] is None


def test_a_written_answer_answers(world: World, stage: Channel) -> None:
    told: list[Any] = []

    def hear(_sender: Any, news: Any) -> None:
        told.append(news)

    with news.told.connected_to(hear):
        answered = rows.moved(world, stage, rows.asked(stage), Op.APPROVE, Op.REPLY)
    assert answered["state"] == "answered"
    assert [reply["body"] for reply in answered["replies"]] == ["Kirjallinen vastaus."]
    assert [type(what).__name__ for what in told] == ["QuestionAsked", "QuestionAnswered"]


def test_a_question_that_leaves_the_list_is_deleted_for_everybody(world: World, stage: Channel) -> None:
    rows.moved(world, stage, rows.asked(stage), Op.APPROVE, Op.REJECT)
    assert kinds(stage, View.PUB)[-2:] == ["q.put", "q.del"]


def test_resent_it_is_done_once(world: World, stage: Channel) -> None:
    first = actions.ask(channel_id=stage.id, visitor="v", cid="same-cid-1", body="Onko kesätöitä?")
    again = actions.ask(channel_id=stage.id, visitor="v", cid="same-cid-1", body="Onko kesätöitä?")
    assert (first.dup, again.dup) == (False, True)
    assert first.q["id"] == again.q["id"]
    with pytest.raises(actions.CidReused):
        actions.ask(channel_id=stage.id, visitor="v", cid="same-cid-1", body="Onko talvitöitä?")
    other = actions.ask(channel_id=stage.id, visitor="w", cid="same-cid-1", body="Onko kesätöitä?")
    assert not other.dup, "a cid is one's own"


def test_two_moderators_on_one_revision(world: World, stage: Channel) -> None:
    question = rows.asked(stage)
    rows.moved(world, stage, question, Op.APPROVE)
    with pytest.raises(errors.Conflict) as caught:
        rows.moved(world, stage, question, Op.REJECT, by="cohost")
    assert caught.value.data["current"]["state"] == "live"


def test_a_resent_decision_is_no_conflict(world: World, stage: Channel) -> None:
    question = rows.asked(stage)
    command = {
        "channel_id": stage.id,
        "person_id": world.people["organiser"],
        "cid": "decision-1",
        "question_id": question["id"],
        "rev": question["rev"],
        "op": Op.APPROVE,
    }
    assert not moderation.moderate(**command).dup
    assert moderation.moderate(**command).dup


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", errors.Invalid),
        ("  \u202e ", errors.Invalid),
        ("ab", errors.Invalid),
        ("x" * 501, errors.TooLong),
        ("x" * 900_000, errors.TooLong),
        (" " * 900_000, errors.TooLong),
    ],
    ids=["empty", "unseen", "two letters", "501", "900 kB", "900 kB of nothing"],
)
def test_texts_that_are_no_questions(world: World, stage: Channel, body: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        rows.asked(stage, body)
    assert db.session().query(Question).count() == 0


def test_500_family_emojis_are_500_letters(world: World, stage: Channel) -> None:
    assert rows.asked(stage, "👩‍👩‍👧" * 500)["state"] == "pending"


def test_three_at_once_and_then_a_pause(world: World, stage: Channel) -> None:
    for _ in range(3):
        rows.asked(stage, visitor="hasty")
    with pytest.raises(errors.TooMany) as caught:
        rows.asked(stage, visitor="hasty")
    assert 0 < caught.value.retry_after <= 20
    with clock.frozen(clock.now() + timedelta(seconds=21)):
        rows.asked(stage, visitor="hasty")


def test_the_stage_closes_with_the_doors_and_booths_stay(world: World, stage: Channel) -> None:
    events.force_doors(event_id=world.event_id, doors=Doors.OVER)
    with pytest.raises(errors.Closed):
        rows.asked(stage)
    actions.follow_doors(channel_id=stage.id)
    assert queries.snapshot(stage.id, View.PUB)["channel"]["open"] is False
    assert rows.asked(rows.booth(world))["state"] == "pending"


def test_votes_are_absolute_and_numbered(world: World, stage: Channel) -> None:
    question = rows.moved(world, stage, rows.asked(stage), Op.APPROVE)

    def vote(visitor: str, on: bool) -> states.Doc:
        return actions.vote(channel_id=stage.id, visitor=visitor, question_id=question["id"], on=on)

    assert vote("a", True) == {"on": True, "up": 1, "vrev": 1}
    assert vote("a", True) == {"on": True, "up": 1, "vrev": 1}
    assert vote("b", True)["up"] == 2
    assert vote("a", False) == {"on": False, "up": 1, "vrev": 3}
    assert queries.tallies(stage.id, 2) == (3, [(question["id"], 1, 3)])
    assert queries.mine(stage, "b")["votes"] == [question["id"]]


def test_what_is_not_public_takes_no_votes(world: World, stage: Channel) -> None:
    with pytest.raises(errors.NotFound):
        actions.vote(channel_id=stage.id, visitor="a", question_id=rows.asked(stage)["id"], on=True)


def test_withdrawing_is_for_the_asker_alone(world: World, stage: Channel) -> None:
    question = rows.asked(stage, visitor="me")
    with pytest.raises(errors.NotFound):
        actions.withdraw(channel_id=stage.id, visitor="you", cid=rows.cid(), question_id=question["id"], rev=1)
    taken = actions.withdraw(channel_id=stage.id, visitor="me", cid=rows.cid(), question_id=question["id"], rev=1)
    assert taken.q["state"] == "withdrawn"


def test_catching_up(world: World, stage: Channel) -> None:
    head = journal.head(queries.stream(stage.id, View.PUB))
    rows.moved(world, stage, rows.asked(stage), Op.APPROVE)
    missed = queries.catch_up(stage.id, stage.ch, View.PUB, (head.epoch, head.seq))
    assert missed.events is not None
    assert [event["t"] for event in missed.events] == ["q.put"]
    for cursor in (None, ("other", head.seq), (head.epoch, head.seq + 99), (head.epoch, -1)):
        assert queries.catch_up(stage.id, stage.ch, View.PUB, cursor).events is None


def test_the_pub_stream_tells_nothing_about_pending_questions(world: World, stage: Channel) -> None:
    secret = "salainen kysymys"
    question = rows.asked(stage, secret)
    rows.moved(world, stage, question, Op.REJECT, Op.RESTORE, Op.REJECT)
    told = str([entry.data for entry in journal.since(queries.stream(stage.id, View.PUB), 0)])
    assert secret not in told
    assert question["id"] not in told


# -- the property --------------------------------------------------------------------------------------------

OPS = st.sampled_from(["ask", "withdraw", "vote", "close", "edit", "report", *Op, *ChanOp])


def scoreless(snapshot: states.Doc) -> states.Doc:
    kept = [{k: v for k, v in q.items() if k not in ("up", "vrev")} for q in snapshot["questions"]]
    return {**snapshot, "vrev": 0, "questions": kept}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(st.tuples(OPS, st.integers(0, 7)), max_size=25))
def test_a_snapshot_and_what_follows_is_the_later_snapshot(
    world: World, stage: Channel, script: list[tuple[str, int]]
) -> None:
    before = {view: queries.snapshot(stage.id, view) for view in View}
    for what, which in script:
        _do(world, stage, what, which)
    for view in View:
        now = before[view]
        for entry in journal.since(queries.stream(stage.id, view), now["seq"]):
            assert entry.seq is not None
            now = states.fold(now, entry.seq, entry.kind, entry.data)
        assert scoreless(now) == scoreless(queries.snapshot(stage.id, view))


def _do(world: World, stage: Channel, what: str, which: int) -> None:
    """One step of a script; what can't be done just then is left out."""
    known = list(db.session().query(Question).order_by(Question.asked_at.desc()).limit(8))
    if what == "ask" or not known:
        rows.asked(stage, f"Kysymys {which}?")
        return
    question = known[which % len(known)]
    try:
        if what == "withdraw":
            actions.withdraw(
                channel_id=stage.id, visitor=question.author, cid=rows.cid(), question_id=question.id, rev=question.rev
            )
        elif what == "vote":
            actions.vote(channel_id=stage.id, visitor=f"v{which}", question_id=question.id, on=which % 2 == 0)
        elif what == "close":
            events.force_doors(event_id=world.event_id, doors=Doors.OVER if which % 2 else Doors.LIVE)
            actions.follow_doors(channel_id=stage.id)
            events.force_doors(event_id=world.event_id, doors=Doors.LIVE)
        elif what == "edit":
            actions.edit(
                channel_id=stage.id,
                visitor=question.author,
                cid=rows.cid(),
                question_id=question.id,
                rev=question.rev,
                body="Omin sanoin?",
            )
        elif what == "report":
            actions.report(
                channel_id=stage.id, visitor=f"v{which}", cid=rows.cid(), question_id=question.id, reason="improper"
            )
        elif isinstance(what, ChanOp):
            moderation.change_channel(
                channel_id=stage.id,
                person_id=world.people["organiser"],
                cid=rows.cid(),
                rev=None,
                op=ChanOp.NEXT if what is ChanOp.CLEAR else what,  # a clear is a new life, not an event
                on=which % 2 == 0,
                seconds=which,
            )
        else:
            replies = queries.replies_of([question.id])[question.id]
            rows.moved(
                world,
                stage,
                {"id": question.id, "rev": question.rev},
                Op(what),
                args=moderation.Args(
                    body="Näin se on.",
                    into=known[(which + 1) % len(known)].id,
                    to="harju" if which % 2 else None,
                    move_to=rows.booth(world).id if which % 3 == 0 else None,
                    labels=["palkka"],
                    reply=replies[0].id if replies else "",
                    at=clock.now() - timedelta(minutes=1),
                ),
            )
    except (errors.Conflict, errors.NotFound, errors.Refused):
        db.session().rollback()

"""What moderators do: joining, moving, muting, taking back, the channel's settings; and that nothing is done twice."""

from datetime import timedelta

import pytest

from miitti.foundation import clock, db, errors, journal
from miitti.moderation import actions, queries
from miitti.moderation.actions import Args
from miitti.questions import actions as questions
from miitti.questions import queries as asked
from miitti.questions.models import Channel, Question
from miitti.questions.states import ChanOp, Doc, Op, State, View
from tests.questions import rows
from tests.world import World


@pytest.fixture
def stage(world: World) -> Channel:
    return rows.stage(world)


def live(world: World, channel: Channel, body: str = "Mikä on palkka?") -> Doc:
    return rows.moved(world, channel, rows.asked(channel, body), Op.APPROVE)


def fresh(question: Doc) -> Doc:
    row = db.row(Question, question["id"])
    return {"id": row.id, "rev": row.rev, "state": row.state.value, "up": row.up}


def vote(channel: Channel, question: Doc, *visitors: str, on: bool = True) -> None:
    for visitor in visitors:
        questions.vote(channel_id=channel.id, visitor=visitor, question_id=question["id"], on=on)


def test_joined_questions_unite_their_votes_and_part_again(world: World, stage: Channel) -> None:
    first, second = live(world, stage, "Palkka?"), live(world, stage, "Paljonko palkka on?")
    vote(stage, first, "a", "b")
    vote(stage, second, "b", "c")
    gone = rows.moved(world, stage, fresh(second), Op.MERGE, args=Args(into=first["id"]))
    assert (gone["state"], gone["merged_into"]) == ("merged", first["id"])
    assert fresh(first)["up"] == 3, "b counts once"
    assert asked.mine(stage, "c")["votes"] == [first["id"]]
    vote(stage, first, "b", on=False)
    assert fresh(first)["up"] == 2, "taking back takes both back"
    back = rows.moved(world, stage, fresh(second), Op.UNMERGE)
    assert back["state"] == "live"
    assert (fresh(first)["up"], fresh(second)["up"]) == (1, 1)
    with pytest.raises(errors.Conflict):
        rows.moved(world, stage, fresh(first), Op.MERGE, args=Args(into=first["id"]))


def test_a_question_is_given_to_a_company_or_moved_to_its_booth(world: World, stage: Channel) -> None:
    given = rows.moved(world, stage, live(world, stage), Op.MOVE, args=Args(to="harju"))
    assert (given["ch"], given["to"]) == ("stage", "harju")
    assert [row.id for row in asked.given_to(world.event_id, "harju")] == [given["id"]]
    booth = rows.booth(world)
    moved = rows.moved(world, stage, given, Op.MOVE, args=Args(to=None, move_to=booth.id))
    assert (moved["ch"], moved["no"]) == ("booth:harju", 1)
    assert given["id"] not in str(asked.listed(stage, View.MOD))
    assert [q["id"] for q in asked.listed(booth, View.PUB)] == [given["id"]]


@pytest.mark.parametrize(
    ("before", "op", "state"),
    [
        ((), Op.APPROVE, "pending"),
        ((), Op.REJECT, "pending"),
        ((Op.APPROVE,), Op.NOW, "live"),
        ((Op.APPROVE,), Op.ANSWERED, "live"),
        ((Op.APPROVE, Op.NOW), Op.ANSWERED, "answering"),
        ((Op.APPROVE,), Op.REPLY, "live"),
        ((Op.APPROVE,), Op.REMOVE, "live"),
        ((Op.APPROVE,), Op.EDIT, "live"),
        ((Op.APPROVE,), Op.PIN, "live"),
    ],
)
def test_every_press_can_be_taken_back(
    world: World, stage: Channel, before: tuple[Op, ...], op: Op, state: str
) -> None:
    stood = rows.moved(world, stage, rows.asked(stage), *before)
    done = rows.moved(world, stage, stood, op)
    back = rows.moved(world, stage, done, Op.UNDO)
    assert back["state"] == state
    for name in ("no", "body", "pinned", "replies", "answered_at", "answering_at"):
        assert back[name] == stood[name], name
    db.session().expire_all()
    assert db.row(Channel, stage.id).now_id == (stood["id"] if state == "answering" else None)


def test_taking_back_now_answers_the_one_before_again(world: World, stage: Channel) -> None:
    first = rows.moved(world, stage, live(world, stage, "Eka?"), Op.NOW)
    second = rows.moved(world, stage, live(world, stage, "Toka?"), Op.NOW)
    assert fresh(first)["state"] == "answered"
    rows.moved(world, stage, second, Op.UNDO)
    assert (fresh(first)["state"], fresh(second)["state"]) == ("answering", "live")


def test_only_one_s_own_press_and_only_for_a_moment(world: World, stage: Channel) -> None:
    shown = live(world, stage)
    with pytest.raises(errors.Conflict):
        rows.moved(world, stage, shown, Op.UNDO, by="cohost")
    with clock.frozen(clock.now() + timedelta(seconds=13)), pytest.raises(errors.Conflict):
        rows.moved(world, stage, shown, Op.UNDO)


def test_a_muted_asker_asks_no_more_for_a_while(world: World, stage: Channel) -> None:
    question = rows.asked(stage, visitor="loud")
    actions.mute(channel_id=stage.id, cid=rows.cid(), question_id=question["id"], minutes=10)
    with pytest.raises(questions.Muted) as refused:
        rows.asked(stage, "Entä nyt?", visitor="loud")
    assert refused.value.data["retry_after_ms"] > 500_000
    assert asked.mine(stage, "loud")["muted_until"]
    actions.mute(channel_id=stage.id, cid=rows.cid(), question_id=question["id"], minutes=0)
    rows.asked(stage, "Entä nyt?", visitor="loud")


def change(world: World, channel: Channel, op: ChanOp, **more: object) -> Doc:
    return actions.change_channel(
        channel_id=channel.id,
        person_id=world.people["organiser"],
        cid=rows.cid(),
        rev=None,
        op=op,
        **more,  # type: ignore[arg-type]
    ).channel


def test_the_channel_s_settings(world: World, stage: Channel) -> None:
    assert change(world, stage, ChanOp.CLOSE)["open"] is False
    with pytest.raises(errors.Closed):
        rows.asked(stage)
    assert change(world, stage, ChanOp.OPEN)["open"] is True
    assert change(world, stage, ChanOp.PREMOD, on=False)["premod"] is False
    assert rows.asked(stage, visitor="quick")["state"] == "live"
    assert change(world, stage, ChanOp.SLOW, seconds=60)["slow_s"] == 60
    with pytest.raises(errors.Invalid):
        change(world, stage, ChanOp.SLOW, seconds=10_000)
    with pytest.raises(errors.Conflict):
        actions.change_channel(
            channel_id=stage.id, person_id=world.people["organiser"], cid=rows.cid(), rev=1, op=ChanOp.CLOSE
        )


def test_next_goes_through_the_list_in_its_order(world: World, stage: Channel) -> None:
    plain, liked, pinned = (live(world, stage, body) for body in ("Eka?", "Toka?", "Kolmas?"))
    vote(stage, liked, "a", "b")
    rows.moved(world, stage, pinned, Op.PIN)
    order = [change(world, stage, ChanOp.NEXT)["now"] for _ in range(4)]
    assert order == [pinned["id"], liked["id"], plain["id"], None]
    assert {fresh(q)["state"] for q in (plain, liked, pinned)} == {"answered"}


def test_clearing_puts_everything_away_and_starts_a_new_life(world: World, stage: Channel) -> None:
    question, waiting = live(world, stage), rows.asked(stage, "Odottava?")
    before = journal.head(asked.stream(stage.id, View.PUB))
    change(world, stage, ChanOp.CLEAR)
    assert journal.head(asked.stream(stage.id, View.PUB)).epoch != before.epoch
    assert (fresh(question)["state"], fresh(waiting)["state"]) == ("archived", "pending")
    assert asked.catch_up(stage.id, stage.ch, View.PUB, (before.epoch, before.seq)).events is None


def test_listed_words_only_mark(world: World, stage: Channel) -> None:
    actions.set_words(event_id=world.event_id, text="Tyhmä\nhölmö, tyhmä\n")
    assert asked.words(world.event_id) == ["tyhmä", "hölmö"]
    question = rows.asked(stage, "Miksi noin tyhmästi?")
    assert question["state"] == "pending"
    assert db.row(Question, question["id"]).flags == ["words"]


def test_moments_follow_corrections(world: World, stage: Channel) -> None:
    question = rows.moved(world, stage, live(world, stage), Op.NOW)
    at = clock.now() - timedelta(minutes=2)
    rows.moved(world, stage, question, Op.TIME, args=Args(at=at))
    assert [(when, row.id) for when, row in asked.moments(world.event_id)] == [(at, question["id"])]
    with pytest.raises(errors.Invalid):
        rows.moved(world, stage, fresh(question), Op.TIME, args=Args(at=clock.now() + timedelta(hours=1)))


def test_an_export_holds_no_identities(world: World, stage: Channel) -> None:
    question = live(world, stage)
    vote(stage, question, "secret-voter")
    rows.moved(world, stage, fresh(question), Op.REPLY)
    (row,) = queries.exported(world.event_id, [stage.id])
    assert set(row) == set(queries.COLUMNS)
    assert (row["votes"], row["answers"][0]["body"]) == (1, "Kirjallinen vastaus.")
    assert "secret-voter" not in str(row)
    assert "visitor-" not in str(row)
    assert row["state"] == State.ANSWERED

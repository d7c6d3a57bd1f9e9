"""The pure rules: ways, texts, pace, and what a client makes of events."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miitti.questions import states
from miitti.questions.states import Op, State

NOON = datetime(2027, 4, 8, 10, 0, tzinfo=UTC)


def test_every_op_knows_its_ways_and_none_leaves_the_end_states() -> None:
    assert set(states.NEXT) == set(Op)
    for op, ways in states.NEXT.items():
        ended = {State.WITHDRAWN, State.REMOVED, State.MERGED} & set(ways)
        assert ended == {Op.UNMERGE: {State.MERGED}, Op.UNDO: {State.REMOVED}}.get(op, set())


def test_the_usual_way() -> None:
    state = State.PENDING
    for op in (Op.APPROVE, Op.NOW, Op.ANSWERED, Op.ARCHIVE):
        following = states.after(op, state, numbered=False)
        assert following is not None
        state = following
    assert state is State.ARCHIVED


@pytest.mark.parametrize(("numbered", "expected"), [(False, State.PENDING), (True, State.LIVE)])
def test_a_rejected_question_comes_back_to_where_it_was(numbered: bool, expected: State) -> None:
    assert states.after(Op.RESTORE, State.REJECTED, numbered=numbered) is expected


def test_a_pending_question_never_becomes_public_but_by_approval() -> None:
    public = {op for op in Op if states.after(op, State.PENDING, numbered=False) in states.PUBLIC}
    assert public == {Op.APPROVE}


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("  Mikä   on\tpalkka?\n", "Mikä on palkka?"),
        ("palkka\u202e!akklap", "palkka!akklap"),
        ("a\u0000b\u0007c", "abc"),
        ("pa\u0308lkka", "pälkka"),
        ("👩‍👩‍👧 perhe", "👩‍👩‍👧 perhe"),
        ("\ufeff\u2066x\u2069yz", "xyz"),
    ],
)
def test_texts_are_cleaned(given_: str, kept: str) -> None:
    assert states.clean(given_) == kept


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert states.clean(states.clean(text)) == states.clean(text)


def test_length_counts_letters_as_people_do() -> None:
    assert states.length("👩‍👩‍👧äö") == 3
    assert states.length("x" * 900_000) > states.LONGEST


@pytest.mark.parametrize(
    ("text", "found", "shown"),
    [
        ("Soittakaa 044 123 4588, olen valmis", ["phone"], "Soittakaa ••• ••• ••88, olen valmis"),
        ("Olen maija@example.fi", ["email"], "Olen •••••@•••••••.fi"),
        ("Hetuni on 131052-308T", ["identity"], "Hetuni on ••••••-••8T"),
        ("Palkka 2 400 euroa vai 15,80?", [], "Palkka 2 400 euroa vai 15,80?"),
    ],
)
def test_personal_data_is_flagged_and_hidden(text: str, found: list[str], shown: str) -> None:
    assert states.flags(text) == found
    assert states.masked(text) == shown


def test_three_at_once_then_one_in_twenty_seconds() -> None:
    past: list[datetime] = []
    for _ in range(3):
        assert states.wait(past, NOON, states.ASK_BURST, states.ASK_EVERY) == 0
        past.append(NOON)
    assert states.wait(past, NOON, states.ASK_BURST, states.ASK_EVERY) == 20
    later = NOON + timedelta(seconds=20)
    assert states.wait(past, later, states.ASK_BURST, states.ASK_EVERY) == 0
    assert states.wait([*past, later], later, states.ASK_BURST, states.ASK_EVERY) == 20
    assert states.wait(past, NOON + timedelta(minutes=2), states.ASK_BURST, states.ASK_EVERY) == 0


# -- fold ----------------------------------------------------------------------------------------------------


def snapshot() -> states.Doc:
    return {"epoch": "e", "seq": 3, "vrev": 0, "channel": {"rev": 1}, "questions": [], "counts": {}}


def put(name: str, rev: int, state: str = "live") -> states.Doc:
    return {"q": {"id": name, "rev": rev, "state": state, "asked_at": "2027", "replies": []}}


def test_known_events_change_nothing_and_gaps_are_told() -> None:
    before = snapshot()
    assert states.fold(before, 3, "q.put", put("a", 1)) is before
    with pytest.raises(ValueError, match="gap"):
        states.fold(before, 5, "q.put", put("a", 1))


def test_events_are_folded() -> None:
    now = states.fold(snapshot(), 4, "q.put", put("a", 2))
    now = states.fold(now, 5, "q.put", put("a", 1, "answered"))
    assert [q["state"] for q in now["questions"]] == ["live"], "an older revision changes nothing"
    now = states.fold(now, 6, "r.put", {"q": "a", "rev": 3, "r": {"id": "r1", "body": "joo"}})
    assert now["questions"][0]["replies"] == [{"id": "r1", "body": "joo"}]
    now = states.fold(now, 7, "ch.put", {"channel": {"rev": 2, "now": "a"}})
    assert now["channel"]["now"] == "a"
    assert now["counts"] == {"live": 1, "answered": 0}
    now = states.fold(now, 8, "q.del", {"id": "a"})
    assert now["questions"] == []
    assert now["seq"] == 8

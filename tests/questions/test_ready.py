"""The shared state of a channel, given before Flask: the same answer, and never an old or a foreign one."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from miitti.accounts import actions as accounts
from miitti.events import actions as events
from miitti.foundation import clock, gate, ready
from miitti.foundation.access import Role
from miitti.questions.states import Op
from tests.conftest import Client
from tests.questions import rows
from tests.world import World

STATE = "/miitti/miitti/qa/stage/state"


@pytest.fixture
def shelf(app: Flask, world: World) -> ready.Shelf:
    """The shelf of an application that follows the journal."""
    found = ready.shelf(app)
    found.following = True
    return found


def test_the_second_answer_is_the_first_s_twin(shelf: ready.Shelf, client: Client) -> None:
    for coding in ("gzip", "identity"):
        first, second = (client.get(STATE, headers={"Accept-Encoding": coding}) for _ in range(2))
        assert STATE in shelf._kept
        assert second.data == first.data
        for name in ("Content-Type", "ETag", "Cache-Control", "Content-Encoding", "X-Content-Type-Options"):
            assert second.headers.get(name) == first.headers.get(name), name
        assert "Set-Cookie" not in second.headers
    again = client.get(STATE, headers={"If-None-Match": second.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_was_committed_is_in_the_next_answer(shelf: ready.Shelf, client: Client, world: World) -> None:
    stage = rows.stage(world)
    for number in range(3):
        question = rows.moved(world, stage, rows.asked(stage, f"Kysymys {number}?"), Op.APPROVE)
        assert [q["body"] for q in client.get(STATE).get_json()["questions"]][-1] == f"Kysymys {number}?"
        assert STATE in shelf._kept
    client.get(STATE)
    rows.moved(world, stage, question, Op.REMOVE)
    assert len(client.get(STATE).get_json()["questions"]) == 2


def test_an_answer_that_became_old_while_it_was_made_is_not_kept(shelf: ready.Shelf, client: Client) -> None:
    inner = shelf.inner

    def overtaken(environ: gate.Environ, start: gate.Start) -> Iterable[bytes]:
        def started(*said: Any) -> Any:
            shelf.drop("qa:1:pub")
            return start(*said)

        return inner(environ, started)

    shelf.inner = overtaken
    assert client.get(STATE).status_code == 200
    assert shelf._kept == {}


def test_a_draft_and_the_moderators_view_are_never_shared(
    shelf: ready.Shelf, client: Client, world: World, as_: Callable[[str], Client]
) -> None:
    host = as_("organiser")
    assert host.get(f"{STATE}?v=mod").status_code == 200
    assert shelf._kept == {}
    draft = events.create(
        slug="luonnos",
        title_fi="Luonnos",
        starts_at=clock.now() + timedelta(days=9),
        ends_at=clock.now() + timedelta(days=9, hours=2),
    )
    accounts.grant(person_id=world.people["organiser"], role=Role.ORGANISER, event_id=draft.id)
    unseen = "/miitti/luonnos/qa/stage/state"
    assert host.get(unseen).status_code == 200
    assert shelf._kept == {}
    assert client.get(unseen).status_code == 404


def test_nobody_keeps_who_does_not_follow(app: Flask, world: World, client: Client) -> None:
    client.get(STATE)
    assert ready.shelf(app)._kept == {}

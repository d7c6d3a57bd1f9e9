"""Letters to employers while the worker is killed by -9 and the mail server goes away."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from miitti.foundation import db, jobs
from miitti.leads import actions, states
from miitti.leads.models import Lead
from tests import processes
from tests.letters import Post, until_true

EMPLOYER = "tyo@harju.example"
HANG_S = 120


class Slow(Post):
    """A mail server that can fall silent in the middle of a letter, before or after keeping it."""

    def __init__(self) -> None:
        super().__init__()
        self.before = self.after = False
        self.reached = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take the letter, with silence where it was asked for."""
        if self.before:
            self.reached.set()
            await asyncio.sleep(HANG_S)
        answer = await super().handle_DATA(server, session, envelope)
        if self.after:
            self.reached.set()
            await asyncio.sleep(HANG_S)
        return answer

    def calm(self) -> None:
        """Answer at once again."""
        self.before = self.after = False
        self.reached.clear()


@pytest.fixture(scope="module")
def post() -> Iterator[Slow]:
    made = Slow()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory, post: Slow) -> Iterator[processes.Live]:
    folder = tmp_path_factory.mktemp("killed")
    with processes.running(folder, MIITTI_SMTP_URL=post.url) as running:
        yield running


def leave(tree: processes.Live, key: str) -> int:
    """A lead, committed as the web process does; gives its number."""
    with tree.app.app_context():
        receipt = actions.leave(
            booth_id=tree.world.booths["harju"], form_key=key, visitor="v_faults", phone="0401234567", message=key
        )
        number = db.session().scalar(select(Lead.id).where(Lead.receipt == receipt))
        assert number is not None
        return number


def state(tree: processes.Live, number: int) -> tuple[states.Delivery, str | None]:
    """(what became of the letter, codes of the last failure)."""
    with tree.app.app_context():
        lead = db.row(Lead, number)
        return lead.delivery_state, lead.delivery_error


def delivered(tree: processes.Live, number: int) -> bool:
    return state(tree, number)[0] is states.Delivery.DELIVERED


def about(post: Post, key: str) -> list[str]:
    """Message-IDs of the letters about one lead."""
    bodies = [(letter, letter.get_body(["plain"])) for letter in post.to(EMPLOYER)]
    return [str(letter["Message-ID"]) for letter, body in bodies if body is not None and key in body.get_content()]


def test_worker_killed_before_the_server_took_the_letter(tree: processes.Live, post: Slow) -> None:
    post.before = True
    number = leave(tree, "key-before")
    assert post.reached.wait(30)
    tree.kill("worker")
    post.calm()
    until_true(lambda: delivered(tree, number), 60, "the delivery after the restart\n" + tree.said()[-2000:])
    assert len(about(post, "key-before")) == 1


def test_worker_killed_between_the_servers_taking_and_our_note(tree: processes.Live, post: Slow) -> None:
    post.after = True
    number = leave(tree, "key-after")
    assert post.reached.wait(30)
    tree.kill("worker")
    post.calm()
    until_true(lambda: delivered(tree, number), 60, "the delivery after the restart\n" + tree.said()[-2000:])
    ids = about(post, "key-after")
    assert len(ids) == 2, "nobody could know whether it had arrived, so it came again"
    assert len(set(ids)) == 1, "as the very same letter"


def test_mail_server_away_for_a_while(tree: processes.Live, post: Slow) -> None:
    post.stop()
    numbers = [leave(tree, f"key-away-{n}") for n in range(3)]
    # an employer's letters keep their order, so the later ones wait behind the first and are not tried
    until_true(lambda: state(tree, numbers[0])[1] is not None, 30, "the failure to be noted")
    assert not any(delivered(tree, n) for n in numbers)
    post.start()
    until_true(lambda: all(delivered(tree, n) for n in numbers), 60, "the delivery once the server is back")
    for n in range(3):
        assert len(about(post, f"key-away-{n}")) == 1
    came = [body.get_content() for body in (letter.get_body(["plain"]) for letter in post.to(EMPLOYER)) if body]
    assert [n for text in came for n in range(3) if f"key-away-{n}" in text] == [0, 1, 2]


def test_nothing_is_left_over_and_nobody_is_named_in_the_logs(tree: processes.Live) -> None:
    with tree.app.app_context():
        # what comes round each night is planned ahead and stands for nobody's letter
        left = select(jobs.Job).where(jobs.Job.state != jobs.State.DONE, jobs.Job.kind.not_in(jobs.NIGHTLY))
        waiting = db.session().scalars(left).all()
        assert [job.kind for job in waiting] == []
    said = tree.said()
    for personal in ("0401234567", "040 123", EMPLOYER, "key-before"):
        assert personal not in said

"""One employer whose mail server thinks for ever holds nobody else's letters, and its own keep their order."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from miitti.foundation import db
from miitti.leads import actions, states
from miitti.leads.models import Lead
from tests import processes
from tests.letters import Post, until_true


class SlowForOne(Post):
    """Thinks for ever about letters to one employer, as long as it is told to."""

    thinking = True

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take the letter; before that, think."""
        while self.thinking and "tyo@harju.example" in envelope.rcpt_tos:
            await asyncio.sleep(0.1)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture(scope="module")
def post() -> Iterator[SlowForOne]:
    made = SlowForOne()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory, post: SlowForOne) -> Iterator[processes.Live]:
    with processes.running(tmp_path_factory.mktemp("slow"), MIITTI_SMTP_URL=post.url) as running:
        yield running


def test_others_are_served_and_the_order_is_kept(tree: processes.Live, post: SlowForOne) -> None:
    with tree.app.app_context():
        for booth in ("harju", "harju", "harju", "puusaha", "levytyo"):
            for number in range(3):
                key = f"f_{booth}_{number}_{len(post.letters)}_{db.session().query(Lead).count()}"
                actions.leave(
                    booth_id=tree.world.booths[booth], form_key=key, visitor="v", phone="0401234567", message=key
                )
    for address in ("tyo@puusaha.example", "tyo@levytyo.example"):
        assert len(post.wait_for(address, 3, 15)) == 3
    assert post.to("tyo@harju.example") == []
    post.thinking = False

    def all_delivered() -> bool:
        with tree.app.app_context():
            waiting = db.session().query(Lead).filter(Lead.delivery_state == states.Delivery.WAITING).count()
            return waiting == 0

    until_true(all_delivered, 60, "every letter to be delivered\n" + tree.said()[-2000:])
    with tree.app.app_context():
        wanted = [lead.message for lead in db.session().query(Lead).order_by(Lead.id) if "harju" in lead.message]
    for booth in ("harju", "puusaha", "levytyo"):
        letters = post.to(f"tyo@{booth}.example")
        bodies = [letter.get_body(["plain"]) for letter in letters]
        got = [next(key for key in _keys(body.get_content(), booth)) for body in bodies if body is not None]
        first = list(dict.fromkeys(got))
        assert first == sorted(first, key=lambda key: int(key.rpartition("_")[2])), "in the order they came"
        if booth == "harju":
            assert first == wanted


def _keys(text: str, booth: str) -> list[str]:
    return [word for word in text.split() if word.startswith(f"f_{booth}_")]

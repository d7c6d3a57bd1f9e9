"""What a host says to everybody: on every open page at once, in the page itself, away again, and in the audit."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from miitti.accounts.models import AuditEntry
from miitti.events import actions as events
from miitti.events.states import Doors
from miitti.foundation import db
from miitti.stage import actions
from miitti.stage.states import NOTICE_LENGTH, Turn
from tests.conftest import Client
from tests.journeys.test_question_answered import EVENT, sign_in
from tests.processes import Live
from tests.world import World

As = Callable[[str], Client]
Browse = Callable[..., Page]
AT = "/desk/events/miitti/stage/notice"
COFFEE = "Kahvitauko, jatkamme klo 14.10"


@pytest.mark.parametrize("name", ["organiser", "cohost"])
@pytest.mark.parametrize("doors", [Doors.OPEN, Doors.LIVE, Doors.OVER])
def test_it_stands_in_the_page_until_taken_away(client: Client, world: World, as_: As, name: str, doors: Doors) -> None:
    events.force_doors(event_id=world.event_id, doors=doors)
    host = as_(name)
    assert host.send(AT, notice=f"  {COFFEE} <b>\u202e").status_code == 303
    assert f"<p>{COFFEE} &lt;b&gt;</p>" in client.get(EVENT).text
    told = client.get(f"{EVENT}/notice.json")
    assert told.headers["Cache-Control"] == "no-store"
    first = told.json or {}
    assert first["text"] == f"{COFFEE} <b>"
    assert host.send(AT, remove=1).status_code == 303
    assert COFFEE not in client.get(EVENT).text
    later = client.get(f"{EVENT}/notice.json").json or {}
    assert later["text"] == ""
    assert later["at"] > first["at"], "a page that heard both late must know which is newer"
    said = AuditEntry.verb.in_(["say", "unsay"])
    noted = db.session().execute(sa.select(AuditEntry.verb, AuditEntry.after).where(said).order_by(AuditEntry.id))
    assert [(verb, after["notice"]) for verb, after in noted] == [("say", f"{COFFEE} <b>"), ("unsay", "")]


def test_too_long_nothing_and_too_often_are_refused_without_losing_the_text(world: World, as_: As) -> None:
    host = as_("cohost")
    assert host.send(AT, notice=" \n ").status_code == 422
    long = host.send(AT, notice="ä" * (NOTICE_LENGTH + 1))
    assert long.status_code == 422
    assert "ä" * (NOTICE_LENGTH + 1) in long.text
    assert host.send(AT, notice="ä" * NOTICE_LENGTH).status_code == 303
    answers = [host.send(AT, notice=f"Vielä {number}").status_code for number in range(8)]
    assert answers[0] == 303
    assert answers[-1] == 429


def test_the_end_of_the_show_takes_it_away(client: Client, world: World) -> None:
    actions.say(event_id=world.event_id, text=COFFEE)
    assert COFFEE in client.get(EVENT).text
    actions.run(event_id=world.event_id, turn=Turn.END)
    assert COFFEE not in client.get(EVENT).text


@pytest.mark.browser
def test_open_pages_show_it_at_once(live: Live, browser: Browse) -> None:
    with live.app.app_context():
        actions.run(event_id=live.world.event_id, turn=Turn.LIVE)
    host, seen = browser(), browser(width=390)
    with seen.expect_response("**/state"), seen.expect_response("**/notice.json"):
        seen.goto(live.url + EVENT)
    said = seen.locator("#notice")
    expect(said).to_have_text("")
    sign_in(host, live, "cohost")
    host.goto(f"{live.url}/desk/events/miitti/stage?lang=fi")
    host.get_by_label("Yksi rivi").fill(COFFEE)
    host.get_by_role("button", name="Näytä", exact=True).click()
    expect(said).to_have_text(COFFEE)
    expect(said).to_have_attribute("role", "status")
    # said while the visitor's line is away: it is there when the line is back
    seen.context.set_offline(True)
    host.get_by_label("Yksi rivi").fill("Jatkamme nyt")
    host.get_by_role("button", name="Näytä", exact=True).click()
    expect(host.locator(".said")).to_have_text("Jatkamme nyt")
    seen.context.set_offline(False)
    expect(said).to_have_text("Jatkamme nyt", timeout=20_000)
    host.get_by_role("button", name="Ota pois").click()
    expect(said).to_have_text("")

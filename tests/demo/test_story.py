"""The demo's Miitti: made once through the rooms' actions, moved to now at each start."""

import json
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from miitti.demo import film, reel, story, texts
from miitti.demo.companies import COMPANIES
from miitti.events import actions as events
from miitti.events import queries as events_queries
from miitti.events.states import Doors
from miitti.foundation import clock, db, ffmpeg
from miitti.leads.states import LeadState
from miitti.videos.states import State
from tests.conftest import Client

TABLES = ("event", "co_host", "programme_item", "organisation", "person", "booth", "vacancy", "video", "caption",
          "question", "question_vote", "access_grant", "grant", "lead", "note")  # fmt: skip


def _counts() -> dict[str, int]:
    """Rows by table, of the tables there are."""
    known = sa.inspect(db.extension.engine).get_table_names()
    with db.extension.engine.connect() as connection:
        return {
            name: connection.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in TABLES
            if name in known
        }


class BrokenOff(Exception):
    """Somebody pulled the plug."""


def _until(words: str, said: list[str]) -> Callable[[str], None]:
    """Listen to what is said, and break the start off when it comes to `words`."""

    def hear(line: str) -> None:
        said.append(line)
        if line.startswith(words):
            raise BrokenOff

    return hear


@pytest.mark.timeout(600)
def test_the_demo_is_made_once_and_lives_at_each_start(app: Flask, tmp_path: Path) -> None:
    # starts that are broken off at three points leave nothing half made, and the next goes on
    said: list[str] = []
    # four of the films lie there from an earlier start (and are short, to spare the machine)
    (tmp_path / "films").mkdir()
    for slug in list(reel.SCENES)[2:]:
        film.shoot(reel.SCENES[slug], tmp_path / "films" / f"{slug}.mp4", ffmpeg.binary(), seconds=0.5)
    for words in ("Luodaan", "Piirretään videota 2/", "Muunnetaan videota 3/"):
        with pytest.raises(BrokenOff):
            story.make(progress=_until(words, said))
    facts = story.make(progress=said.append)
    main = events_queries.by_slug(texts.MAIN.slug)
    assert events_queries.doors(main) is Doors.LIVE
    assert [event.slug for event in events_queries.live()] == [texts.MAIN.slug]
    assert [event.slug for event in events_queries.upcoming()] == [texts.COMING.slug]
    assert [event.slug for event in events_queries.past()] == [texts.PAST.slug]
    assert "Piirretään videota 1/6 / Drawing video 1/6…" in said

    # every film plays before the demo opens, with captions
    states = {row.state for row in db.session().execute(sa.text("SELECT state FROM video"))}
    assert states == {State.READY.value}
    counts = _counts()
    assert counts["booth"] == 6
    assert counts["video"] == 6
    assert counts["caption"] == 6 * 3
    assert not (tmp_path / "films").exists()

    # what demo.json says opens doors
    assert facts["booths"] == [company.slug for company in COMPANIES]
    assert facts["event"] == texts.MAIN.slug
    assert facts["smtp"] is None
    assert facts["rtmp"] is None
    assert set(facts["employers"]) == set(facts["sign_in"]["company"]) == set(facts["booths"])
    assert len(facts["stage_key"]) >= 16
    links = [facts["sign_in"]["organiser"], facts["sign_in"]["cohost"], *facts["sign_in"]["company"].values()]
    assert len(set(links)) == 8
    assert all(link.startswith(f"{facts['base_url']}/sign-in/") for link in links)

    # a visitor sees it, a company gets in by its link
    visitor = app.test_client()
    assert texts.MAIN.title.fi in visitor.get(f"/miitti/{texts.MAIN.slug}?lang=fi").text
    assert visitor.get(f"/miitti/{texts.MAIN.slug}/booths/konepaja-harju?lang=sv").status_code == 200
    company = app.test_client()
    assert isinstance(company, Client)
    assert (
        company.send(facts["sign_in"]["company"]["konepaja-harju"].removeprefix(facts["base_url"])).status_code == 303
    )
    assert company.get("/desk").status_code == 200

    # much later, after the host ended it: the second start keeps all and makes it live again, from fresh links
    events.force_doors(event_id=main.id, doors=Doors.OVER)
    item = events_queries.programme(main.id)[1]
    into = item.starts_at - main.starts_at
    with clock.frozen(clock.now() + timedelta(days=40)):
        again: list[str] = []
        second = story.make(progress=again.append)
        main = events_queries.by_slug(texts.MAIN.slug)
        assert events_queries.doors(main) is Doors.LIVE
        assert events_queries.programme(main.id)[1].starts_at - main.starts_at == into
        assert [event.slug for event in events_queries.upcoming()] == [texts.COMING.slug]
    assert again == []
    assert _counts() == counts
    assert second["sign_in"]["organiser"] != facts["sign_in"]["organiser"]
    assert second["stage_key"] == facts["stage_key"]


def test_the_desk_is_alive_and_nothing_of_it_is_sent_again(app: Flask) -> None:
    story._write()
    db.session().rollback()
    waiting = db.session().execute(sa.text("SELECT count(*) FROM job WHERE kind = 'deliver_lead'")).scalar_one()
    assert waiting == 0
    states = {row.state for row in db.session().execute(sa.text("SELECT state FROM lead"))}
    assert states == {state.value for state in LeadState}
    facts = story._facts()
    client = app.test_client()
    assert isinstance(client, Client)
    client.send(facts["sign_in"]["company"]["konepaja-harju"].removeprefix(facts["base_url"]))
    page = client.get("/desk/leads").text
    for words in ("Jonna Mäkelä", "Kävi pajalla", "Anna Lindqvist", "Sari Niemi"):
        assert words in page
    assert "Daria" not in page
    assert page.index("Sari Niemi") < page.index("Jonna Mäkelä"), "in the order they came"


def test_what_is_asked_stands_where_it_should(app: Flask) -> None:
    story._write()
    rows = db.session().execute(
        sa.text("SELECT state, count(*) FROM question GROUP BY state"),
    )
    assert dict(tuple(row) for row in rows) == {"answered": 4, "answering": 1, "live": 3, "pending": 2}
    answers = db.session().execute(sa.text("SELECT count(*) FROM question_reply")).scalar_one()
    assert answers == 4


def test_demo_json_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "demo.json"
    story.write_facts(path, {"event": "metalli-ja-puuala", "place": "Sysmä"})
    story.write_facts(path, {"event": "metalli-ja-puuala", "place": "Mäntyharju"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["place"] == "Mäntyharju"
    assert [left.name for left in path.parent.iterdir()] == ["demo.json"]

"""Reminders: an address and nothing else, letters over real SMTP, gone when it should be."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select

from miitti.events import actions as events
from miitti.events import queries as events_queries
from miitti.events.states import Doors
from miitti.foundation import clock, db, jobs, journal, limits
from miitti.foundation.clock import HELSINKI
from miitti.teasers import actions, queries, states
from miitti.teasers.models import Reminder
from miitti.teasers.states import Notice, leaves_at
from tests.conftest import Client
from tests.letters import Post
from tests.world import World, make

URL = "/miitti/miitti/reminders"


@pytest.fixture
def waiting(app: Flask) -> World:
    """A Miitti whose doors are open; it starts tomorrow."""
    return make(doors=None)


def reminders() -> list[str]:
    db.session().rollback()
    return list(db.session().scalars(select(Reminder.email).order_by(Reminder.id)))


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Another moment, with nothing read before it."""
    db.session().rollback()
    with clock.frozen(moment):
        yield
    db.session().rollback()


def test_an_address_is_all_it_takes(app: Flask, smtp: Post, waiting: World) -> None:
    client = app.test_client()
    assert isinstance(client, Client)
    answer = client.send(f"{URL}?lang=fi", email=" Aino@Example.FI ")
    assert answer.status_code == 303
    assert "Muistutamme sinua" in client.get(answer.headers["Location"]).text
    assert reminders() == ["aino@example.fi"]
    jobs.run_until_idle(app, ["mail"])
    (letter,) = smtp.to("aino@example.fi")
    assert letter["Subject"] == "Muistutamme sinua: Metallialan Miitti"
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    token = queries.of_address(waiting.event_id, "aino@example.fi").token  # type: ignore[union-attr]
    for part in (text, html):
        assert "http://localhost/join/" in part
        assert f"http://localhost/reminders/{token}" in part
        assert "klo" in part
    assert letter["List-Unsubscribe"].strip() == f"<http://localhost/reminders/{token}>"


@pytest.mark.parametrize(
    ("language", "subject"),
    [("sv", "Vi påminner dig: Metallbranschens Miitti"), ("en", "We will remind you: Metalworks Miitti")],
)
def test_letters_come_in_the_readers_language(
    app: Flask, smtp: Post, waiting: World, language: str, subject: str
) -> None:
    client = app.test_client()
    assert isinstance(client, Client)
    client.send(f"{URL}?lang={language}", email="aino@example.fi")
    jobs.run_until_idle(app, ["mail"])
    (letter,) = smtp.letters
    assert letter["Subject"] == subject
    assert letter["Content-Language"] == language


@pytest.mark.parametrize(("language", "button"), [("fi", "Muistuta minua"), ("sv", "Påminn mig"), ("en", "Remind me")])
def test_a_letter_leads_straight_to_the_page_in_its_reader_s_language(
    app: Flask, smtp: Post, waiting: World, language: str, button: str
) -> None:
    actions.remind(event_id=waiting.event_id, email="aino@example.fi", language=language)
    jobs.run_until_idle(app, ["mail"])
    address = join_link(smtp.letters[0])
    assert "aino" not in address
    scanner, reader = app.test_client(), app.test_client()
    for _ in range(3):  # what a mail scanner opens is used up by nobody
        assert scanner.get(address).status_code == 303
    answer = reader.get(address, follow_redirects=True, headers={"Accept-Language": "de"})
    assert answer.request.path == "/miitti/miitti"
    assert f'lang="{language}"' in answer.text
    assert button in answer.text
    db.session().rollback()
    assert queries.arrivals(waiting.event_id) == []
    assert len(reminders()) == 1
    # it opens this page and nothing else, also after the address was removed
    token = address.rpartition("/")[2]
    assert reader.get(f"/reminders/{token}").status_code == 404
    actions.forget_all(event_id=waiting.event_id)
    assert reader.get(address).status_code == 303
    payload, _, signature = token.partition(".")
    for forged in (
        payload,
        f"{payload}.",
        f"{payload}.{signature[:-2]}AA",
        f"x{payload}.{signature}",
        "ä.ö",
        "." * 300,
    ):
        assert reader.get(f"/join/{forged}").status_code == 404


def join_link(letter: EmailMessage) -> str:
    """The address of the button in a letter, without the host."""
    body = letter.get_body(("plain",))
    assert body is not None
    found = re.search(r"http://localhost(/join/\S+)", body.get_content())
    assert found is not None
    return found[1]


def test_known_and_unknown_get_the_same_answer_and_one_letter(app: Flask, smtp: Post, waiting: World) -> None:
    client = app.test_client()
    assert isinstance(client, Client)
    first = client.send(URL, email="aino@example.fi")
    again = client.send(URL, email="AINO@example.fi")
    assert (first.status_code, first.headers["Location"]) == (again.status_code, again.headers["Location"])
    jobs.run_until_idle(app, ["mail"])
    assert len(smtp.letters) == 1
    # an hour later a lost letter can be asked for again, with another Message-ID
    with at(clock.now() + timedelta(hours=2)):
        client.send(URL, email="aino@example.fi")
        jobs.run_until_idle(app, ["mail"])
    first_letter, second_letter = smtp.letters
    assert first_letter["Message-ID"] != second_letter["Message-ID"]
    assert reminders() == ["aino@example.fi"]


def test_one_address_is_never_flooded(app: Flask, smtp: Post, waiting: World) -> None:
    now = clock.now()
    for number in range(10):
        with at(now + timedelta(minutes=61 * number)):
            actions.remind(event_id=waiting.event_id, email="uhri@example.fi", language="fi", visitor=f"v{number}")
    jobs.run_until_idle(app, ["mail"])
    with at(now + timedelta(hours=11)):
        jobs.run_until_idle(app, ["mail"])
    assert len(smtp.to("uhri@example.fi")) == states.MOST_CONFIRMATIONS


def test_one_browser_can_not_write_to_a_list_of_strangers(app: Flask, client: Client, waiting: World) -> None:
    codes = []
    for number in range(states.ASKS_PER_VISITOR + 2):
        answer = client.send(URL, email=f"person{number}@example.fi")
        codes.append(answer.status_code)
    assert codes == [303] * states.ASKS_PER_VISITOR + [429, 429]
    assert answer.headers["Retry-After"]
    assert "person11@example.fi" in answer.text  # what was typed is not lost
    assert len(reminders()) == states.ASKS_PER_VISITOR


def test_a_script_without_cookies_is_slowed_by_its_address(app: Flask, waiting: World) -> None:
    limits.clear()
    codes = []
    for number in range(33):
        fresh = app.test_client()
        assert isinstance(fresh, Client)
        codes.append(fresh.send(URL, email=f"person{number}@example.fi").status_code)
    assert 429 in codes


@pytest.mark.parametrize("bad", ["", "aino", "a@b", "a@b.fi\nBcc: x@y.fi,", "x" * 300 + "@example.fi", "a b@c.fi"])
def test_what_is_no_address_is_refused_and_kept(client: Client, waiting: World, bad: str) -> None:
    answer = client.send(f"{URL}?lang=fi", email=bad)
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert reminders() == []


def test_without_a_token_nothing_happens(client: Client, waiting: World) -> None:
    client.get("/miitti/miitti")
    assert client.post(URL, data={"email": "aino@example.fi"}).status_code == 400
    assert reminders() == []


def test_an_event_that_is_over_reminds_of_nothing(client: Client, waiting: World) -> None:
    events.force_doors(event_id=waiting.event_id, doors=Doors.OVER)
    assert client.send(URL, email="aino@example.fi").status_code == 403
    assert reminders() == []


def test_opening_the_removal_link_removes_nothing_pressing_the_button_does(client: Client, waiting: World) -> None:
    client.send(URL, email="aino@example.fi")
    reminder = queries.of_address(waiting.event_id, "aino@example.fi")
    assert reminder is not None
    path = f"/reminders/{reminder.token}"
    assert "Poista osoitteeni" in client.get(f"{path}?lang=fi").text
    assert reminders() == ["aino@example.fi"]
    assert client.send(path).status_code == 303
    assert "Osoitettasi ei enää ole täällä" in client.get("/?lang=fi").text
    assert reminders() == []
    assert client.get(path).status_code == 404
    assert client.send(path).status_code == 303  # pressed twice: it is gone all the same


def test_letters_leave_the_day_before_and_half_an_hour_before(app: Flask, smtp: Post) -> None:
    world = make(doors=None)
    start = clock.now() + timedelta(days=5)
    events.move(event_id=world.event_id, starts_at=start, ends_at=start + timedelta(hours=2))
    actions.remind(event_id=world.event_id, email="aino@example.fi", language="fi")
    jobs.run_until_idle(app)
    smtp.letters.clear()
    for moment, subject in (
        (leaves_at(Notice.DAY_BEFORE, start), "Huomenna: Metallialan Miitti"),
        (start - timedelta(minutes=30), "Kohta alkaa: Metallialan Miitti"),
    ):
        with at(moment - timedelta(seconds=1)):
            jobs.run_until_idle(app)
            assert smtp.letters == []
        with at(moment):
            jobs.run_until_idle(app)
            jobs.run_until_idle(app)
        (letter,) = smtp.letters
        assert letter["Subject"] == subject
        smtp.letters.clear()


def test_a_moved_event_reminds_at_its_new_time_only(app: Flask, smtp: Post) -> None:
    follower = journal.Follower(app)
    world = make(doors=None)
    old = clock.now() + timedelta(days=5)
    new = old - timedelta(days=2)
    events.move(event_id=world.event_id, starts_at=old, ends_at=old + timedelta(hours=2))
    actions.remind(event_id=world.event_id, email="aino@example.fi", language="fi")
    jobs.run_until_idle(app)
    smtp.letters.clear()
    events.move(event_id=world.event_id, starts_at=new, ends_at=new + timedelta(hours=2))
    follower.step()
    with at(new - timedelta(minutes=30)):
        jobs.run_until_idle(app)
    # nobody worked through the queue the day before, so that letter is too late and left out
    subjects = sorted(str(letter["Subject"]) for letter in smtp.letters)
    assert subjects == ["Kohta alkaa: Metallialan Miitti", "Muuttunut: Metallialan Miitti"]
    smtp.letters.clear()
    with at(old - timedelta(minutes=30)):
        jobs.run_until_idle(app)
    assert smtp.letters == []


def test_a_removed_address_gets_nothing_more(app: Flask, smtp: Post) -> None:
    world = make(doors=None)
    actions.remind(event_id=world.event_id, email="aino@example.fi", language="fi")
    reminder = queries.of_address(world.event_id, "aino@example.fi")
    assert reminder is not None
    actions.forget(token=reminder.token)
    with at(events_queries.by_id(world.event_id).starts_at - timedelta(minutes=10)):
        jobs.run_until_idle(app)
    assert smtp.letters == []


def test_addresses_are_deleted_the_day_after(app: Flask, waiting: World) -> None:
    actions.remind(event_id=waiting.event_id, email="aino@example.fi", language="fi")
    end = events_queries.by_id(waiting.event_id).ends_at
    with at(end + timedelta(hours=23)):
        jobs.run_until_idle(app, ["other"])
        assert reminders() == ["aino@example.fi"]
    with at(end + timedelta(hours=25)):
        jobs.run_until_idle(app, ["other"])
        assert reminders() == []


def test_a_server_that_is_down_delays_and_loses_nothing(app: Flask, smtp: Post, waiting: World) -> None:
    smtp.answers.append("451 later")
    actions.remind(event_id=waiting.event_id, email="aino@example.fi", language="fi")
    jobs.run_until_idle(app, ["mail"])
    assert smtp.letters == []
    with at(clock.now() + timedelta(minutes=5)):
        jobs.run_until_idle(app, ["mail"])
    assert len(smtp.letters) == 1


@pytest.mark.parametrize(
    ("start", "leaves"),
    [
        # 13 o'clock on both sides of the night the clock goes back
        (datetime(2026, 10, 25, 13, tzinfo=HELSINKI), datetime(2026, 10, 24, 13, tzinfo=HELSINKI)),
        (datetime(2027, 3, 28, 13, tzinfo=HELSINKI), datetime(2027, 3, 27, 13, tzinfo=HELSINKI)),
        (datetime(2027, 4, 8, 7, tzinfo=HELSINKI), datetime(2027, 4, 7, 9, tzinfo=HELSINKI)),
        (datetime(2027, 4, 8, 20, tzinfo=HELSINKI), datetime(2027, 4, 7, 18, tzinfo=HELSINKI)),
        (datetime(2027, 1, 1, 0, 30, tzinfo=HELSINKI), datetime(2026, 12, 31, 9, tzinfo=HELSINKI)),
    ],
)
def test_the_day_before_is_by_the_wall_clock(start: datetime, leaves: datetime) -> None:
    assert leaves_at(Notice.DAY_BEFORE, start.astimezone(UTC)) == leaves.astimezone(UTC)


# -- where people came from ----------------------------------------------------------------------------------


def test_partners_are_counted_without_a_trace(app: Flask, client: Client, world: World) -> None:
    for _ in range(3):
        assert client.get("/miitti/miitti?via=Kirjasto-Joutsa").status_code == 200
    client.get("/miitti/miitti?via=koulu")
    client.get("/miitti/miitti/booths?via=koulu")
    client.get("/miitti/nobody?via=koulu")
    for junk in ("", "%3Cscript%3E", "a" * 41, "-x", "a%20b"):
        assert client.get(f"/miitti/miitti?via={junk}").status_code == 200
    db.session().rollback()
    assert queries.arrivals(world.event_id) == [("kirjasto-joutsa", 3), ("koulu", 1)]


@pytest.mark.parametrize(
    ("headers", "counted"),
    [
        ({"User-Agent": "Mozilla/5.0 (Linux; Android 9; SM-A105FN) AppleWebKit/537.36 Chrome/120 Mobile"}, 1),
        ({"User-Agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"}, 0),
        ({"User-Agent": "WhatsApp/2.23.20.0"}, 0),
        ({"User-Agent": "TelegramBot (like TwitterBot)"}, 0),
        ({"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, 0),
        ({"User-Agent": "Mozilla/5.0 SkypeUriPreview Preview/0.5"}, 0),
        ({"User-Agent": "Mozilla/5.0 Chrome/120", "Sec-Purpose": "prefetch;prerender"}, 0),
    ],
)
def test_a_preview_in_a_chat_is_no_visit(client: Client, world: World, headers: dict[str, str], counted: int) -> None:
    assert client.get("/miitti/miitti?via=koulu", headers=headers).status_code == 200
    client.head("/miitti/miitti?via=koulu", headers=headers)
    assert dict(queries.arrivals(world.event_id)).get("koulu", 0) == counted


def test_invented_partners_end_up_in_one_heap(app: Flask, world: World) -> None:
    for number in range(states.MOST_PARTNERS + 5):
        actions.count(event_id=world.event_id, partner=f"p{number}")
    counted = dict(queries.arrivals(world.event_id))
    assert counted[states.OTHER] == 5
    assert len(counted) == states.MOST_PARTNERS + 1


def test_the_count_of_a_day_is_by_the_calendar_of_helsinki(app: Flask, world: World) -> None:
    # half past ten in the evening by UTC is past midnight in Helsinki
    with at(datetime(2026, 12, 1, 22, 30, tzinfo=UTC)):
        actions.count(event_id=world.event_id, partner="koulu")
    assert queries.arrival(world.event_id, "koulu", datetime(2026, 12, 2, tzinfo=UTC).date()) is not None

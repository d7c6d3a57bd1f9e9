"""Making an event on the desk: organiser, co-host, stranger; what people mistype; moved and called off."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from werkzeug.test import TestResponse

from miitti.accounts import queries as accounts
from miitti.booths import queries as booths
from miitti.events import actions as events
from miitti.events import queries
from miitti.events.models import Event
from miitti.events.states import Attendance, Doors
from miitti.foundation import clock, db, jobs
from miitti.teasers import actions as teasers
from tests.conftest import Client
from tests.letters import Post
from tests.world import World

As = Callable[[str], Client]


def day(ahead: int = 40) -> date:
    """A day to come that is no night of turning clocks."""
    found = (clock.now().astimezone(clock.HELSINKI) + timedelta(days=ahead)).date()
    return found if found.month not in (3, 10) else found + timedelta(days=31)


def begin(client: Client, **fields: Any) -> TestResponse:
    given = {"title": "Kevään Miitti", "starts_on": day(), "starts": "13:00", "ends": "15:00", "base": "companies"}
    return client.send("/desk/events/new", **{**given, **fields})


def made(slug: str) -> Event:
    db.session().rollback()
    return queries.by_slug(slug)


def test_from_nothing_to_a_published_teaser(world: World, as_: As) -> None:
    host = as_("organiser")
    assert begin(host).headers["Location"].endswith("/desk/events/kevaan-miitti/plan/words")
    draft = made("kevaan-miitti")
    assert draft.starts_at.astimezone(clock.HELSINKI).hour == 13
    assert queries.programme(draft.id)[0].title_sv == "Välkommen"
    assert queries.doors(draft) is Doors.DRAFT
    sent = host.send(
        "/desk/events/kevaan-miitti/plan/words",
        title_fi="Kevään Miitti",
        lead_fi="Töitä läheltä.",
        attendance="both",
        address="Kuninkaantie 12, Hartola",
        languages=["fi", "sv"],
    )
    assert sent.status_code == 303
    page = host.get("/desk/events/kevaan-miitti/plan/ready?lang=fi").text
    assert "Näkyy suomeksi: Svenska, English" in page
    assert host.send("/desk/events/kevaan-miitti/doors", doors="publish").status_code == 303
    teaser = host.get("/miitti/kevaan-miitti?lang=sv").text
    assert "Kuninkaantie 12, Hartola" in teaser
    assert "MixedEventAttendanceMode" in teaser
    assert "Kevään Miitti" in teaser  # what is missing in Swedish shows in Finnish


def test_a_cohost_makes_one_and_hosts_it_with_the_own_organisation(world: World, as_: As) -> None:
    host = as_("cohost")
    assert begin(host, title="Syksyn Miitti").status_code == 303
    event = made("syksyn-miitti")
    assert [one.id for one in queries.cohosts(event.id)] == [world.organisations["area"]]
    assert host.get("/desk/events/syksyn-miitti").status_code == 200
    roles = {grant.role.value for grant in accounts.grants(world.people["cohost"])}
    assert roles == {"cohost"}
    # an organiser of another event has nothing to say in this one
    assert as_("owner").get("/desk/events/syksyn-miitti/plan/words").status_code == 404
    assert host.get("/desk/events/syksyn-miitti/cancel").status_code == 404


@pytest.mark.parametrize("with_booths", [True, False])
def test_last_years_event_again(world: World, as_: As, with_booths: bool) -> None:
    old = made("miitti")
    fields = {"base": "event:miitti", **({"with_booths": "y"} if with_booths else {})}
    assert begin(as_("organiser"), title="Metallialan Miitti 2028", **fields).status_code == 303
    new = made("metallialan-miitti-2028")
    assert new.lead_fi == old.lead_fi
    assert new.title_sv == ""
    assert [host.id for host in queries.cohosts(new.id)] == [host.id for host in queries.cohosts(old.id)]
    (item,) = queries.programme(new.id)
    assert item.starts_at - new.starts_at == timedelta(0)
    assert (item.organisation_id is not None) is with_booths
    stands = booths.of_event(new.id)
    assert [booth.slug for booth in stands] == (["harju", "puusaha", "levytyo"] if with_booths else [])
    assert all(booth.contact_email == "" and booth.sentence_fi for booth in stands)


def test_another_hosts_event_is_no_base(world: World, as_: As) -> None:
    start = clock.now() + timedelta(days=9)
    events.create(slug="muiden", title_fi="Muiden", starts_at=start, ends_at=start + timedelta(hours=1))
    assert begin(as_("cohost"), base="event:muiden").status_code == 422


def test_the_same_title_twice_gets_an_address_of_its_own(world: World, as_: As) -> None:
    for _ in range(2):
        assert begin(as_("organiser"), title="new").status_code == 303
    assert made("new-2").title_fi == made("new-3").title_fi == "new"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"starts_on": "2020-01-01"}, "Se aika on jo mennyt"),
        ({"ends": "12:00"}, "Lopun pitää olla alun jälkeen"),
        ({"ends": "13:00"}, "Lopun pitää olla alun jälkeen"),
        ({"title": ""}, "Anna tapahtumalle suomenkielinen nimi"),
        ({"title": "x" * 300}, "100 merkkiä liikaa"),
        ({"title": "\u202e\u200f"}, "Anna tapahtumalle suomenkielinen nimi"),
        ({"starts_on": "31.2.2027"}, "Päivä"),
        ({"starts": "25:99"}, "Alkaa kello"),
        ({"starts_on": "2027-03-28", "starts": "03:30"}, "Kelloja siirretään sinä yönä"),
        ({"starts_on": "2027-10-31", "starts": "03:30", "ends": "05:00"}, "Kumpaa tarkoitat"),
        ({"base": "event:nothing"}, "Pohja"),
    ],
)
def test_what_is_mistyped_is_told_beside_it_and_stays(world: World, as_: As, wrong: dict[str, str], said: str) -> None:
    given = {"title": "Pitkä nimi 🎉", **wrong}
    host = as_("organiser")
    host.get("/desk?lang=fi")
    answer = begin(host, **given)
    assert answer.status_code == 422
    assert said in answer.text
    if given["title"].startswith("Pitkä"):
        assert 'value="Pitkä nimi 🎉"' in answer.text


def test_the_night_with_two_half_past_threes(world: World, as_: As) -> None:
    night = {"starts_on": "2027-10-31", "starts": "03:30", "ends": "03:30"}
    assert begin(as_("organiser"), **night, starts_which="first", ends_which="second").status_code == 303
    event = made("kevaan-miitti")
    assert event.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert event.ends_at - event.starts_at == timedelta(hours=1)
    page = as_("organiser").get("/desk/events/kevaan-miitti/plan/time").text
    assert page.count('selected value="first"') == page.count('selected value="second"') == 1


def line(client: Client, slug: str = "miitti", **fields: Any) -> TestResponse:
    at = made(slug).starts_at.astimezone(clock.HELSINKI) + timedelta(minutes=40)
    given = {"title_fi": "Kysymyksiä", "starts": f"{at:%H:%M}", "day": at.date().isoformat(), "minutes": "15"}
    return client.send(f"/desk/events/{slug}/plan/programme", **{**given, **fields})


def test_the_programme_is_written_moved_and_cut(world: World, as_: As) -> None:
    host = as_("cohost")
    assert line(host, organisation=str(world.organisations["puusaha"]), speakers="Anna & Olli").status_code == 303
    db.session().rollback()
    first, second = queries.programme(world.event_id)
    assert (second.organisation_id, second.speakers) == (world.organisations["puusaha"], "Anna & Olli")
    assert "Anna &amp; Olli" in host.get("/miitti/miitti").text
    host.get("/desk?lang=fi")
    for wrong, said in (
        ({}, "Siihen aikaan ohjelmassa on jo: Kysymyksiä"),
        ({"minutes": "600"}, "Siihen aikaan ohjelmassa on jo"),
        ({"starts": f"{first.starts_at.astimezone(clock.HELSINKI) - timedelta(minutes=20):%H:%M}"}, "ei mahdu"),
        ({"minutes": "0"}, "vähintään yksi"),
        ({"organisation": "999"}, "Kenen vuoro"),
    ):
        answer = line(host, **wrong)
        assert (answer.status_code, said in answer.text) == (422, True), said
    assert host.send("/desk/events/miitti/plan/order", down=str(first.id)).status_code == 303
    db.session().rollback()
    assert [item.id for item in queries.programme(world.event_id)] == [second.id, first.id]
    assert host.send("/desk/events/miitti/plan/order", order=f"{first.id},{second.id}").status_code == 303
    assert host.send("/desk/events/miitti/plan/order", order=f"{first.id}").status_code == 409
    db.session().rollback()
    path = f"/desk/events/miitti/plan/programme/{second.id}"
    at = queries.programme(world.event_id)[1].starts_at.astimezone(clock.HELSINKI) + timedelta(minutes=1)
    change = {"starts": f"{at:%H:%M}", "day": at.date().isoformat(), "minutes": "20", "title_fi": "Lopuksi"}
    assert host.send(path, **change).status_code == 303
    db.session().rollback()
    assert queries.programme(world.event_id)[1].title_fi == "Lopuksi"
    assert host.send(f"{path}/remove").status_code == 303
    assert host.get(path).status_code == 404


def test_a_draft_is_shown_by_its_private_address_only(world: World, as_: As, client: Client) -> None:
    begin(as_("organiser"))
    path = "/miitti/kevaan-miitti"
    assert client.get(path).status_code == client.get(f"{path}?preview=").status_code == 404
    as_("organiser").send("/desk/events/kevaan-miitti/plan/preview")
    word = made("kevaan-miitti").preview
    shown = client.get(f"{path}?preview={word}")
    assert shown.status_code == 200
    assert 'name="robots" content="noindex"' in shown.text
    assert client.get(f"{path}?preview=x{word}").status_code == 404
    as_("organiser").send("/desk/events/kevaan-miitti/plan/preview")
    assert client.get(f"{path}?preview={word}").status_code == 404


def coming(world: World) -> datetime:
    """Give the doors back to the clock and the event a start tomorrow; returns it."""
    events.force_doors(event_id=world.event_id, doors=None)
    start = clock.now().replace(microsecond=0) + timedelta(days=9)
    events.move(event_id=world.event_id, starts_at=start, ends_at=start + timedelta(hours=2))
    return start


def the_calendar(client: Client, path: str = "/miitti/miitti/calendar.ics") -> Any:
    return Calendar.from_ical(client.get(path).data).walk("VEVENT")[0]


def test_a_moved_event_is_told_once_to_everybody_who_asked(
    smtp: Post, app: Flask, world: World, as_: As, client: Client
) -> None:
    coming(world)
    for name, language in (("aada", "fi"), ("bo", "sv")):
        teasers.remind(event_id=world.event_id, email=f"{name}@example.fi", language=language)
    jobs.run_until_idle(app, ["other", "mail"])
    before = the_calendar(client)
    new = {"starts_on": day(), "starts": "09:00", "ends": "11:00"}
    assert as_("cohost").send("/desk/events/miitti/plan/time", **{**new, "starts": "08:00"}).status_code == 303
    assert as_("cohost").send("/desk/events/miitti/plan/time", **new).status_code == 303
    with clock.frozen(clock.now() + timedelta(minutes=6)):
        jobs.run_until_idle(app, ["other", "mail"])
    told = [
        letter for letter in smtp.letters if "uuttunut" in str(letter["subject"]) or "ndrat" in str(letter["subject"])
    ]
    assert sorted(str(letter["to"]) for letter in told) == ["aada@example.fi", "bo@example.fi"]
    after = the_calendar(client)
    assert after["uid"] == before["uid"]
    assert after["sequence"] == before["sequence"] + 2
    assert "EventRescheduled" in client.get("/miitti/miitti").text
    (entry,) = [part for part in told[0].walk() if part.get_content_type() == "text/calendar"]
    content = entry.get_payload(decode=True)
    assert isinstance(content, bytes)
    attached: Any = Calendar.from_ical(content).walk("VEVENT")[0]
    assert attached["dtstart"].dt.hour == 9


def test_calling_off_is_the_organisers_told_noted_and_final(
    smtp: Post, app: Flask, world: World, as_: As, client: Client
) -> None:
    coming(world)
    teasers.remind(event_id=world.event_id, email="aada@example.fi", language="fi")
    path = "/desk/events/miitti/cancel"
    assert as_("cohost").send(path, reason_fi="Ei").status_code == 404
    host = as_("organiser")
    assert "1 ihminen on pyytänyt" in host.get(f"{path}?lang=fi").text
    assert host.send(path, reason_fi=" ").status_code == 422
    assert host.send(path, reason_fi="Hartolan sali paloi. <b>Uusi</b> päivä syksyllä.").status_code == 303
    page = client.get("/miitti/miitti?lang=fi").text
    assert "Peruttu" in page
    assert "&lt;b&gt;Uusi&lt;/b&gt;" in page
    assert "EventCancelled" in page
    entry = the_calendar(client)
    assert entry["status"] == "CANCELLED"
    assert the_calendar(client, "/calendar.ics")["status"] == "CANCELLED"
    jobs.run_until_idle(app, ["other", "mail"])
    (letter,) = [letter for letter in smtp.letters if str(letter["subject"]).startswith("Peruttu")]
    body = letter.get_body(("plain",))
    assert body is not None
    assert "Hartolan sali paloi" in body.get_content()
    assert [row.verb for row in accounts.audit(event_id=world.event_id) if row.verb == "cancel"] == ["cancel"]
    for again in ("live", "clock"):
        assert host.send("/desk/events/miitti/doors", doors=again).status_code == 403
    assert host.send("/desk/events/miitti/plan/time", starts_on=day(), starts="9:00", ends="11:00").status_code == 403
    assert host.send(path, reason_fi="Toinen syy").status_code == 303
    assert made("miitti").reason_fi.startswith("Hartolan")


def test_a_draft_is_not_called_off(world: World, as_: As) -> None:
    begin(as_("organiser"))
    assert as_("organiser").send("/desk/events/kevaan-miitti/cancel", reason_fi="Ei").status_code in (403, 404)


def test_on_site_needs_an_address(world: World, as_: As) -> None:
    fields = {"title_fi": "Miitti", "attendance": "onsite", "languages": ["fi"], "lead_fi": "Jää sivulle"}
    answer = as_("organiser").send("/desk/events/miitti/plan/words", **fields)
    assert answer.status_code == 422
    assert "Jää sivulle" in answer.text
    assert made("miitti").attendance is Attendance.ONLINE

"""The calendar file, read by a parser of our own: what calendars need is there and stays the same."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from miitti.events import actions
from miitti.foundation import clock
from miitti.foundation.clock import HELSINKI
from tests.conftest import Client

START = datetime(2027, 4, 8, 10, tzinfo=UTC)


@pytest.fixture
def event_id(app: Flask) -> int:
    with clock.frozen(START - timedelta(days=30)):
        event = actions.create(
            slug="kevat",
            title_fi="Metalli- ja puualan Miitti; kevät, 2027",
            title_sv="Vårens Miitti",
            lead_fi="Ensin tämä.\nSitten toinen, ja kolmas; " + "pitkä rivi ääkkösineen " * 8,
            place_fi="Verkossa, omalta puhelimelta",
            starts_at=START,
            ends_at=START + timedelta(hours=2),
        )
        actions.publish(event_id=event.id)
        return event.id


def parse(raw: bytes) -> list[tuple[str, list[tuple[str, dict[str, str], str]]]]:
    """Components in order with their properties (RFC 5545 3.1: CRLF, folding at 75 octets)."""
    assert raw.endswith(b"\r\n")
    lines = raw.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 for line in lines)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    text = raw.decode().replace("\r\n ", "")
    found: list[tuple[str, list[tuple[str, dict[str, str], str]]]] = []
    stack: list[int] = []
    for line in text.split("\r\n")[:-1]:
        match = re.fullmatch(r'([A-Z0-9-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^;:"]*))*):(.*)', line)
        assert match, line
        name, rest, value = match.groups()
        parameters = dict(re.findall(r';([A-Z-]+)=("[^"]*"|[^;:"]*)', rest))
        if name == "BEGIN":
            found.append((value, []))
            stack.append(len(found) - 1)
        elif name == "END":
            assert found[stack.pop()][0] == value
        else:
            found[stack[-1]][1].append((name, parameters, value))
    assert not stack
    return found


def properties(raw: bytes, component: str) -> dict[str, tuple[dict[str, str], str]]:
    ((_, found),) = [entry for entry in parse(raw) if entry[0] == component]
    return {name: (parameters, value) for name, parameters, value in found}


def fetch(client: Client, language: str = "fi") -> bytes:
    with clock.frozen(START - timedelta(days=1)):
        answer = client.get(f"/miitti/kevat/calendar.ics?lang={language}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="kevat.ics"'
    raw: bytes = answer.data
    return raw


def test_it_holds_what_calendars_need(client: Client, event_id: int) -> None:
    raw = fetch(client)
    calendar = properties(raw, "VCALENDAR")
    assert (calendar["VERSION"][1], calendar["METHOD"][1]) == ("2.0", "PUBLISH")
    event = properties(raw, "VEVENT")
    assert event["DTSTART"] == ({"TZID": "Europe/Helsinki"}, "20270408T130000")
    assert event["DTEND"] == ({"TZID": "Europe/Helsinki"}, "20270408T150000")
    assert event["SEQUENCE"][1] == "0"
    assert event["DTSTAMP"][1] == "20270309T100000Z"
    assert event["SUMMARY"][1] == r"Metalli- ja puualan Miitti\; kevät\, 2027"
    assert event["DESCRIPTION"][1].startswith(r"Ensin tämä.\nSitten toinen\, ja kolmas\; pitkä")
    assert event["URL"][1] == "http://localhost/miitti/kevat"
    parameters, url = event["CONFERENCE"]
    assert (parameters["VALUE"], parameters["FEATURE"], url) == ("URI", "VIDEO", "http://localhost/miitti/kevat")
    assert event["LOCATION"][1] == r"Verkossa\, omalta puhelimelta"
    alarm = properties(raw, "VALARM")
    assert (alarm["ACTION"][1], alarm["TRIGGER"][1]) == ("DISPLAY", "-PT30M")
    assert alarm["DESCRIPTION"][1]


def test_the_zone_says_when_the_clock_moves(client: Client, event_id: int) -> None:
    raw = fetch(client)
    assert properties(raw, "VTIMEZONE")["TZID"][1] == "Europe/Helsinki"
    for component, month, to in (("STANDARD", 10, "+0200"), ("DAYLIGHT", 3, "+0300")):
        rule = properties(raw, component)
        assert rule["TZOFFSETTO"][1] == to
        assert f"BYMONTH={month}" in rule["RRULE"][1]
        # the wall time before the change, on the first such Sunday; checked against the zone database
        at = datetime.strptime(rule["DTSTART"][1], "%Y%m%dT%H%M%S")  # noqa: DTZ007
        before = (at - timedelta(hours=2)).replace(tzinfo=HELSINKI)
        after = (at + timedelta(hours=2)).replace(tzinfo=HELSINKI)
        assert before.utcoffset() != after.utcoffset()
        assert f"{int((after.utcoffset() or timedelta()).total_seconds() // 3600):+03d}00" == to


def test_the_same_entry_in_every_language_and_after_a_move(client: Client, event_id: int) -> None:
    first = properties(fetch(client), "VEVENT")
    swedish = properties(fetch(client, "sv"), "VEVENT")
    assert swedish["UID"] == first["UID"]
    assert swedish["SUMMARY"][1] == "Vårens Miitti"
    assert properties(fetch(client, "en"), "VEVENT")["SUMMARY"] == first["SUMMARY"]  # falls back to Finnish
    later = START + timedelta(days=7)
    with clock.frozen(START - timedelta(days=2)):
        actions.move(event_id=event_id, starts_at=later, ends_at=later + timedelta(hours=1))
    moved = properties(fetch(client), "VEVENT")
    assert moved["UID"] == first["UID"]
    assert moved["SEQUENCE"][1] == "1"
    assert moved["DTSTAMP"][1] > first["DTSTAMP"][1]
    assert moved["DTSTART"][1] == "20270415T130000"


def test_another_event_is_another_entry(client: Client, event_id: int) -> None:
    other = actions.create(slug="toinen", title_fi="T", starts_at=START, ends_at=START + timedelta(hours=1))
    actions.publish(event_id=other.id)
    answer = client.get("/miitti/toinen/calendar.ics")
    assert properties(answer.data, "VEVENT")["UID"] != properties(fetch(client), "VEVENT")["UID"]


def test_all_coming_events_are_one_calendar_to_follow(client: Client, event_id: int) -> None:
    with clock.frozen(START - timedelta(days=1)):
        later: Any = {"starts_at": START + timedelta(days=7), "ends_at": START + timedelta(days=7, hours=1)}
        actions.publish(event_id=actions.create(slug="toinen", title_fi="Toinen", **later).id)
        actions.create(slug="luonnos", title_fi="Luonnos", **later)
        answer = client.get("/calendar.ics?lang=fi")
        again = client.get("/calendar.ics?lang=fi", headers={"If-None-Match": answer.headers["ETag"]})
        front = client.get("/").text
    found = parse(answer.data)
    names = [name for name, _properties in found]
    assert (names.count("VEVENT"), names.count("VTIMEZONE"), names.count("VALARM")) == (2, 1, 2)
    told = [{name: value for name, _parameters, value in rest} for kind, rest in found if kind == "VEVENT"]
    assert [entry["SUMMARY"] for entry in told] == [r"Metalli- ja puualan Miitti\; kevät\, 2027", "Toinen"]
    assert len({entry["UID"] for entry in told}) == 2
    assert properties(answer.data, "VCALENDAR")["REFRESH-INTERVAL"] == ({"VALUE": "DURATION"}, "PT6H")
    assert again.status_code == 304
    assert 'href="webcal://localhost/calendar.ics"' in front


def test_links_to_web_calendars_carry_the_event_and_ask_nothing_before_a_click(client: Client, event_id: int) -> None:
    with clock.frozen(START - timedelta(days=1)):
        page = client.get("/miitti/kevat?lang=fi").text
    for name, begins, tells in (
        ("Google", "https://calendar.google.com/calendar/render?", "20270408T100000Z%2F20270408T120000Z"),
        ("Outlook", "https://outlook.live.com/calendar/0/deeplink/compose?", "2027-04-08T10%3A00%3A00%2B00%3A00"),
        ("Yahoo", "https://calendar.yahoo.com/?", "20270408T100000Z"),
    ):
        (link,) = [part for part in page.split('href="') if part.startswith(begins)]
        assert f">{name}<" in link
        assert tells in link.split('"')[0]

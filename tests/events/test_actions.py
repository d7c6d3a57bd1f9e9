"""Events change only as they may."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from miitti.accounts import actions as accounts
from miitti.events import actions, queries
from miitti.events.states import Doors
from miitti.foundation import clock, db, errors, journal
from miitti.foundation.clock import HELSINKI
from tests.world import World

START = datetime(2027, 4, 8, 10, tzinfo=UTC)


def make(**more: object) -> int:
    given = {"slug": "kevat", "title_fi": "Kevät", "starts_at": START, "ends_at": START + timedelta(hours=2)}
    return actions.create(**(given | more)).id  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"slug": "Ei näin"}, "slug"),
        ({"title_fi": " "}, "title_fi"),
        ({"title_fi": "x" * 201}, "title_fi"),
        ({"lead_sv": "🙂" * 601}, "lead_sv"),
        ({"ends_at": START}, "ends_at"),
        ({"ends_at": START + timedelta(days=365)}, "ends_at"),
        # one hour before on the wall, the same moment in truth: 25.10.2026 has 3:30 twice
        (
            {
                "starts_at": datetime(2026, 10, 25, 3, 30, fold=1, tzinfo=HELSINKI),
                "ends_at": datetime(2026, 10, 25, 3, 45, fold=0, tzinfo=HELSINKI),
            },
            "ends_at",
        ),
    ],
)
def test_what_cannot_be_an_event_is_refused_at_its_field(app: Flask, bad: dict[str, object], field: str) -> None:
    with pytest.raises(errors.Invalid) as wrong:
        make(**bad)
    assert list(wrong.value.fields) == [field]
    with pytest.raises(errors.NotFound):
        queries.by_slug("kevat")


def test_naive_times_are_a_mistake_of_ours(app: Flask) -> None:
    with pytest.raises(ValueError, match="aware"):
        make(starts_at=datetime(2027, 4, 8))  # noqa: DTZ001


def test_an_address_belongs_to_one_event(app: Flask) -> None:
    make()
    with pytest.raises(errors.Conflict):
        make()


def test_an_hour_that_comes_twice_is_kept_apart(app: Flask) -> None:
    first = datetime(2026, 10, 25, 3, 30, fold=0, tzinfo=HELSINKI)
    event_id = make(starts_at=first, ends_at=first.replace(fold=1))
    event = queries.by_id(event_id)
    assert event.ends_at - event.starts_at == timedelta(hours=1)


def test_a_moved_event_takes_its_programme_along_and_tells_calendars(app: Flask) -> None:
    event_id = make()
    actions.add_item(event_id=event_id, starts_at=START, ends_at=START + timedelta(minutes=30), title_fi="Alku")
    later = START + timedelta(days=1)
    actions.move(event_id=event_id, starts_at=later, ends_at=later + timedelta(minutes=20))
    (item,) = queries.programme(event_id)
    assert (item.starts_at, item.ends_at) == (later, later + timedelta(minutes=20))
    assert queries.by_id(event_id).ics_sequence == 1
    actions.move(event_id=event_id, starts_at=later, ends_at=later + timedelta(minutes=20))
    assert queries.by_id(event_id).ics_sequence == 1


def test_a_move_that_would_lose_an_item_changes_nothing(app: Flask) -> None:
    event_id = make()
    actions.add_item(
        event_id=event_id,
        starts_at=START + timedelta(hours=1),
        ends_at=START + timedelta(hours=2),
        title_fi="Loppu",
    )
    with pytest.raises(errors.Invalid):
        actions.move(event_id=event_id, starts_at=START, ends_at=START + timedelta(minutes=30))
    assert queries.by_id(event_id).ends_at == START + timedelta(hours=2)
    assert queries.by_id(event_id).ics_sequence == 0


def test_an_item_must_lie_inside(app: Flask) -> None:
    event_id = make()
    with pytest.raises(errors.Invalid):
        actions.add_item(
            event_id=event_id, starts_at=START - timedelta(minutes=1), ends_at=START, title_fi="Liian aikaisin"
        )


def test_a_draft_has_no_doors_to_force(app: Flask) -> None:
    event_id = make()
    with pytest.raises(errors.Refused):
        actions.force_doors(event_id=event_id, doors=Doors.LIVE)
    actions.publish(event_id=event_id)
    with pytest.raises(errors.Invalid):
        actions.force_doors(event_id=event_id, doors=Doors.DRAFT)


def test_forcing_tells_the_open_pages_once(app: Flask) -> None:
    follower = journal.Follower(app)
    heard: list[journal.Entry] = []
    journal.on(app, "event:", heard.append)
    event_id = make()
    actions.publish(event_id=event_id)
    actions.force_doors(event_id=event_id, doors=Doors.LIVE)
    actions.force_doors(event_id=event_id, doors=Doors.LIVE)
    follower.step()
    assert [entry.data["doors"] for entry in heard] == ["open", "live"]


def test_lists_follow_clock_and_hand(app: Flask) -> None:
    with clock.frozen(START - timedelta(days=1)):
        event_id = make()
        assert not [*queries.upcoming(), *queries.live(), *queries.past()]
        actions.publish(event_id=event_id)
        assert [event.slug for event in queries.upcoming()] == ["kevat"]
        assert not [*queries.live(), *queries.past()]
    with clock.frozen(START):
        db.session().rollback()
        assert [event.slug for event in queries.live()] == ["kevat"]
        assert not [*queries.upcoming(), *queries.past()]
        actions.force_doors(event_id=event_id, doors=Doors.OVER)
        assert [event.slug for event in queries.past()] == ["kevat"]
        actions.force_doors(event_id=event_id, doors=Doors.OPEN)
        assert [event.slug for event in queries.upcoming()] == ["kevat"]
        assert not [*queries.live(), *queries.past()]


def test_hosts_stand_in_order_and_once(app: Flask, world: World) -> None:
    names = ["Joutsa", "Hartola"]
    for name in names:
        organisation = accounts.organise(kind="municipality", slug=name.lower(), name_fi=name)
        for _ in range(2):
            actions.add_cohost(event_id=world.event_id, organisation_id=organisation.id)
    assert [host.name_fi for host in queries.cohosts(world.event_id)] == ["Päijät-Häme", *names]


def test_what_is_on_and_what_comes(app: Flask) -> None:
    event_id = make()
    for minute in (0, 30):
        begin = START + timedelta(minutes=minute)
        actions.add_item(
            event_id=event_id, starts_at=begin, ends_at=begin + timedelta(minutes=20), title_fi=f"Kohta {minute}"
        )
    items = queries.programme(event_id)
    for minute, on, coming in ((-1, None, "Kohta 0"), (0, "Kohta 0", "Kohta 30"), (25, None, "Kohta 30")):
        with clock.frozen(START + timedelta(minutes=minute)):
            found = queries.running(items)
            assert tuple(item and item.title_fi for item in found) == (on, coming)
    with clock.frozen(START + timedelta(hours=1)):
        assert queries.running(items) == (None, None)

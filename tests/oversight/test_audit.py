"""The audit: what stands in it stays, on both databases; erasing a person and old age are the two ways out."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from miitti.accounts import actions as accounts
from miitti.accounts import queries
from miitti.accounts.models import AuditEntry
from miitti.app import create_app
from miitti.booths import actions as booths
from miitti.foundation import access, clock, db, jobs, settings
from miitti.foundation.access import GrantView, Role
from miitti.oversight import actions, states
from miitti.oversight.models import AuditOpening
from miitti.stage import actions as stage
from miitti.vacancies import actions as vacancies
from tests import postgres
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]
ADMIN = access.Who("v", 1, grants=(GrantView(Role.ADMIN),))


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database of each kind."""
    environ = {"MIITTI_DATA": str(tmp_path / "data"), "MIITTI_MEDIA": str(tmp_path / "media")}
    if request.param == "sqlite":
        yield from _application(environ)
        return
    with postgres.cluster() as address:
        yield from _application({**environ, "MIITTI_DATABASE_URL": address})


def _application(environ: dict[str, str]) -> Iterator[Flask]:
    current = settings.load(environ)
    db.migrate(current)
    app = create_app(current)
    with app.app_context():
        yield app
        db.session().rollback()
        db.extension.session.remove()
        db.extension.engine.dispose()


def _noted(address: str) -> int:
    accounts.audit(by=7, verb="describe", object_kind="booth", object_id=1, after={"contact_email": address, "n": [1]})
    entry = db.session().scalar(sa.select(AuditEntry).order_by(AuditEntry.id.desc()))
    assert entry is not None
    return entry.id


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET verb = 'nothing'",
        "UPDATE audit_entry SET person_id = 1",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_entry WHERE id = 1",
    ],
)
def test_nothing_in_the_audit_can_be_changed_or_taken_away(app: Flask, change: str) -> None:
    _noted("aino@example.fi")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        db.session().execute(sa.text(change))
    db.session().rollback()


def test_on_both_databases_words_go_with_the_person_and_nothing_else_goes(stored: Flask) -> None:
    mine, other = _noted("aino.öman@example.fi"), _noted("toinen@example.fi")
    for change in ("UPDATE audit_entry SET verb = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session().execute(sa.text(change))
        db.session().rollback()
    if db.extension.engine.dialect.name == "postgresql":
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            db.session().execute(sa.text("TRUNCATE audit_entry"))
        db.session().rollback()
    assert actions.blank(address="aino.öman@example.fi", who=ADMIN) == 1
    entry = db.row(AuditEntry, mine)
    assert entry.after == {"contact_email": states.ERASED, "n": [1]}
    assert (entry.person_id, entry.verb) == (7, "describe")
    assert db.row(AuditEntry, other).after == {"contact_email": "toinen@example.fi", "n": [1]}
    # nobody may use an opening to change who did what
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        _with_opening("UPDATE audit_entry SET person_id = 8")
    assert db.session().scalar(sa.select(AuditOpening.id)) is None
    with clock.frozen(clock.now() + states.AUDIT_KEPT - timedelta(minutes=1)):
        assert actions.forget_old() == 0
    with clock.frozen(clock.now() + states.AUDIT_KEPT + timedelta(days=1)):
        assert actions.forget_old() == 2
    assert db.session().scalar(sa.select(AuditEntry.id)) is None


@db.writing
def _with_opening(change: str) -> None:
    db.session().add(AuditOpening(at=clock.now(), why="test"))
    db.session().flush()
    db.session().execute(sa.text(change))


def test_the_audit_is_narrowed_by_day_person_thing_and_for_whom(app: Flask, as_: As, world: World) -> None:
    host, organiser = as_("cohost"), as_("organiser")
    host.send(f"/desk/booths/{world.slug}/harju", name="Konepaja Harju", sentence_fi="Sana A.")
    host.send(f"/desk/booths/{world.slug}/puusaha", name="Puusaha", sentence_fi="Sana B.")
    address = f"/desk/events/{world.slug}/audit"
    today = clock.now().astimezone(clock.HELSINKI).date()
    yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)

    def page(**narrowed: object) -> str:
        answer = organiser.get(address, query_string=narrowed)
        assert answer.status_code == 200
        return answer.text

    assert "Sana A." in page()
    assert "Sana A." in page(since=today, until=today)
    assert "Sana A." not in page(until=yesterday)
    assert "Sana A." not in page(since=tomorrow)
    assert "Sana A." in page(person=world.people["cohost"])
    assert "Sana A." not in page(person=world.people["owner"])
    only = page(kind="booth", object=world.booths["harju"], behalf=1)
    assert "Sana A." in only
    assert "Sana B." not in only
    # nonsense narrows nothing and breaks nothing
    for nonsense in ({"person": "9" * 40}, {"before": "x"}, {"since": "0000-99-99"}, {"until": "9999-12-31"}):
        page(**nonsense)


def test_the_audit_speaks_the_readers_language(app: Flask, as_: As, world: World) -> None:
    organiser = as_("organiser")
    as_("cohost").send(f"/desk/booths/{world.slug}/harju", name="Konepaja Harju", sentence_fi="Sana.")
    for code, word in (("fi", "muutti tekstejä"), ("sv", "ändrade texterna"), ("en", "changed the texts")):
        text = organiser.get(f"/desk/events/{world.slug}/audit", query_string={"lang": code}).text
        assert word in text
        assert "sentence_fi" not in text


def test_every_word_of_the_audit_is_told_in_words(app: Flask, world: World) -> None:
    rows = db.session().execute(sa.select(AuditEntry.verb, AuditEntry.object_kind).distinct())
    assert [(verb, kind) for verb, kind in rows if verb not in states.VERBS or kind not in states.KINDS] == []


def test_what_a_host_does_to_jobs_is_noted_before_and_after(app: Flask, as_: As, world: World) -> None:
    host = as_("cohost")
    jobs_of = f"/desk/booths/{world.slug}/harju/jobs"
    fields = {"title_fi": "Särmääjä", "places": "2", "pay_min": "15", "pay_max": "18", "pay_unit": "hour"}
    assert host.send(f"{jobs_of}/new", **fields).status_code == 303
    first = world.vacancies["harju"]
    assert host.send(f"{jobs_of}/{first}", **{**fields, "title_fi": "Levyseppä"}).status_code == 303
    assert host.send(f"{jobs_of}/{first}/remove").status_code == 303
    assert host.send(f"{jobs_of}/{first}/restore").status_code == 303
    noted = [e for e in reversed(queries.audit(event_id=world.event_id, object_kind="vacancy")) if e.person_id]
    assert [one.verb for one in noted] == ["post_job", "change_job", "take_down_job", "put_back_job"]
    assert {one.for_organisation_id for one in noted} == {world.organisations["harju"]}
    assert noted[1].before is not None
    assert noted[1].after is not None
    assert (noted[1].before["title_fi"], noted[1].after["title_fi"]) == ("Hitsaaja", "Levyseppä")


def test_what_has_no_change_is_not_noted(app: Flask, world: World) -> None:
    before = len(queries.audit(limit=1000))
    vacancies.change(vacancy_id=world.vacancies["harju"], places=1)
    booths.describe(booth_id=world.booths["harju"], contact_email="tyo@harju.example")
    assert len(queries.audit(limit=1000)) == before


def test_old_entries_are_forgotten_at_night(app: Flask) -> None:
    assert jobs.NIGHTLY["forget_audit"] == 3


def test_a_new_stage_key_is_noted_without_the_key(app: Flask, as_: As, world: World) -> None:
    stage.open_stage(event_id=world.event_id)
    assert as_("organiser").send(f"/desk/events/{world.slug}/stage/key").status_code == 303
    noted = db.session().scalars(sa.select(AuditEntry).where(AuditEntry.verb == "rotate_key")).one()
    assert (noted.person_id, noted.object_kind, noted.event_id) == (world.people["organiser"], "stage", world.event_id)
    assert (noted.before, noted.after) == (None, None)

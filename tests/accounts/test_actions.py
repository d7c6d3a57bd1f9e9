"""Rows of people and organisations change as told, and only then."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from miitti.accounts import actions, queries, states
from miitti.accounts.models import AuditEntry, Session, SignInLink
from miitti.foundation import clock, db, errors, ids
from miitti.foundation.access import Role


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def test_an_organisation_needs_a_name_an_address_and_a_right_number() -> None:
    with pytest.raises(errors.Invalid) as wrong:
        actions.organise(kind="company", slug="Ei kelpaa", name_fi=" ", name_sv="x" * 10_000, business_id="1234567-8")
    assert set(wrong.value.fields) == {"name_fi", "name_sv", "slug", "business_id"}
    assert queries.organisation_by_slug("Ei kelpaa") is None


def test_two_organisations_cannot_share_an_address() -> None:
    made = actions.organise(kind="company", slug="metalli", name_fi="Hartolan\r\nMetalli")
    assert (made.name_fi, made.kind) == ("Hartolan Metalli", states.OrganisationKind.COMPANY)
    with pytest.raises(errors.Conflict):
        actions.organise(kind="school", slug="metalli", name_fi="Toinen")


def test_a_person_is_known_by_the_address_alone() -> None:
    first = actions.invite(email="Aino@Example.fi", name="Aino", language="sv")
    again = actions.invite(email=" aino@example.FI ", name="Joku muu")
    assert first.id == again.id
    assert (again.name, again.language) == ("Aino", "sv")


@pytest.mark.parametrize("bad", [{"email": "aino"}, {"name": "x" * 10_000}, {"language": "de"}])
def test_a_wrong_invitation_changes_nothing(bad: dict[str, str]) -> None:
    given = {"email": "uusi@example.fi", "name": "", "language": "fi"} | bad
    with pytest.raises(errors.Invalid) as wrong:
        actions.invite(email=given["email"], name=given["name"], language=given["language"])
    assert set(wrong.value.fields) == set(bad)
    assert queries.person_by_email("uusi@example.fi") is None


def test_a_role_is_given_once_and_taken_away() -> None:
    person = actions.invite(email="aino@example.fi")
    company = actions.organise(kind="company", slug="metalli", name_fi="Metalli")
    first = actions.grant(person_id=person.id, role="company", organisation_id=company.id)
    again = actions.grant(person_id=person.id, role=Role.COMPANY, organisation_id=company.id)
    assert first.id == again.id
    assert [view.role for view in queries.grant_views(person.id)] == [Role.COMPANY]
    actions.revoke(grant_id=first.id)
    actions.revoke(grant_id=first.id)
    assert queries.grant_views(person.id) == ()


def test_some_roles_cannot_be_given() -> None:
    person = actions.invite(email="aino@example.fi")
    with pytest.raises(errors.Invalid):
        actions.grant(person_id=person.id, role="visitor")
    with pytest.raises(errors.Invalid):
        actions.grant(person_id=person.id, role="company")
    with pytest.raises(errors.NotFound):
        actions.grant(person_id=person.id + 99, role="organiser")
    with pytest.raises(errors.NotFound):
        actions.grant(person_id=person.id, role="company", organisation_id=99)


def test_a_link_signs_in_once_and_only_its_hash_is_kept() -> None:
    person = actions.invite(email="aino@example.fi")
    token = actions.link(person_id=person.id)
    kept = db.session().scalars(sa.select(SignInLink)).one()
    assert token not in (kept.token_hash, str(kept.person_id))
    fresh = actions.sign_in(token=token, device="Firefox, Windows")
    assert fresh is not None
    found = queries.session_person(fresh)
    assert found is not None
    assert found[1].email == "aino@example.fi"
    assert db.session().scalars(sa.select(Session.token_hash)).one() == ids.digest(fresh)
    assert actions.sign_in(token=token) is None


def test_a_link_lives_for_its_minutes() -> None:
    person = actions.invite(email="aino@example.fi")
    token = actions.link(person_id=person.id, minutes=15)
    with clock.frozen(clock.now() + timedelta(minutes=15, seconds=1)):
        assert queries.usable_link(token) is None
        assert actions.sign_in(token=token) is None
    assert queries.usable_link(token) is not None


def test_a_session_ends_by_itself_by_signing_out_and_everywhere() -> None:
    person = actions.invite(email="aino@example.fi")
    tokens = [actions.sign_in(token=actions.link(person_id=person.id)) for _ in range(3)]
    first, second, third = (token for token in tokens if token)
    actions.sign_out(token=first)
    assert queries.session_person(first) is None
    with clock.frozen(clock.now() + timedelta(days=states.SESSION_DAYS, seconds=1)):
        assert queries.session_person(second) is None
    waiting = actions.link(person_id=person.id)
    assert actions.sign_out_everywhere(person_id=person.id) == 2
    assert queries.session_person(second) is None
    assert queries.session_person(third) is None
    assert actions.sign_in(token=waiting) is None


def test_what_was_done_is_written_down_in_the_same_transaction() -> None:
    boss = actions.invite(email="boss@example.fi")
    person = actions.invite(email="aino@example.fi", by=boss.id)
    given = actions.grant(person_id=person.id, role="organiser", by=boss.id)
    actions.revoke(grant_id=given.id, by=boss.id)
    told = [(entry.verb, entry.person_id) for entry in queries.audit(person_id=boss.id)]
    assert told == [("revoke", boss.id), ("grant", boss.id), ("invite", boss.id)]
    actions.organise(kind="company", slug="x", name_fi="X")
    with pytest.raises(errors.Conflict):
        actions.organise(kind="company", slug="x", name_fi="X", by=boss.id)
    written = db.session().scalars(sa.select(AuditEntry).where(AuditEntry.verb == "organise")).all()
    assert [entry.person_id for entry in written] == [None]


def test_letters_are_limited_per_address_and_per_network() -> None:
    for _ in range(states.ATTEMPTS_PER_ADDRESS):
        actions.ask_for_link(email="aino@example.fi", network="192.0.2.1")
    with pytest.raises(errors.TooMany) as stopped:
        actions.ask_for_link(email="AINO@example.fi", network="192.0.2.2")
    assert 0 < stopped.value.retry_after <= states.ATTEMPT_MINUTES * 60
    for number in range(states.ATTEMPTS_PER_NETWORK - states.ATTEMPTS_PER_ADDRESS):
        actions.ask_for_link(email=f"x{number}@example.fi", network="192.0.2.1")
    with pytest.raises(errors.TooMany):
        actions.ask_for_link(email="fresh@example.fi", network="192.0.2.1")
    with clock.frozen(clock.now() + timedelta(minutes=states.ATTEMPT_MINUTES, seconds=1)):
        actions.ask_for_link(email="aino@example.fi", network="192.0.2.1")

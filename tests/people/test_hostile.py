"""What is typed with bad intentions, or bad luck, into the forms of those who sign in; what can't be slipped in."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from miitti.accounts import queries
from miitti.accounts.models import Grant, Organisation, Person
from miitti.booths.models import Booth
from miitti.foundation import db
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]

HOSTILE = {
    "two lines": "Aino\r\nBcc: kaikki@example.fi",
    "a zero": "Aino\x00Virtanen",
    "turned around": "Aino \u202eneivoK",
    "invisible": "\u200b\ufeff\u2066Aino\u2069",
    "a thousand marks": "A" + "\u0301" * 1000,
    "markup": "<script>alert(1)</script>",
    "a formula": "=1+1",
    "a template": "{{ config }}",
    "very long": "ä" * 10_000,
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    ("who", "path", "field", "more"),
    [
        ("owner", "/desk/me", "name", {"language": "fi"}),
        ("owner", "/desk/organisations/harju", "name_fi", {}),
        ("owner", "/desk/organisations/harju", "municipality", {"name_fi": "Harju"}),
        ("owner", "/desk/organisations/harju", "contact_phone", {"name_fi": "Harju"}),
        ("owner", "/desk/organisations/harju", "contact_email", {"name_fi": "Harju"}),
        ("owner", "/desk/organisations/harju", "business_id", {"name_fi": "Harju"}),
        ("owner", "/desk/booths/miitti/harju", "name", {"sentence_fi": "Työtä."}),
        ("owner", "/desk/organisations/harju/people", "people", {"language": "fi"}),
        ("organiser", "/desk/events/miitti/organisations", "name", {"kind": "school"}),
        ("organiser", "/desk/events/miitti/people", "people", {"role": "company", "language": "fi"}),
        ("organiser", "/desk/privacy", "email", {"do": "find"}),
        ("cohost", "/desk/booths/miitti/harju/dictation", "sentence_fi", {"pay_unit": "hour"}),
    ],
)
def test_hostile_text_is_cleaned_or_refused(
    app: Flask, as_: As, world: World, who: str, path: str, field: str, more: dict[str, str], name: str
) -> None:
    answer = as_(who).send(path, **{**more, field: name})
    assert answer.status_code in (200, 303, 422)
    kept = [
        *db.session().scalars(sa.select(Person.name)),
        *db.session().scalars(sa.select(Organisation.name_fi)),
        *db.session().scalars(sa.select(Organisation.municipality)),
        *db.session().scalars(sa.select(Booth.name)),
        *db.session().scalars(sa.select(Booth.sentence_fi)),
    ]
    for text in kept:
        assert not set(text) & set("\r\n\x00\u202e\u2066\u2069\ufeff"), text
        assert len(text) <= 200
    assert "<script>alert" not in answer.text


def test_nothing_that_is_not_in_a_form_is_taken_from_it(app: Flask, as_: As, world: World) -> None:
    owner = as_("owner")
    slipped = {
        "role": "organiser",
        "organisation_id": str(world.organisations["puusaha"]),
        "organisation": str(world.organisations["puusaha"]),
        "event_id": "1",
        "id": "1",
        "email": "toinen@example.fi",
        "kind": "authority",
        "slug": "puusaha",
        "position": "99",
    }
    before = db.session().execute(sa.select(Grant.id, Grant.role, Grant.organisation_id)).all()
    assert owner.send("/desk/me", name="Olli", language="fi", **slipped).status_code == 303
    assert owner.send("/desk/organisations/harju", name_fi="Harju", **slipped).status_code == 303
    fields = {"name": "Harju", "sentence_fi": "Työtä."}
    assert owner.send("/desk/booths/miitti/harju", **fields, **slipped).status_code == 303
    db.session().rollback()
    assert db.session().execute(sa.select(Grant.id, Grant.role, Grant.organisation_id)).all() == before
    assert queries.person(world.people["owner"]).email == "owner@example.fi"
    company = db.row(Organisation, world.organisations["harju"])
    assert (company.slug, company.kind) == ("harju", "company")
    booth = db.row(Booth, world.booths["harju"])
    assert (booth.slug, booth.organisation_id, booth.position) == ("harju", company.id, 1)


@pytest.mark.parametrize("number", ["0", "99999999999999999999999999"])
def test_numbers_beyond_any_row_are_no_address(app: Flask, as_: As, world: World, number: str) -> None:
    organiser = as_("organiser")
    for path in (
        f"/desk/events/miitti/people/{number}/remove",
        f"/desk/events/miitti/people/{number}/resend",
        f"/desk/events/miitti/people/{number}/role",
        f"/desk/events/miitti/organisations/{number}/remove",
        f"/desk/me/sessions/{number}/end",
        f"/desk/me/passkeys/{number}/remove",
    ):
        assert organiser.send(path, role="moderator").status_code == 404, path

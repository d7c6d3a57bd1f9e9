"""What the tests of leads share: a form as a browser gets it, and a lead left."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from werkzeug.test import TestResponse

from miitti.foundation import db
from miitti.leads import queries
from tests.conftest import Client
from tests.world import World

FORM = "/miitti/miitti/booths/harju/leads"

DETAILS = {
    "name": "Aino Hakija",
    "phone": "040 123 4567",
    "email": "aino@posti.example",
    "message": "Voi soittaa iltapäivisin.\nLuokat vanhenivat 2023.",
}


@dataclass
class Applicant:
    """A browser with a booth's form open."""

    client: Client
    key: str
    csrf: str
    path: str = FORM

    def send(self, **fields: object) -> TestResponse:
        """Send the form as it stands: the same key each time."""
        data = {"csrf_token": self.csrf, "form_key": self.key, **fields}
        return self.client.post(self.path, data={k: v for k, v in data.items() if v is not None})


@pytest.fixture
def applicant(app: object, world: World, make_applicant: Callable[..., Applicant]) -> Applicant:
    return make_applicant()


@pytest.fixture
def make_applicant(client: Client, world: World) -> Callable[..., Applicant]:
    """`make_applicant(client)`: somebody at the first booth's form."""

    def make(who: Client = client, path: str = FORM) -> Applicant:
        text = who.get(path).text
        key = text.split('name="form_key"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
        csrf = text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
        return Applicant(who, key, csrf, path)

    return make


def latest() -> queries.Whole:
    """The lead that came last, read afresh."""
    from sqlalchemy import func, select

    from miitti.leads.models import Lead

    db.session().rollback()
    whole = queries.by_id(db.session().scalar(select(func.max(Lead.id))) or 0)
    assert whole is not None
    return whole


def count() -> int:
    """How many leads there are."""
    from sqlalchemy import func, select

    from miitti.leads.models import Lead

    db.session().rollback()
    return db.session().scalar(select(func.count()).select_from(Lead)) or 0

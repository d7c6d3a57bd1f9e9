"""What measures the service tells nobody anything of anybody."""

import sqlalchemy as sa

from miitti.accounts.models import Organisation, Person
from miitti.booths.models import Booth
from miitti.events.models import Event
from miitti.foundation import db
from miitti.leads import actions as leads
from miitti.leads.models import Lead
from miitti.vacancies.models import Vacancy
from tests.conftest import Client
from tests.world import World

NAMES = (
    *(Person.email, Person.name, Organisation.slug, Organisation.name_fi, Event.slug, Event.title_fi),
    *(Booth.slug, Booth.name, Vacancy.title_fi, Lead.name, Lead.email, Lead.phone),
)


def test_the_numbers_name_no_company_person_or_event(client: Client, world: World) -> None:
    leads.leave(
        booth_id=world.booths["harju"],
        form_key="k" * 22,
        visitor="v",
        name="Hilla Hakija",
        email="hilla@example.fi",
        phone="040 1234567",
    )
    told = "".join(client.get(path).text for path in ("/metrics", "/readyz", "/healthz")).casefold()
    assert "miitti_jobs{kind=" in told
    session = db.session()
    words = {str(word) for column in NAMES for word in session.scalars(sa.select(column)) if word}
    words -= {world.slug}  # "miitti": the product's own name too
    assert {"Konepaja Harju", "puusaha", "owner@example.fi", "Hilla Hakija"} <= words
    assert [word for word in words if word.casefold() in told] == []

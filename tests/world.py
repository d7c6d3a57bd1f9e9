"""A small Miitti with everybody in it, made through the rooms' own actions."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from miitti.accounts import actions as accounts
from miitti.accounts.states import OrganisationKind
from miitti.booths import actions as booths
from miitti.events import actions as events
from miitti.events.states import Doors
from miitti.foundation import clock
from miitti.foundation.access import Role
from miitti.vacancies import actions as vacancies

PEOPLE = {
    "organiser": "Outi Organisoija",
    "cohost": "Kaisa Kanssajärjestäjä",
    "moderator": "Matti Moderaattori",
    "presenter": "Juuso Juontaja",
    "owner": "Olli Omistaja",
    "teammate": "Tiina Tiimiläinen",
    "stranger": "Ville Vieras",
    "admin": "Aino Admin",
    "nobody": "Niko Nimetön",
}
"""owner and teammate are people of the first booth's company, stranger of the second's; nobody has no role."""


@dataclass
class World:
    """Ids and slugs of the small Miitti; plain values, good in any session."""

    event_id: int
    slug: str
    booths: dict[str, int] = field(default_factory=dict)
    """Booth slug -> id. `harju` belongs to owner and teammate, `puusaha` to the stranger."""
    organisations: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    vacancies: dict[str, int] = field(default_factory=dict)

    @property
    def booth(self) -> str:
        """The owner's booth."""
        return "harju"

    def token(self, name: str) -> str:
        """A fresh session token of a person: what the session cookie carries after signing in."""
        token = accounts.sign_in(token=accounts.link(person_id=self.people[name]))
        assert token is not None
        return token

    def link(self, name: str) -> str:
        """The path of a fresh sign-in link."""
        return f"/sign-in/{accounts.link(person_id=self.people[name])}"


def make(*, doors: Doors | None = Doors.LIVE) -> World:
    """Make the Miitti in the present app context; `doors` None leaves them to the clock (open, starts tomorrow)."""
    start = clock.now() + (timedelta(minutes=-10) if doors else timedelta(days=1))
    event = events.create(
        slug="miitti",
        title_fi="Metallialan Miitti",
        title_sv="Metallbranschens Miitti",
        title_en="Metalworks Miitti",
        lead_fi="Kolme yritystä, seitsemän paikkaa.",
        starts_at=start,
        ends_at=start + timedelta(hours=2),
    )
    world = World(event.id, "miitti")
    area = accounts.organise(kind=OrganisationKind.EMPLOYMENT_AREA, slug="paijat-hame", name_fi="Päijät-Häme")
    world.organisations["area"] = area.id
    events.add_cohost(event_id=world.event_id, organisation_id=area.id)
    for slug, name, town in (
        ("harju", "Konepaja Harju", "Hartola"),
        ("puusaha", "Sysmän Puusaha", "Sysmä"),
        ("levytyo", "Joutsan Levytyö", "Joutsa"),
    ):
        company = accounts.organise(kind=OrganisationKind.COMPANY, slug=slug, name_fi=name, municipality=town)
        world.organisations[slug] = company.id
        booth = booths.open_booth(
            event_id=world.event_id,
            organisation_id=company.id,
            slug=slug,
            sentence_fi="Hitsaat koneita, joilla tehdään metsää.",
            text_fi="Meitä on kaksitoista.",
            contact_email=f"tyo@{slug}.example",
        )
        world.booths[slug] = booth.id
        world.vacancies[slug] = vacancies.post(
            booth_id=world.booths[slug], title_fi="Hitsaaja", pay_min=Decimal("15.80"), pay_max=Decimal("19.50")
        ).id
    events.add_item(
        event_id=world.event_id,
        starts_at=start,
        ends_at=start + timedelta(minutes=30),
        title_fi="Konepaja Harju: työpäivä",
        organisation_id=world.organisations["harju"],
    )
    for key, name in PEOPLE.items():
        world.people[key] = accounts.invite(email=f"{key}@example.fi", name=name).id
    for key, role, scope in (
        ("organiser", Role.ORGANISER, {"event_id": world.event_id}),
        ("cohost", Role.COHOST, {"event_id": world.event_id, "organisation_id": world.organisations["area"]}),
        ("moderator", Role.MODERATOR, {"event_id": world.event_id}),
        ("presenter", Role.PRESENTER, {"event_id": world.event_id}),
        ("owner", Role.COMPANY, {"organisation_id": world.organisations["harju"]}),
        ("teammate", Role.COMPANY, {"organisation_id": world.organisations["harju"]}),
        ("stranger", Role.COMPANY, {"organisation_id": world.organisations["puusaha"]}),
        ("admin", Role.ADMIN, {}),
    ):
        accounts.grant(person_id=world.people[key], role=role, **scope)
    events.publish(event_id=world.event_id)
    if doors is not None:
        events.force_doors(event_id=world.event_id, doors=doors)
    return world

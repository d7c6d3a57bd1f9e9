"""The employer's side: one's own leads, nobody else's; acting on behalf opens none."""

import csv
import io
from collections.abc import Callable

import pytest

from miitti.accounts import actions as accounts
from miitti.foundation.access import Role
from miitti.leads import actions, desk, states
from tests.conftest import Client
from tests.leads.conftest import DETAILS, Applicant, latest
from tests.world import World

As = Callable[[str], Client]


@pytest.fixture
def left(applicant: Applicant, world: World) -> str:
    """A lead at the owner's booth; gives its reference."""
    assert applicant.send(**DETAILS, vacancy=str(world.vacancies["harju"])).status_code == 303
    return latest().lead.reference


def test_company_sees_its_leads(as_: As, left: str) -> None:
    for person in ("owner", "teammate"):
        page = as_(person).get("/desk/leads")
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        for words in ("Aino Hakija", 'href="tel:0401234567"', "Hitsaaja", "Voi soittaa iltapäivisin."):
            assert words in page.text


@pytest.mark.parametrize("path", ["/desk/leads", "/desk/leads.csv"])
def test_another_company_sees_none_of_them(as_: As, left: str, path: str) -> None:
    answer = as_("stranger").get(path)
    assert answer.status_code == 200
    assert "Aino" not in answer.text
    assert left not in answer.text


@pytest.mark.parametrize("person", ["organiser", "cohost", "moderator", "presenter", "admin", "nobody"])
def test_acting_on_behalf_opens_no_leads(as_: As, left: str, person: str) -> None:
    client = as_(person)
    assert client.get("/desk/leads").status_code == 404
    assert client.get("/desk/leads.csv").status_code == 404
    assert client.send(f"/desk/leads/{left}", state="hired").status_code == 404
    assert "Aino Hakija" not in client.get("/desk").text
    assert latest().lead.state is states.LeadState.NEW


def test_signed_out_is_led_to_sign_in(client: Client, left: str) -> None:
    answer = client.get("/desk/leads")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=%2Fdesk%2Fleads"
    assert client.get("/desk/leads", headers={"Accept": "application/json"}).status_code == 401


def test_organiser_who_also_works_in_a_company_sees_that_companys_only(as_: As, world: World, left: str) -> None:
    accounts.grant(
        person_id=world.people["organiser"],
        role=Role.COMPANY,
        organisation_id=world.organisations["puusaha"],
    )
    assert "Aino" not in as_("organiser").get("/desk/leads").text


def test_states_move_for_the_own_company_only(as_: As, left: str) -> None:
    assert as_("stranger").send(f"/desk/leads/{left}", state="hired").status_code == 404
    assert as_("owner").send(f"/desk/leads/{left}", state="withdrawn").status_code == 422
    assert as_("owner").send(f"/desk/leads/{left}", state="nonsense").status_code == 422
    assert as_("owner").send(f"/desk/leads/{left}", state="contacted").status_code == 303
    assert latest().lead.state is states.LeadState.CONTACTED


def test_desk_says_how_many_are_new(as_: As, left: str, make_applicant: Callable[..., Applicant]) -> None:
    assert "1 uusi yhteydenotto" in as_("owner").get("/desk").text
    assert make_applicant().send(phone="0407654321").status_code == 303
    assert "2 uutta yhteydenottoa" in as_("owner").get("/desk").text
    assert "uusi yhteydenotto" not in as_("stranger").get("/desk").text


def test_withdrawn_lead_shows_nothing_and_can_not_be_moved(as_: As, left: str) -> None:
    actions.withdraw(receipt=latest().lead.receipt)
    page = as_("owner").get("/desk/leads").text
    assert "Hakija on perunut" in page
    assert "Aino" not in page
    assert as_("owner").send(f"/desk/leads/{left}", state="hired").status_code == 403


def test_newest_first(as_: As, left: str, make_applicant: Callable[..., Applicant]) -> None:
    make_applicant().send(name="Zorro Myöhempi", phone="0407654321")
    page = as_("owner").get("/desk/leads").text
    assert page.index("Zorro Myöhempi") < page.index("Aino Hakija")


def test_empty_desk_says_what_to_do(as_: As) -> None:
    assert "Kukaan ei ole vielä jättänyt tietojaan" in as_("owner").get("/desk/leads").text


def test_csv_opens_in_a_finnish_spreadsheet_and_runs_nothing(
    as_: As, world: World, make_applicant: Callable[..., Applicant]
) -> None:
    make_applicant().send(name="=HYPERLINK(A1)", phone="+358 40 123 4567", message='@SUM(1)\n"lainaus"; puolipiste')
    answer = as_("owner").get("/desk/leads.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 2
    cells = dict(zip(rows[0], rows[1], strict=True))
    assert cells["Nimi"] == "'=HYPERLINK(A1)"
    assert cells["Puhelin"] == "'+358 40 123 4567"
    assert cells["Viesti"].startswith("'@SUM(1)")
    assert not any(cell[:1] in tuple("=+-@\t\r\n") for cell in rows[1] if cell)


@pytest.mark.parametrize("cell", ["=1", " =1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1"])
def test_no_cell_begins_a_formula(cell: str) -> None:
    assert desk.harmless(cell) == f"'{cell}"


def test_plain_cells_stay(as_: As) -> None:
    assert [desk.harmless(c) for c in ("", "Aino", "a=1", "040 1")] == ["", "Aino", "a=1", "040 1"]

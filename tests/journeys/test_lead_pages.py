"""Every page of leads, narrow and wide, in each language: nothing for axe to find, nothing cut off."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from miitti.foundation import db
from miitti.foundation.access import GrantView, Role, Who
from miitti.handling import actions as handling
from miitti.handling import mails as handling_mails
from miitti.intake import actions as intake
from miitti.leads import actions
from miitti.leads.models import Lead
from miitti.outcomes import mails as outcomes_mails
from miitti.outcomes.states import Result
from miitti.webhooks import actions as webhooks
from tests.house.test_front import violations
from tests.journeys.test_lead_reaches_employer import signed_in
from tests.processes import Live

pytestmark = pytest.mark.browser

Person = Callable[..., Page]
PICTURES = os.environ.get("PICTURES_TO")
"""A folder to put a picture of each page into, for looking at them."""


@pytest.fixture(scope="module")
def filled(live: Live) -> dict[str, str]:
    """Addresses of every page, with something on each; "desk" ones need the owner."""
    with live.app.app_context():
        booth, people = live.world.booths["harju"], live.world.people
        grants = (GrantView(Role.COMPANY, organisation_id=live.world.organisations["harju"]),)
        who = Who("v", people["owner"], "Olli Omistaja", None, grants)
        texts = [{"fi": "Mitkä hitsausluokat sinulla on voimassa?"}, {"fi": "Milloin voisit aloittaa?"}]
        intake.set_up(
            booth_id=booth, also=["toimisto@harju.example"], cv_attached=False, digest=True,
            privacy={"fi": "Säilytämme tiedot vuoden. Kysy Ollilta, 03 123 456.", "sv": "Vi sparar i ett år."},
            texts=texts,
        )  # fmt: skip
        receipts = [
            actions.leave(
                booth_id=booth, form_key=f"f_page_{number}", visitor="v", name=name, phone=phone, email=email,
                message="Voi soittaa iltapäivisin. Olen hitsannut kymmenen vuotta.", language=code,
            )
            for number, (name, phone, email, code) in enumerate([
                ("Aino Hakija", "040 123 4567", "aino@posti.example", "fi"),
                ("Åke Sökande", "040 765 4321", "", "sv"),
                ("A. Hakija", "+358 40 123 4567", "", "fi"),
            ])
        ]  # fmt: skip
        reference = db.session().scalar(select(Lead.reference).where(Lead.receipt == receipts[0]))
        lead_id = db.session().scalar(select(Lead.id).where(Lead.receipt == receipts[0]))
        assert reference is not None
        assert lead_id is not None
        handling.write_note(reference=reference, text="Soitettu tiistaina, tulee käymään.", who=who)
        organisation_id = live.world.organisations["harju"]
        webhooks.point(organisation_id=organisation_id, url="https://firma.example/hook", who=who)
        webhooks.point(organisation_id=organisation_id, url="", who=who)
        return {
            "form": f"{live.url}/miitti/miitti/booths/harju",
            "own": f"{live.url}/miitti/miitti/booths/harju/leads",
            "job": f"{live.url}/jobs/{live.world.vacancies['harju']}",
            "live": f"{live.url}/miitti/miitti",
            "receipt": f"{live.url}/leads/{receipts[0]}",
            "digest": handling_mails.digest_address(booth),
            "tap": outcomes_mails.address("lead", lead_id, Result.HIRED),
            "desk-leads": f"{live.url}/desk/leads",
            "desk-intake": f"{live.url}/desk/booths/miitti/harju/intake",
            "desk-answers": f"{live.url}/desk/answers",
            "desk-outcomes": f"{live.url}/desk/outcomes",
            "desk-webhooks": f"{live.url}/desk/webhooks",
        }


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    live: Live, browser: Person, filled: dict[str, str], width: int
) -> None:
    owner = signed_in(browser, live, "owner")
    owner.set_viewport_size({"width": width, "height": 900})
    owner.emulate_media(reduced_motion="reduce")
    wrong = []
    for name, address in filled.items():
        for code in ("fi", "sv", "en") if name in ("form", "desk-leads", "receipt") else ("fi",):
            answer = owner.goto(f"{address}?lang={code}")
            assert answer is not None
            assert answer.status == 200, name
            owner.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
            wrong += [f"{name} {code}: {one}" for one in violations(owner)]
            if owner.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append(f"{name} {code}: wider than {width}")
            if PICTURES:
                owner.screenshot(path=Path(PICTURES) / f"{name}-{code}-{width}.png", full_page=True)
    assert wrong == [], "\n".join(wrong)

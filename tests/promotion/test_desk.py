"""The promotion pages: for hosts everything, for a company its own, for others nothing."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from miitti.booths import actions as booths
from tests.conftest import Client
from tests.world import World


@pytest.mark.parametrize("code", ["fi", "sv", "en"])
def test_a_host_finds_links_papers_pictures_and_texts(as_: Callable[[str], Client], world: World, code: str) -> None:
    page = as_("cohost").get(f"/desk/events/{world.slug}/promotion?in={code}&lang={code}").text
    for path in ("poster.pdf", "handout.pdf", "slide.png", "qr.svg", "share.png"):
        assert f"/miitti/{world.slug}/{path}" in page
    for word in ("harju", "paijat-hame", "kirjasto", "koulu"):
        assert f"?via={word}" in page
    title = {"fi": "Metallialan Miitti", "sv": "Metallbranschens Miitti", "en": "Metalworks Miitti"}[code]
    texts = page.split('id="text-newspaper"', 1)[1].split("</textarea>", 1)[0]
    assert title in texts
    assert f"http://localhost/miitti/{world.slug}" in texts


def test_materials_have_a_language_of_their_own(as_: Callable[[str], Client], world: World) -> None:
    page = as_("organiser").get(f"/desk/events/{world.slug}/promotion?in=sv&lang=fi").text
    assert "Markkinointi" in page
    assert "Metallbranschens Miitti hålls" in page


def test_a_partners_visits_stand_beside_its_link(as_: Callable[[str], Client], client: Client, world: World) -> None:
    host = as_("cohost")
    made = host.get(f"/desk/events/{world.slug}/promotion?partner=Sysmän kirjasto").text
    link = f"http://localhost/miitti/{world.slug}?via=sysman-kirjasto"
    assert link in made
    query = parse_qs(urlsplit(link).query)
    for _time in range(3):
        assert client.get(f"/miitti/{world.slug}", query_string=query).status_code == 200
    page = host.get(f"/desk/events/{world.slug}/promotion").text
    row = page.split("?via=sysman-kirjasto", 1)[1].split("</tr>", 1)[0]
    assert '<td class="number">3</td>' in row


def test_a_company_has_its_own_pictures_and_no_others(as_: Callable[[str], Client], world: World) -> None:
    path = f"/desk/booths/{world.slug}/harju/promotion"
    page = as_("owner").get(path).text
    assert f"/jobs/{world.vacancies['harju']}/share.png" in page
    assert f"/jobs/{world.vacancies['puusaha']}/share.png" not in page
    assert as_("stranger").get(path).status_code == 404
    assert as_("owner").get(f"/desk/events/{world.slug}/promotion").status_code == 404


def test_hostile_names_stand_as_text(as_: Callable[[str], Client], world: World) -> None:
    booths.describe(booth_id=world.booths["harju"], name='"><img src=x onerror=alert(1)>')
    page = as_("cohost").get(f"/desk/events/{world.slug}/promotion?partner=%22%3E%3Cscript%3E").text
    assert "<img src=x" not in page
    assert "<script>" not in page.replace('<script type="module"', "")

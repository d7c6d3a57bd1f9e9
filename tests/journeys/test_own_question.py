"""One's own question: to whom, in whose name, changed, taken back, not chosen, answered by letter; others reported."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from miitti.foundation import db
from miitti.moderation.actions import Args
from miitti.questions.models import Address, Question
from miitti.questions.states import Doc, Op
from tests.journeys.test_question_answered import EVENT, ask
from tests.letters import until_true
from tests.processes import Live
from tests.questions import rows

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]


def opened(live: Live, browser: Browse, width: int = 390) -> Page:
    """A visitor's live page, connected."""
    page = browser(width=width)
    with page.expect_response("**/qa/stage/state"):
        page.goto(live.url + EVENT)
    return page


def listed(live: Live, body: str, *ops: Op, args: Args | None = None) -> Doc:
    """A question on the stage's list, by way of the ops."""
    with live.app.app_context():
        stage = rows.stage(live.world)
        return rows.moved(live.world, stage, rows.asked(stage, body), Op.APPROVE, *ops, args=args)


def move(live: Live, body: str, *ops: Op, args: Args | None = None) -> None:
    """A moderator's ops on the question with that text."""
    with live.app.app_context():
        stage = rows.stage(live.world)
        found = db.session().query(Question).filter_by(body=body).one()
        rows.moved(live.world, stage, {"id": found.id, "rev": found.rev}, *ops, args=args)


def test_one_says_to_whom_and_in_whose_name(live: Live, browser: Browse) -> None:
    page = opened(live, browser)
    text = "Millainen kahvi teillä on?"
    expect(page.get_by_label("Kenelle")).to_be_hidden()
    page.locator(".ask textarea").focus()
    page.get_by_label("Kenelle").select_option(label="Konepaja Harju")
    page.locator(".ask").get_by_label("Nimi").fill("Aino")
    ask(page, text)
    expect(page.locator(".questions.mine .q.pending")).to_contain_text(text)
    move(live, text, Op.APPROVE)
    shown = page.locator(".questions.list .q", has_text=text)
    expect(shown).to_contain_text("Konepaja Harju · Aino · oma kysymyksesi")


def test_words_are_changed_and_the_question_taken_back(live: Live, browser: Browse) -> None:
    page = opened(live, browser)
    ask(page, "Onko teillä bussia?")
    own = page.locator(".questions.mine .q")
    expect(own.locator(".way")).to_have_attribute("data-step", "1")
    own.get_by_text("Muokkaa").click()
    own.get_by_label("Kysymyksesi").fill("Kulkeeko sinne bussi aamulla?")
    own.get_by_role("button", name="Tallenna").click()
    expect(own.locator("p").first).to_have_text("Kulkeeko sinne bussi aamulla?")
    expect(page.locator(".ask .outcome")).to_have_text("Muutettu.")
    own.get_by_role("button", name="Peru kysymys").click()
    expect(own).to_contain_text("peruit sen")
    own.get_by_role("button", name="Kysy toisin sanoin").click()
    expect(page.locator(".ask textarea")).to_have_value("Kulkeeko sinne bussi aamulla?")


def test_one_hears_why_not(live: Live, browser: Browse) -> None:
    page = opened(live, browser)
    text = "Mikä on vastaus kaikkeen?"
    ask(page, text)
    expect(page.locator(".questions.mine .q.pending")).to_be_visible()
    move(live, text, Op.REJECT, args=Args(reason="unclear"))
    own = page.locator(".questions.mine .q", has_text=text)
    expect(own.locator(".why")).to_contain_text("toisin sanoin")
    expect(page.locator(".ask .outcome")).to_contain_text("ei valittu")
    page.reload()
    expect(own.locator(".why")).to_contain_text("toisin sanoin")


def test_an_answer_comes_by_letter_and_the_address_goes(live: Live, browser: Browse) -> None:
    page = opened(live, browser)
    text = "Voiko vastauksen saada kotiin?"
    ask(page, text)
    own = page.locator(".questions.mine .q", has_text=text)
    own.get_by_text("Vastaus sähköpostiin").click()
    own.get_by_label("Sähköposti").fill("vain-minulle@posti.example")
    own.get_by_role("button", name="Lähettäkää vastaus").click()
    expect(own).to_contain_text("Vastaus tulee sähköpostiisi")
    with live.app.app_context():
        assert db.session().query(Address).one().email == "vain-minulle@posti.example"
    page.reload()
    expect(own).to_contain_text("Vastaus tulee sähköpostiisi")


def test_another_s_question_is_reported_once(live: Live, browser: Browse) -> None:
    question = listed(live, "Tässä on naapurin nimi?")
    page = opened(live, browser)
    shown = page.locator(f"#q-{question['id']}")
    shown.get_by_label("Lisää kysymyksestä").click()
    shown.get_by_role("button", name="kertoo jostakusta").click()
    expect(page.locator(".ask .outcome")).to_contain_text("Järjestäjä katsoo")

    def reports() -> bool:
        with live.app.app_context():
            return db.row(Question, question["id"]).reports == 1

    until_true(reports, 5, "the report")


def test_the_way_to_the_company_starts_at_the_question(live: Live, browser: Browse) -> None:
    question = listed(live, "Tarvitaanko hitsauslupa?", Op.MOVE, args=Args(to="harju"))
    page = opened(live, browser)
    shown = page.locator(f"#q-{question['id']}")
    shown.get_by_label("Lisää kysymyksestä").click()
    shown.get_by_role("link", name="Kiinnostuin").click()
    page.wait_for_url("**/booths/harju/leads?from=question")
    expect(page.locator('input[name="source"]')).to_have_value("question")


def test_what_was_asked_already_is_offered_while_one_types(live: Live, browser: Browse) -> None:
    question = listed(live, "Pääseekö Joutsasta bussilla aamuvuoroon?")
    page = opened(live, browser)
    page.locator(".ask textarea").press_sequentially("Kulkeeko Joutsasta bussi aamuvuorolle?")
    hint = page.locator(".similar button")
    expect(hint).to_contain_text("Pääseekö Joutsasta bussilla")
    hint.click()
    vote = page.locator(f"#q-{question['id']} .vote")
    expect(vote).to_have_attribute("aria-pressed", "true")
    expect(vote).to_have_text("1")
    expect(page.locator(".ask textarea")).to_have_value("Kulkeeko Joutsasta bussi aamuvuorolle?")
    page.locator(".ask textarea").fill("Mikä on kesätyön palkka?")
    expect(hint).to_have_count(0)


def test_without_a_script_one_s_own_question_is_changed_too(live: Live, browser: Browse) -> None:
    page = browser(width=390, javascript=False)
    page.goto(live.url + EVENT)
    page.locator(".ask textarea").fill("Onko tämä viimeinen?")
    page.get_by_label("Kenelle").select_option("harju")
    page.locator(".ask button").click()
    own = page.locator(".questions.mine .q")
    own.get_by_text("Muokkaa").click()
    own.get_by_label("Kysymyksesi").fill("Onko tämä ensimmäinen?")
    own.get_by_role("button", name="Tallenna").click()
    expect(own).to_contain_text("Onko tämä ensimmäinen?")
    own.get_by_text("Vastaus sähköpostiin").click()
    own.get_by_label("Sähköposti").fill("toinen@posti.example")
    own.get_by_role("button", name="Lähettäkää vastaus").click()
    expect(own).to_contain_text("Vastaus tulee sähköpostiisi")
    own.get_by_role("button", name="Peru kysymys").click()
    expect(own).to_contain_text("peruit sen")

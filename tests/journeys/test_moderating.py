"""Moderators at work in Chromium: every press, taking back, two at once, keys, the stage's questions at a company."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from miitti.foundation import db
from miitti.moderation.actions import Args
from miitti.questions.models import Mute, Question
from miitti.questions.states import Doc, Op, State
from tests.journeys.test_question_answered import EVENT, QUEUE, sign_in
from tests.letters import until_true
from tests.processes import Live
from tests.questions import rows

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]
BOOTH = f"{QUEUE}?ch=booth:levytyo"


def asked(live: Live, body: str, *ops: Op, booth: str = "levytyo", visitor: str | None = None) -> Doc:
    """A question of a booth's channel (the stage's with `booth=""`), by way of the ops."""
    with live.app.app_context():
        channel = rows.booth(live.world, booth) if booth else rows.stage(live.world)
        return rows.moved(live.world, channel, rows.asked(channel, body, visitor), *ops)


def at_the_queue(live: Live, browser: Browse, path: str = BOOTH, name: str = "organiser", width: int = 390) -> Page:
    """Somebody's queue, connected."""
    page = browser(width=width)
    sign_in(page, live, name)
    with page.expect_response("**/state?v=mod"):
        page.goto(live.url + path)
    expect(page.locator(".queue .more").or_(page.locator("[data-empty='pending']")).first).to_be_attached()
    return page


def card(page: Page, body: str) -> Locator:
    """The card of a question."""
    return page.locator("[data-list] > .q", has_text=body)


def folded(page: Page, body: str) -> Locator:
    """The card with everything that can be done to it."""
    found = card(page, body)
    found.get_by_label("Lisää toimintoja").click()
    return found


def row(live: Live, question: Doc) -> Question:
    """The question as it is in the database now."""
    return db.row(Question, question["id"])


def test_each_press_does_what_it_says(live: Live, browser: Browse) -> None:
    question = asked(live, "Mikä palkka on alussa?", Op.APPROVE)
    other = asked(live, "Paljonko saa alussa palkkaa?", Op.APPROVE)
    page = at_the_queue(live, browser)
    one = folded(page, question["body"])

    one.get_by_label("Merkinnät").fill("palkka, alku")
    one.get_by_role("button", name="Tallenna merkinnät").click()
    expect(one.locator("small").first).to_contain_text("palkka · alku")
    one.get_by_label("Kysymyksen teksti").fill("Mikä on alkupalkka?")
    one.get_by_role("button", name="Tallenna teksti").click()
    one = card(page, "Mikä on alkupalkka?")
    one.get_by_role("button", name="Kiinnitä ylimmäksi").click()
    expect(one.locator("small").first).to_contain_text("kiinnitetty")
    expect(page.locator("[data-list='live'] > .q p").first).to_have_text("Mikä on alkupalkka?")
    one.get_by_role("button", name="Irrota ylhäältä").click()
    expect(one.locator("small").first).not_to_contain_text("kiinnitetty")

    two = folded(page, other["body"])
    two.get_by_label("Sama kuin kysymys").fill(str(question["no"]))
    two.get_by_role("button", name="Yhdistä", exact=True).click()
    expect(page.locator("[data-list='live'] > .q")).to_have_count(1)
    page.locator("#queue-rest").click()
    joined = page.locator("[data-list='rest'] > .q", has_text=other["body"])
    expect(joined.locator("small").first).to_contain_text(f"yhdistetty kysymykseen {question['no']}")
    joined.get_by_role("button", name="Erota").click()
    expect(page.locator("[data-list='live'] > .q")).to_have_count(2)

    one.get_by_role("button", name="Estä kysyjää 15 min").click()
    expect(page.locator("#toast")).to_contain_text("15 minuuttiin")
    with live.app.app_context():
        assert db.session().query(Mute).count() == 1
    one.get_by_role("button", name="Poista kokonaan").click()
    expect(one).to_have_count(0)
    page.get_by_role("button", name="Kumoa").click()
    expect(page.locator("[data-list='live'] > .q")).to_have_count(2)
    with live.app.app_context():
        assert row(live, question).state is State.LIVE
        rows.moved(live.world, rows.booth(live.world, "levytyo"), _now(question), Op.ARCHIVE)
        rows.moved(live.world, rows.booth(live.world, "levytyo"), _now(other), Op.ARCHIVE)


def _now(question: Doc) -> Doc:
    return {"id": question["id"], "rev": db.row(Question, question["id"]).rev}


def test_the_moment_of_answering_is_corrected(live: Live, browser: Browse) -> None:
    question = asked(live, "Milloin vastataan?", Op.APPROVE, Op.NOW, Op.ANSWERED)
    with live.app.app_context():
        before = row(live, question).answering_at
    page = at_the_queue(live, browser)
    page.locator("#queue-answered").click()
    one = folded(page, question["body"])
    one.get_by_role("button", name="30 s aiemmin").click()

    def moved() -> bool:
        with live.app.app_context():
            now = row(live, question).answering_at
            return before is not None and now is not None and round((before - now).total_seconds()) == 30

    until_true(moved, 5, "the corrected time")


def test_hidden_numbers_are_looked_at_on_purpose(live: Live, browser: Browse) -> None:
    asked(live, "Soittakaa 044 123 4588 illalla")
    page = at_the_queue(live, browser)
    one = card(page, "illalla")
    expect(one).to_contain_text("puhelinnumero")
    expect(one).not_to_contain_text("044 123")
    one.get_by_role("button", name="Näytä koko teksti").click()
    expect(one).to_contain_text("044 123 4588")
    one.get_by_role("button", name="Hylkää", exact=True).click()
    expect(page.locator("[data-list='pending'] > .q")).to_have_count(0)


def test_what_was_asked_already_is_joined_at_once(live: Live, browser: Browse) -> None:
    first = asked(live, "Pääseekö Joutsasta bussilla aamuvuoroon?", Op.APPROVE, booth="")
    asked(live, "Kulkeeko Joutsasta bussi aamuvuorolle?", booth="")
    page = at_the_queue(live, browser, QUEUE)
    one = card(page, "Kulkeeko Joutsasta")
    expect(one).to_contain_text(f"kuin kysymys {first['no']}")
    one.get_by_role("button", name=f"Yhdistä {first['no']}").click()
    expect(page.locator("[data-list='pending'] > .q", has_text="Kulkeeko")).to_have_count(0)
    expect(page.locator("[data-standing]")).to_contain_text("1 vastaamatta")


def test_two_moderators_see_each_other_s_work_and_overwrite_none(live: Live, browser: Browse) -> None:
    question = asked(live, "Kumpi ehtii ensin?", booth="puusaha")
    path = f"{QUEUE}?ch=booth:puusaha"
    one, two = at_the_queue(live, browser, path), at_the_queue(live, browser, path, "cohost")
    words = folded(one, question["body"]).get_by_label("Kysymyksen teksti")
    words.fill("Kumpi ehtii ensin maaliin?")

    # another's press is seen at once; what is being written and where the focus is stay
    card(two, question["body"]).get_by_role("button", name="Hyväksy").click()
    expect(two.locator("[data-list='live'] > .q")).to_have_count(1)
    expect(card(one, question["body"])).to_contain_text("Joku muu muutti tätä sillä välin")
    expect(words).to_have_value("Kumpi ehtii ensin maaliin?")
    expect(words).to_be_focused()

    # saving over it is refused once, with the text kept; the second press knows what it does
    save = card(one, question["body"]).get_by_role("button", name="Tallenna teksti")
    save.click()
    expect(one.locator("#toast")).to_contain_text("Joku toinen ehti ensin")
    expect(words).to_have_value("Kumpi ehtii ensin maaliin?")
    save.click()
    expect(two.locator("[data-list='live'] > .q p").first).to_have_text("Kumpi ehtii ensin maaliin?")
    expect(one.locator("[data-list='live'] > .q p").first).to_have_text("Kumpi ehtii ensin maaliin?")


def test_shortcut_keys_work_inside_the_list_and_can_be_turned_off(live: Live, browser: Browse) -> None:
    for text in ("Eka näppäin?", "Toka näppäin?", "Kolmas näppäin?"):
        asked(live, text, booth="harju")
    page = at_the_queue(live, browser, f"{QUEUE}?ch=booth:harju", width=1280)
    pending = page.locator("[data-list='pending'] > .q")
    expect(pending).to_have_count(3)

    # outside the lists a key does nothing
    page.locator("[data-standing]").focus()
    page.keyboard.press("a")
    expect(pending).to_have_count(3)

    pending.nth(0).get_by_role("button", name="Hyväksy").focus()
    page.keyboard.press("j")
    expect(pending.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(pending.nth(0)).to_be_focused()
    page.keyboard.press("a")
    expect(pending).to_have_count(2)
    expect(card(page, "Toka näppäin?")).to_be_focused()
    page.keyboard.press("r")
    expect(pending).to_have_count(1)
    expect(card(page, "Kolmas näppäin?")).to_be_focused()
    page.keyboard.press("u")
    expect(page.locator("#toast")).to_have_text("Kumottu.")
    expect(pending).to_have_count(2)
    page.keyboard.press("j")
    expect(card(page, "Eka näppäin?")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("[data-dock='now']")).to_contain_text("Eka näppäin?")
    card(page, "Toka näppäin?").focus()
    page.keyboard.press("Enter")
    expect(card(page, "Toka näppäin?").get_by_label("Ei valittu, koska")).to_be_focused()
    # typing in a field is typing
    words = card(page, "Toka näppäin?").get_by_label("Kysymyksen teksti")
    words.focus()
    page.keyboard.type("ara")
    expect(words).to_have_value("araToka näppäin?")
    words.fill("Toka näppäin?")
    card(page, "Kolmas näppäin?").focus()
    page.keyboard.press("/")
    expect(page.get_by_label("Etsi jonosta")).to_be_focused()
    page.keyboard.type("kolmas")
    expect(pending).to_have_text([re.compile("Kolmas näppäin")])
    page.get_by_label("Etsi jonosta").fill("")
    card(page, "Kolmas näppäin?").focus()
    page.keyboard.press("?")
    box = page.get_by_label("Pikanäppäimet toimivat listoissa")
    expect(box).to_be_focused()
    page.keyboard.press("Space")
    card(page, "Kolmas näppäin?").focus()
    page.keyboard.press("a")
    page.reload()
    expect(pending).to_have_count(2)
    expect(box).not_to_be_checked()


def test_the_channel_is_closed_and_slowed_for_everybody(live: Live, browser: Browse) -> None:
    page = at_the_queue(live, browser)
    visitor = browser()
    visitor.goto(f"{live.url}{EVENT}/booths/levytyo")
    expect(visitor.locator(".ask")).to_be_visible()
    page.get_by_text("Asetukset, tiedostot ja näytöt").click()
    page.get_by_role("button", name="Sulje kysymykset").click()
    expect(visitor.locator(".ask")).to_be_hidden()
    expect(visitor.locator(".closed")).to_contain_text("ei oteta")
    page.get_by_role("button", name="Avaa kysymykset").click()
    expect(visitor.locator(".ask")).to_be_visible()
    page.get_by_role("button", name="Näytä uudet heti").click()
    visitor.locator(".ask textarea").fill("Näkyykö tämä heti?")
    visitor.locator(".ask button").click()
    expect(visitor.locator(".questions.list .q", has_text="Näkyykö tämä heti?")).to_be_visible()
    page.get_by_role("button", name="Näytä uudet vasta").click()
    expect(page.get_by_role("button", name="Näytä uudet heti")).to_be_visible()


def test_a_company_answers_the_stage_s_questions_given_to_it(live: Live, browser: Browse) -> None:
    question = asked(live, "Tarvitseeko sahalla ajokorttia?", Op.APPROVE, booth="")
    stranger = at_the_queue(live, browser, f"{QUEUE}?ch=booth:puusaha", "stranger")
    expect(stranger.locator("[data-given]")).to_be_hidden()
    host = at_the_queue(live, browser, QUEUE)
    one = folded(host, question["body"])
    one.get_by_label("Kenelle").select_option(label="Sysmän Puusaha")
    one.get_by_role("button", name="Anna", exact=True).click()
    given = stranger.locator("[data-given] .q", has_text=question["body"])
    expect(given).to_be_visible()
    given.get_by_label("Kirjallinen vastaus").fill("Ei tarvitse, haemme pysäkiltä.")
    given.get_by_role("button", name="Julkaise vastaus").click()
    visitor = browser()
    visitor.goto(f"{live.url}{EVENT}")
    expect(visitor.locator(".questions.list .q", has_text=question["body"])).to_contain_text("haemme pysäkiltä")
    visitor.goto(f"{live.url}{EVENT}/booths/puusaha")
    expect(visitor.locator(".faq")).to_contain_text("haemme pysäkiltä")
    with live.app.app_context():
        channel = rows.stage(live.world)
        rows.moved(live.world, channel, _now(question), Op.ARCHIVE, args=Args())

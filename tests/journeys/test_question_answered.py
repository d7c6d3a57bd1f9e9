"""A question becomes answered: asked in one browser, moderated in a second, seen in a third."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.processes import Live

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]
EVENT = "/miitti/miitti"
QUEUE = "/desk/events/miitti/questions"


def sign_in(page: Page, live: Live, name: str) -> None:
    """By the person's own link, as from a letter."""
    with live.app.app_context():
        link = live.world.link(name)
    page.goto(live.url + link)
    page.locator("main form button").first.click()
    page.wait_for_url(re.compile("/desk"))


def ask(page: Page, text: str) -> None:
    page.locator(".ask textarea").fill(text)
    page.locator(".ask button").click()


def test_a_question_becomes_answered(live: Live, browser: Browse) -> None:
    asker, other = browser(width=390), browser()
    host = browser(width=390)
    sign_in(host, live, "organiser")
    for page in (asker, other):
        page.goto(live.url + EVENT)
    host.goto(live.url + QUEUE)

    # asked: received, seen by the host alone
    text = "Tarvitseeko hitsarin luokat olla valmiina?"
    ask(asker, text)
    expect(asker.locator(".questions.mine .q", has_text=text)).to_contain_text("odottaa hyväksyntää")
    expect(asker.locator(".ask .outcome")).to_contain_text("vastaanotettu")
    expect(asker.locator(".ask textarea")).to_have_value("")
    waiting = host.locator('[data-list="pending"] .q', has_text=text)
    expect(waiting).to_be_visible()
    expect(other.locator(".questions")).not_to_contain_text([text])

    # approved: on everybody's list at once
    waiting.get_by_role("button", name="Hyväksy").click()
    for page in (asker, other):
        expect(page.locator(".questions.list .q", has_text=text)).to_contain_text("Kysymys 1")
    expect(asker.locator(".questions.mine .q")).to_have_count(0)
    expect(asker.locator(".ask .outcome")).to_contain_text("hyväksyttiin")

    # voted on
    vote = other.locator(".questions.list .q", has_text=text).get_by_role("button").first
    expect(vote).to_have_accessible_name("Äänestä kysymystä 1, 0 ääntä")
    vote.click()
    expect(vote).to_have_attribute("aria-pressed", "true")
    expect(asker.locator(".questions.list .q .vote")).to_have_text("1")

    # answered aloud, then in writing
    host.locator('[data-dock="go"] button').click()
    for page in (asker, other):
        expect(page.locator(".questions.list .q.now", has_text=text)).to_be_visible()
    host.locator('[data-dock="end"] button').click()
    expect(other.locator(".questions.list .q.answered", has_text=text)).to_be_visible()
    host.locator("#queue-answered").click()
    done = host.locator('[data-list="answered"] .q', has_text=text)
    done.get_by_label("Lisää toimintoja").click()
    done.get_by_label("Kirjallinen vastaus").fill("Ei tarvitse: luokat suoritetaan meillä.")
    done.get_by_role("button", name="Julkaise vastaus").click()
    for page in (asker, other):
        expect(page.locator(".answer")).to_contain_text("luokat suoritetaan meillä")

    # and so it stays
    other.reload()
    shown = other.locator(".questions.list .q", has_text=text)
    expect(shown).to_contain_text("luokat suoritetaan meillä")
    expect(shown.locator(".vote")).to_have_attribute("aria-pressed", "true")
    assert live.said().count("Traceback") == 0, live.said()


def test_nothing_typed_is_lost(live: Live, browser: Browse) -> None:
    page = browser()
    page.goto(live.url + EVENT)
    page.locator(".ask textarea").fill("Tämä jäi kesken")
    page.reload()
    expect(page.locator(".ask textarea")).to_have_value("Tämä jäi kesken")


def test_a_question_asked_without_a_line_is_sent_when_it_is_back(live: Live, browser: Browse) -> None:
    page = browser()
    page.goto(live.url + EVENT)
    expect(page.locator(".ask")).to_be_visible()
    page.wait_for_function("performance.getEntriesByType('resource').some((e) => e.name.includes('/state'))")
    page.context.set_offline(True)
    text = "Lähteekö tämä pimennosta?"
    ask(page, text)
    expect(page.locator(".questions.mine .q", has_text=text)).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".questions.mine .q.pending", has_text=text)).to_be_visible(timeout=30_000)
    page.reload()
    expect(page.locator(".questions.mine .q.pending", has_text=text)).to_have_count(1)


def test_without_a_script_it_is_a_form_and_a_list(live: Live, browser: Browse) -> None:
    page = browser(width=390, javascript=False)
    page.goto(live.url + EVENT)
    ask(page, "Toimiiko tämä ilman skriptejä?")
    expect(page.locator(".questions.mine")).to_contain_text("Toimiiko tämä ilman skriptejä?")


def test_a_booth_takes_questions_and_its_company_answers(live: Live, browser: Browse) -> None:
    asker, owner = browser(), browser()
    sign_in(owner, live, "owner")
    asker.goto(f"{live.url}{EVENT}/booths/harju")
    owner.goto(f"{live.url}{QUEUE}?ch=booth:harju")
    ask(asker, "Saako tulla tutustumaan?")
    waiting = owner.locator('[data-list="pending"] .q')
    expect(waiting).to_contain_text("Saako tulla tutustumaan?")
    waiting.get_by_role("button", name="Hyväksy").click()
    listed = owner.locator('[data-list="live"] .q')
    listed.get_by_text("Vastaa kirjallisesti").click()
    listed.get_by_label("Kirjallinen vastaus").fill("Totta kai, tervetuloa!")
    listed.get_by_role("button", name="Julkaise vastaus").click()
    expect(asker.locator(".answer")).to_contain_text("Konepaja Harju")
    expect(asker.locator(".answer")).to_contain_text("tervetuloa")


def test_the_order_stands_still_while_one_reads(live: Live, browser: Browse) -> None:
    from miitti.questions import actions
    from miitti.questions.states import Op
    from tests.questions import rows

    with live.app.app_context():
        channel = rows.booth(live.world, "levytyo")
        first, second = (
            rows.moved(live.world, channel, rows.asked(channel, text), Op.APPROVE) for text in ("Eka?", "Toka?")
        )
        channel_id = channel.id
    page = browser()
    page.goto(f"{live.url}{EVENT}/booths/levytyo")
    items = page.locator(".questions.list .q p")
    expect(items).to_have_text(["Eka?", "Toka?"])
    reading = page.locator(".questions.list .vote").first
    reading.focus()
    with live.app.app_context():
        actions.vote(channel_id=channel_id, visitor="somebody", question_id=second["id"], on=True)
    expect(page.locator(".questions.list .vote").nth(1)).to_have_text("1")
    expect(items).to_have_text(["Eka?", "Toka?"])
    expect(reading).to_be_focused()
    page.get_by_role("button", name="Päivitä järjestys").click()
    expect(items).to_have_text(["Toka?", "Eka?"])
    assert first["no"] == 1
    with live.app.app_context():
        rows.moved(live.world, channel, rows.asked(channel, "Kolmas?"), Op.APPROVE)
        rows.moved(live.world, channel, second, Op.ANSWERED)
    order = page.get_by_label("Järjestys")
    for wanted, shown in (
        ("Uusimmat", ["Kolmas?", "Toka?", "Eka?"]),
        ("Vastaamattomat", ["Eka?", "Kolmas?"]),
        ("Suosituimmat", ["Toka?", "Eka?", "Kolmas?"]),
    ):
        order.select_option(label=wanted)
        expect(items).to_have_text(shown)

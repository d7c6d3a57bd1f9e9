"""Projector, overlay and presenter in Chromium: they follow, restart into the question of now, and show text."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from miitti.foundation import db
from miitti.questions import mails
from miitti.questions.models import Address, Question
from miitti.questions.states import Op
from miitti.screens import actions as screens
from tests.journeys.test_moderating import at_the_queue, card
from tests.journeys.test_question_answered import EVENT, QUEUE, ask, sign_in
from tests.letters import until_true
from tests.processes import Live
from tests.questions import rows

pytestmark = pytest.mark.browser

Browse = Callable[..., Page]
NASTY = (
    "<img src=x onerror=window.hit=1>Kuva?",
    "<script>window.hit=1</script>Koodi?",
    '"><svg onload=window.hit=1>Merkki?',
    "'-window.hit=1-'{{7*7}}${7*7}Malli?",
    "javascript:window.hit=1 Linkki?",
    "</template></textarea><iframe srcdoc='<script>parent.hit=1</script>'>Kehys?",
)


def test_the_hall_and_the_broadcast_follow_and_come_back(live: Live, browser: Browse) -> None:
    with live.app.app_context():
        stage = rows.stage(live.world)
        first = rows.moved(live.world, stage, rows.asked(stage, "Ensimmäinen ruudulla?"), Op.APPROVE)
        second = rows.moved(live.world, stage, rows.asked(stage, "Toinen ruudulla?"), Op.APPROVE)
        token = screens.make_key(event_id=live.world.event_id)
    hall, overlay, presenter = browser(), browser(), browser(width=390)
    sign_in(presenter, live, "presenter")
    hall.goto(f"{live.url}{EVENT}/projector")
    overlay.goto(f"{live.url}/overlay?token={token}")
    presenter.goto(f"{live.url}/desk/events/miitti/presenter")
    expect(overlay.locator(".asked")).to_be_hidden()
    expect(presenter.locator("p[data-next]")).to_have_text(first["body"])

    presenter.get_by_role("button", name="Seuraava kysymys").click()
    for page in (hall, overlay):
        expect(page.locator("[data-body]")).to_have_text(first["body"])
        page.reload()
        expect(page.locator("[data-body]")).to_have_text(first["body"])
    expect(presenter.locator("p[data-now]")).to_have_text(first["body"])

    # the web process dies and comes back; so do the screens, into what is answered then
    live.kill("wsgi.py")
    until_true(live.ready, 60, "the web process")
    presenter.reload()
    presenter.get_by_role("button", name="Seuraava kysymys").click()
    for page in (hall, overlay):
        expect(page.locator("[data-body]")).to_have_text(second["body"], timeout=20_000)
    expect(presenter.locator("p[data-next]")).to_have_text("Listalla ei odota kysymyksiä.")

    see_through = "getComputedStyle(document.{}).backgroundColor"
    for part in ("documentElement", "body"):
        assert overlay.evaluate(see_through.format(part)) == "rgba(0, 0, 0, 0)"


def test_what_is_typed_is_text_everywhere(live: Live, browser: Browse) -> None:
    """A corpus of attempts, asked by a browser, seen in each place a question is shown."""
    with live.app.app_context():
        token = screens.make_key(event_id=live.world.event_id)
    host = at_the_queue(live, browser, QUEUE)
    hall, overlay, other = browser(), browser(), browser()
    hall.goto(f"{live.url}{EVENT}/projector")
    overlay.goto(f"{live.url}/overlay?token={token}")
    other.goto(live.url + EVENT)
    pages = [host, hall, overlay, other]
    for text in NASTY:
        asker = browser()
        asker.goto(live.url + EVENT)
        asker.locator(".ask textarea").focus()
        asker.locator(".ask").get_by_label("Nimi").fill("<b onmouseover=window.hit=1>N</b>")
        ask(asker, text)
        one = card(host, text)
        expect(one.locator("p")).to_have_text(text)
        one.get_by_role("button", name="Hyväksy").click()
        listed = other.locator(".questions.list .q", has_text=text)
        expect(listed.locator("p")).to_have_text(text)
        expect(listed.locator("small")).to_contain_text("<b onmouseover=window.hit=1>N</b>")
        one = host.locator("[data-list='live'] > .q", has_text=text)
        one.get_by_label("Lisää toimintoja").click()
        one.get_by_label("Kirjallinen vastaus").fill(text)
        one.get_by_role("button", name="Vastataan nyt").click()
        for page in (hall, overlay):
            expect(page.locator("[data-body]")).to_have_text(text)
        pages.append(asker)
    other.reload()
    expect(other.locator(".questions.list .q p")).to_contain_text([NASTY[-1]])
    letter, exported = browser(), host.request.get(f"{live.url}{QUEUE}.json")
    assert exported.headers["content-disposition"].startswith("attachment")
    assert exported.headers["x-content-type-options"] == "nosniff"
    kept = {question["body"] for question in exported.json()["questions"]}
    for text in NASTY:
        with live.app.app_context(), live.app.test_request_context():
            question = db.session().query(Question).filter_by(body=text).one()
            made = mails.answer(Address(question_id=question.id, email="a@example.fi", language="fi"), question)
        letter.set_content(made.html)
        assert text in letter.locator("body").inner_text()
        assert text in made.text
        assert text in kept
        assert letter.locator(":is(script, iframe, img[src='x'], svg[onload], b[onmouseover])").count() == 0
    pages.append(letter)
    for page in pages:
        assert page.evaluate("'hit' in window") is False
        assert page.locator("main :is(iframe, img[src='x'], svg[onload], b[onmouseover])").count() == 0

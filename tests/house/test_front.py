"""The frames, parts and small scripts of every page, in a real browser: readable, reachable, forgiving."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, redirect, render_template_string, request
from flask.typing import ResponseReturnValue
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from miitti.foundation import access, forms
from tests import pages
from tests.letters import _free_port

PORT = _free_port()
"""Known before the application is built: forms are taken only from its own public address."""
pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("app", [{"MIITTI_BASE_URL": f"http://127.0.0.1:{PORT}"}], indirect=True, ids=["listening"]),
]

AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

HERE = Path(__file__).resolve().parent / "front"
SHEET, STAGE, DESK = ((HERE / f"{name}.html").read_text(encoding="utf-8") for name in ("sheet", "stage", "desk"))
BROKEN = '{% extends "error.html" %}'


class Ad(forms.Form):
    """A form with one of each kind of field."""

    name = StringField("Nimi", [forms.Required("Kirjoita nimi.")])
    text = TextAreaField("Kuvaus")
    shift = RadioField(
        "Työaika", choices=[SelectChoice("day", "Päivätyö"), SelectChoice("night", "Yötyö")], default="day"
    )
    open = BooleanField("Julki heti")


@access.allow(access.Role.VISITOR)
def sheet() -> ResponseReturnValue:
    """A form; `name=oops` breaks on the way."""
    form = Ad.sent()
    if request.method == "POST":
        if request.form.get("name") == "oops":
            return render_template_string(BROKEN, heading="Jotain meni rikki"), 500
        if form.validate():
            return redirect("/front/sheet")
    return render_template_string(SHEET, form=form)


@access.allow(access.Role.VISITOR)
def stage() -> ResponseReturnValue:
    """The live page's frame."""
    return render_template_string(STAGE)


@access.allow(access.Role.VISITOR)
def desk() -> ResponseReturnValue:
    """The desk's frame."""
    return render_template_string(DESK)


@access.allow(access.Role.VISITOR)
def broken() -> ResponseReturnValue:
    """The error page."""
    return render_template_string(
        BROKEN, heading="Sivua ei löydy", explanation="Osoite on väärä.", advice="Aloita alusta."
    )


@pytest.fixture
def front(app: Flask) -> Iterator[str]:
    """The application with four sample pages, listening on a free port; gives its address."""
    for name, view in (("sheet", sheet), ("stage", stage), ("desk", desk), ("broken", broken)):
        app.add_url_rule(f"/front/{name}", f"front-{name}", view, methods=["GET", "POST"])
    server = make_server("127.0.0.1", PORT, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{PORT}/front"
    server.shutdown()
    thread.join()
    server.server_close()


def violations(page: Page) -> list[str]:
    """What axe finds on the page, as words."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules}).then(r => r.violations)", RULES)
    return [f"{v['id']}: {node['html'][:200]}" for v in found for node in v["nodes"]]


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(front: str, browser: Callable[..., Page], width: int) -> None:
    page = browser(width=width)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for name in ("sheet", "stage", "desk", "broken"):
            answer = page.goto(f"{front}/{name}")
            assert answer is not None
            assert answer.ok
            assert violations(page) == [], f"{name}, {scheme}"
            pages.check(page.request.get(f"{front}/{name}").text(), where=name)


@pytest.mark.parametrize("name", ["sheet", "stage", "desk", "broken"])
def test_nothing_is_cut_off_at_320(front: str, browser: Callable[..., Page], name: str) -> None:
    """WCAG 2.2, 1.4.10: no scrolling in two directions at 320 CSS pixels."""
    page = browser(width=320, height=640)
    page.goto(f"{front}/{name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_errors_are_led_to(front: str, browser: Callable[..., Page]) -> None:
    page = browser(width=390)
    page.goto(f"{front}/sheet")
    page.get_by_label("Kuvaus").fill("Opetamme.")
    page.get_by_role("button", name="Julkaise").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    assert violations(page) == []
    summary.get_by_role("link", name="Nimi: Kirjoita nimi.").press("Enter")
    name = page.get_by_label("Nimi")
    expect(name).to_be_focused()
    expect(name).to_have_accessible_description("Lyhyt nimi riittää. Virhe: Kirjoita nimi.")
    expect(page.get_by_label("Kuvaus")).to_have_value("Opetamme.")


def test_typed_text_stays_until_it_has_arrived(front: str, browser: Callable[..., Page]) -> None:
    page = browser()
    page.goto(f"{front}/sheet")
    page.get_by_label("Kuvaus").fill("Opetamme.")
    page.get_by_label("Yötyö").check()
    page.goto(f"{front}/desk")
    page.goto(f"{front}/sheet")
    expect(page.get_by_label("Kuvaus")).to_have_value("Opetamme.")
    expect(page.get_by_label("Yötyö")).to_be_checked()

    page.get_by_label("Nimi").fill("oops")
    page.get_by_role("button", name="Julkaise").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jotain meni rikki")
    page.goto(f"{front}/sheet")
    expect(page.get_by_label("Kuvaus")).to_have_value("Opetamme.")

    page.get_by_label("Nimi").fill("Hitsaaja")
    page.get_by_role("button", name="Julkaise").click()
    expect(page.get_by_label("Nimi")).to_have_value("")
    expect(page.get_by_label("Kuvaus")).to_have_value("")


def test_tabs_on_a_phone(front: str, browser: Callable[..., Page]) -> None:
    page = browser(width=390, height=844)
    page.goto(f"{front}/stage")
    tabs = page.get_by_role("tablist", name="Sivun osat")
    expect(tabs.get_by_role("tab")).to_have_text(["Kysymykset", "Ohjelma", "Osastot"])
    expect(page.get_by_role("tabpanel", name="Kysymykset")).to_be_visible()
    expect(page.locator("#programme")).to_be_hidden()
    tabs.get_by_role("tab", name="Kysymykset").press("ArrowRight")
    expect(tabs.get_by_role("tab", name="Ohjelma")).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Ohjelma")).to_be_visible()
    expect(page.locator("#questions")).to_be_hidden()
    expect(page.locator(".ask")).to_be_in_viewport()
    page.reload()
    expect(page.get_by_role("tabpanel", name="Ohjelma")).to_be_visible()
    page.goto(f"{front}/stage#booths")
    expect(page.get_by_role("tabpanel", name="Osastot")).to_be_visible()


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (390, False)])
def test_without_tabs_everything_is_there(
    front: str, browser: Callable[..., Page], width: int, javascript: bool
) -> None:
    page = browser(width=width, javascript=javascript)
    page.goto(f"{front}/stage")
    for name in ("questions", "programme", "booths"):
        expect(page.locator(f"#{name}")).to_be_visible()
    expect(page.locator(".tabs")).to_be_hidden()


def test_the_picture_stays_on_top(front: str, browser: Callable[..., Page]) -> None:
    page = browser(width=390, height=500)
    page.goto(f"{front}/stage")
    page.evaluate("window.scrollTo({top: 5000, behavior: 'instant'})")
    box = page.locator(".player").bounding_box()
    assert box is not None
    assert page.evaluate("scrollY") > 0
    assert box["y"] == pytest.approx(0, abs=1)

"""A company's file becomes a video visitors watch: real browser, real web and worker, real FFmpeg."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from miitti.foundation import db
from miitti.videos import actions
from miitti.videos.models import Upload, Video
from tests.conftest import SAMPLES
from tests.letters import until_true
from tests.processes import Live

pytestmark = pytest.mark.browser

Person = Callable[..., Page]
#: Milliseconds the whole work on a few seconds of film may take on a busy machine.
WORK = 120_000


def sign_in(live: Live, page: Page, name: str) -> None:
    with live.app.app_context():
        path = live.world.link(name)
    page.goto(live.url + path)
    page.locator("main form button").click()
    page.wait_for_url(re.compile("/desk"))


def plays(page: Page) -> None:
    """Press play, and wait until pictures move."""
    page.locator(".film .play").first.click()
    page.wait_for_function(
        "() => { const v = document.querySelector('.film video'); return v.videoWidth > 0 && v.currentTime > 0.5 }",
        timeout=60_000,
    )


def test_a_company_sends_a_video_and_a_visitor_watches_it(live: Live, browser: Person, sample: Path) -> None:
    owner = browser(width=390)
    sign_in(live, owner, "owner")
    owner.goto(f"{live.url}/desk/booths/miitti/harju/video")
    expect(owner.locator("h1")).to_have_text("Osaston video")
    owner.set_input_files("#file", sample)
    # the file arrives, the page shows it at work, and by itself that it is ready
    clip = owner.locator("[data-video]")
    expect(clip).to_be_visible(timeout=30_000)
    expect(clip.locator(".chip.done").first).to_have_text("Valmis", timeout=WORK)
    plays(owner)

    visitor = browser(width=1280)
    visitor.goto(f"{live.url}/miitti/miitti/booths/harju")
    film = visitor.locator(".film")
    assert "hls.light" not in "".join(visitor.evaluate("performance.getEntriesByType('resource').map(e => e.name)")), (
        "the player's library came before anybody asked for it"
    )
    plays(visitor)
    assert visitor.evaluate("document.querySelector('.film video').duration") == pytest.approx(5.28, rel=0.05)
    # sound alone: the same position, no picture
    visitor.evaluate("document.querySelector('.film video').pause()")
    film.locator('[data-tool="sound"]').click()
    visitor.wait_for_function(
        "() => { const v = document.querySelector('.film video'); return v.readyState >= 2 && v.videoWidth === 0 }"
    )
    assert film.locator('[data-tool="sound"]').get_attribute("aria-pressed") == "true"

    # the event page plays the companies' videos
    visitor.goto(f"{live.url}/miitti/miitti")
    plays(visitor)


def test_captions_are_shown_and_the_choice_is_remembered(live: Live, browser: Person, tmp_path: Path) -> None:
    captions = tmp_path / "sanat.srt"
    captions.write_text("1\n00:00:00,000 --> 00:00:04,000\nTervetuloa meille\n", "utf-8")
    owner = browser()
    sign_in(live, owner, "owner")
    owner.goto(f"{live.url}/desk/booths/miitti/harju/video")
    owner.locator("details summary").first.click()
    owner.set_input_files("input[name=captions]", captions)
    owner.get_by_role("button", name="Ota tekstitys käyttöön").click()
    expect(owner.locator(".flash.done")).to_have_text("Tekstitys on käytössä.")
    visitor = browser()
    visitor.goto(f"{live.url}/miitti/miitti/booths/harju")
    button = visitor.locator('[data-tool="captions"]')
    expect(button).to_have_attribute("aria-pressed", "true")
    plays(visitor)
    visitor.wait_for_function(
        "() => document.querySelector('.film video').textTracks[0].activeCues?.[0]?.text === 'Tervetuloa meille'"
    )
    button.click()
    visitor.reload()
    expect(visitor.locator('[data-tool="captions"]')).to_have_attribute("aria-pressed", "false")


def test_a_broken_line_is_gone_on_from(live: Live, browser: Person, tmp_path: Path, sample: Path) -> None:
    """The line breaks in the middle of the file; the page goes on by itself when it is back."""
    large = tmp_path / "iso.mp4"
    # a free box at the end makes it long enough to be cut in several pieces
    padding = 24 * 1024 * 1024
    large.write_bytes(sample.read_bytes() + padding.to_bytes(4, "big") + b"free" + bytes(padding - 8))
    owner = browser()
    sign_in(live, owner, "stranger")
    owner.goto(f"{live.url}/desk/booths/miitti/puusaha/video")
    pieces: list[str] = []
    owner.on("request", lambda request: pieces.append(request.method) if "/desk/uploads" in request.url else None)
    owner.context.route(
        re.compile("/desk/uploads/"),
        lambda route: (
            route.abort("connectionreset")
            if route.request.method == "PATCH" and pieces.count("PATCH") == 2
            else route.continue_()
        ),
    )
    owner.set_input_files("#file", large)
    expect(owner.locator("[data-video]")).to_be_visible(timeout=60_000)
    assert pieces.count("POST") == 1
    assert "HEAD" in pieces
    with live.app.app_context():
        upload = db.session().query(Upload).filter_by(booth_id=live.world.booths["puusaha"]).one()
        assert upload.offset == upload.length == large.stat().st_size
        video = db.session().query(Video).filter_by(booth_id=live.world.booths["puusaha"]).one()
        assert video.size == large.stat().st_size
        stored = Path(live.settings.media) / "uploads" / video.source / "source"
        assert stored.read_bytes() == large.read_bytes()


def test_what_is_no_video_is_said_at_once(live: Live, browser: Person, tmp_path: Path) -> None:
    owner = browser(language="sv")
    sign_in(live, owner, "stranger")
    owner.goto(f"{live.url}/desk/booths/miitti/puusaha/video?lang=sv")
    for name, data, words in (
        ("tom.mp4", b"", "Filen är tom"),
        ("brev.pdf", b"%PDF-1.4", "Filen är ingen film"),
    ):
        path = tmp_path / name
        path.write_bytes(data)
        owner.set_input_files("#file", path)
        expect(owner.locator("#sender .error")).to_contain_text(words)
    fake = tmp_path / "fusk.mp4"
    fake.write_bytes(b"ffconcat version 1.0\nfile source\n")
    owner.set_input_files("#file", fake)
    expect(owner.locator(".clip .error")).to_contain_text("Filen är ingen film", timeout=WORK)


@pytest.fixture(scope="module")
def film(live: Live) -> str:
    """The only video of the third booth, ready and with chapters; other tests send theirs to the other two."""
    with live.app.app_context():
        video_id = actions.take(
            booth_id=live.world.booths["levytyo"], person_id=None, path=SAMPLES / "bigbuckbunny.mp4"
        )

        def ready() -> bool:
            db.session().rollback()
            db.session().expire_all()
            return db.row(Video, video_id).state == "ready"

        until_true(ready, WORK / 1000, "the film to be ready")
        actions.set_chapters(video_id=video_id, text="0:00 Alku\n0:03 Loppu")
    return video_id


def test_captions_are_written_beside_the_video(live: Live, browser: Person, film: str) -> None:
    owner = browser(width=1280)
    sign_in(live, owner, "organiser")
    owner.goto(f"{live.url}/desk/videos/{film}/captions/fi")
    plays(owner)
    owner.evaluate("document.querySelector('.film video').pause()")
    owner.evaluate("document.querySelector('.film video').currentTime = 1")
    owner.keyboard.press("Alt+N")
    owner.keyboard.type("Huomenta! Nyt sahataan tukkeja")
    owner.evaluate("document.querySelector('.film video').currentTime = 2.5")
    owner.keyboard.press("Alt+S")
    expect(owner.locator(".cue")).to_have_count(2)
    owner.evaluate("document.querySelector('.film video').currentTime = 3.5")
    owner.keyboard.press("Alt+E")
    assert owner.locator(".cue input").evaluate_all("all => all.map(each => each.value)") == [
        *("0:01.0", "0:02.5"),
        *("0:02.5", "0:03.5"),
    ]
    owner.locator(".cue textarea").nth(1).fill("")
    expect(owner.locator("#missing")).to_contain_text("0:02.5 on tyhjä")
    owner.locator(".cue textarea").nth(1).fill("ja laudat")
    expect(owner.locator("#missing")).to_contain_text("mitään ei puutu")
    # a closed tab loses nothing
    owner.reload()
    expect(owner.locator(".cue")).to_have_count(2)
    owner.get_by_role("button", name="Ota tekstitys käyttöön").click()
    expect(owner.locator(".flash.done")).to_have_text("Tekstitys on käytössä.")

    visitor = browser(width=390)
    visitor.goto(f"{live.url}/miitti/miitti/booths/levytyo")
    visitor.locator(".transcript summary").click()
    expect(visitor.locator(".transcript li")).to_have_count(2)
    # a line of the transcript leads to its moment
    visitor.locator(".transcript .at").nth(1).click()
    visitor.wait_for_function("() => document.querySelector('.film video').currentTime >= 2.4", timeout=60_000)
    visitor.wait_for_function(
        "() => [...document.querySelector('.film video').textTracks].some(t => t.activeCues?.[0]?.text === 'ja laudat')"
    )


def test_quality_chapters_and_the_place_are_at_hand(live: Live, browser: Person, film: str) -> None:
    visitor = browser(width=1280)
    visitor.goto(f"{live.url}/miitti/miitti/booths/levytyo")
    expect(visitor.locator('[data-tool="sound"] small')).to_contain_text("Mt")
    plays(visitor)
    quality = visitor.locator('[data-tool="quality"]')
    expect(quality.locator("option")).to_have_count(5)
    expect(quality).to_contain_text("240p · noin 1 Mt")
    quality.select_option("save")
    visitor.evaluate("document.querySelector('.film video').pause()")
    visitor.evaluate("localStorage.setItem('miitti.places', '[]')")
    visitor.locator('[data-tool="chapter"]').select_option(label="0:03 Loppu")
    visitor.wait_for_function("() => document.querySelector('.film video').currentTime >= 3", timeout=30_000)
    # the strip shows what is there
    strip = visitor.locator(".strip input")
    strip.hover()
    expect(visitor.locator(".look-at")).to_be_visible()
    assert "board.jpg" in visitor.locator(".look-at > span").evaluate("each => each.style.backgroundImage")
    # what was chosen, and where one was, is known the next time
    visitor.evaluate(f"localStorage.setItem('miitti.places', '[[\"{film}\", 2]]')")
    visitor.reload()
    visitor.locator(".film .play").first.click()
    visitor.wait_for_function("() => document.querySelector('.film video').currentTime >= 2", timeout=60_000)
    expect(quality).to_have_value("save")
    visitor.locator(".film video").focus()
    visitor.keyboard.press("k")
    visitor.wait_for_function("() => document.querySelector('.film video').paused")

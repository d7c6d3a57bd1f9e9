"""What visitors and companies do with a video that is here: watch, hear, read and write what is said in it."""

import gzip
import re
import stat
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from miitti.foundation import db
from miitti.foundation.settings import ROOT
from miitti.videos import actions, arrivals
from miitti.videos.models import Video
from tests import processes
from tests.conftest import SAMPLES
from tests.house.test_front import violations
from tests.journeys.test_upload_plays import WORK, plays, sign_in
from tests.letters import until_true
from tests.processes import Live

pytestmark = pytest.mark.browser

Person = Callable[..., Page]

#: A program that writes down what is said, as an installation may have: it looks at what it is given, and answers.
LISTENER = """#!{python}
import sys, wave
with wave.open(sys.argv[1]) as sound:
    assert (sound.getnchannels(), sound.getframerate()) == (1, 16000)
    seconds = sound.getnframes() / 16000
print(f"WEBVTT\\n\\n00:01.000 --> 00:02.500\\n[{{sys.argv[2]}}] {{seconds:.0f}} sekuntia ääntä\\n")
"""


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A process tree that has a program for drafts of captions."""
    folder = tmp_path_factory.mktemp("live")
    program = folder / "listen"
    program.write_text(LISTENER.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    with processes.running(folder, MIITTI_SPEECH_PROGRAM=str(program)) as running:
        yield running


@pytest.fixture(scope="module")
def film(live: Live) -> str:
    """A video of the second booth that is ready, with chapters."""
    with live.app.app_context():
        video_id = actions.take(
            booth_id=live.world.booths["puusaha"], person_id=None, path=SAMPLES / "bigbuckbunny.mp4"
        )

        def ready() -> bool:
            db.session().rollback()
            db.session().expire_all()
            return db.row(Video, video_id).state == "ready"

        until_true(ready, WORK / 1000, "the film to be ready")
        actions.set_chapters(video_id=video_id, text="0:00 Alku\n0:03 Loppu")
    return video_id


def said(text: str) -> str:
    """A captions file in which `text` is said from the beginning on."""
    return f"WEBVTT\n\n00:00.000 --> 00:05.000\n{text}\n"


def seen(page: Page, text: str) -> None:
    """Wait until the captions show `text`."""
    page.wait_for_function(
        """text => [...document.querySelector('.film video').textTracks].some(
            (track) => track.mode === 'showing' && track.activeCues?.[0]?.text === text)""",
        arg=text,
        timeout=30_000,
    )


@pytest.fixture
def captions(live: Live, film: str) -> Iterator[None]:
    """Captions in two languages, gone after the test."""
    with live.app.app_context():
        for code, text in (("fi", "Tervetuloa meille"), ("sv", "Välkommen till oss")):
            actions.attach_captions(video_id=film, language=code, text=said(text))
    yield
    with live.app.app_context():
        for code in ("fi", "sv"):
            actions.remove_captions(video_id=film, language=code)


def test_captions_are_switched_and_the_choice_is_remembered(
    live: Live, browser: Person, film: str, captions: None
) -> None:
    visitor = browser(width=390)
    visitor.goto(f"{live.url}/miitti/miitti/booths/puusaha")
    button = visitor.locator('[data-tool="captions"]')
    language = visitor.locator('[data-tool="language"]')
    expect(button).to_have_attribute("aria-pressed", "true")
    plays(visitor)
    seen(visitor, "Tervetuloa meille")
    language.select_option("sv")
    seen(visitor, "Välkommen till oss")
    visitor.reload()
    expect(language).to_have_value("sv")
    plays(visitor)
    seen(visitor, "Välkommen till oss")
    # the key does what the button does
    visitor.locator(".film video").focus()
    visitor.keyboard.press("c")
    expect(button).to_have_attribute("aria-pressed", "false")
    visitor.reload()
    expect(button).to_have_attribute("aria-pressed", "false")
    # what is said can be read in the reader's language
    visitor.locator(".transcript summary").click()
    expect(visitor.locator(".transcript li")).to_have_text(["0:00 Tervetuloa meille"])


def test_captions_are_written_beside_the_video(live: Live, browser: Person, film: str) -> None:
    owner = browser(width=1280)
    sign_in(live, owner, "stranger")
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
    # the sound stands there as a picture, with the lines over it; dragging the end of the last one moves it
    expect(owner.locator("#wave canvas")).to_be_visible()
    owner.locator("#wave canvas").scroll_into_view_if_needed()
    box = owner.locator("#wave canvas").bounding_box()
    assert box is not None
    owner.evaluate("document.querySelector('#sight').value = 60")
    owner.evaluate("document.querySelector('.film video').currentTime = 3.5")
    seconds = owner.evaluate("Number(document.getElementById('writing').dataset.seconds)")
    at = box["x"] + box["width"] * 3.5 / seconds
    owner.mouse.move(at, box["y"] + 40)
    owner.mouse.down()
    owner.mouse.move(at + box["width"] * 0.5 / seconds, box["y"] + 40, steps=4)
    owner.mouse.up()
    moved = float(owner.locator(".cue .end").nth(1).input_value().removeprefix("0:"))
    assert moved == pytest.approx(4.0, abs=0.15)
    # all lines are moved at once
    owner.get_by_label("Siirrä kaikkia rivejä sekunteina").fill("-0.5")
    owner.get_by_role("button", name="Siirrä", exact=True).click()
    expect(owner.locator(".cue .begin").nth(0)).to_have_value("0:00.5")
    expect(owner.locator(".cue .begin").nth(1)).to_have_value("0:02.0")
    expect(owner.locator("#written")).to_have_text("Kaikkia rivejä siirrettiin \N{MINUS SIGN}0,5 sekuntia.")
    # a closed tab loses nothing
    owner.reload()
    expect(owner.locator(".cue")).to_have_count(2)
    owner.get_by_role("button", name="Ota tekstitys käyttöön").click()
    expect(owner.locator(".flash.done")).to_have_text("Tekstitys on käytössä.")

    visitor = browser(width=390)
    visitor.goto(f"{live.url}/miitti/miitti/booths/puusaha")
    visitor.locator(".transcript summary").click()
    expect(visitor.locator(".transcript li")).to_have_count(2)
    # a line of the transcript leads to its moment
    visitor.locator(".transcript .at").nth(1).click()
    visitor.wait_for_function("() => document.querySelector('.film video').currentTime >= 1.9", timeout=60_000)
    seen(visitor, "ja laudat")
    with live.app.app_context():
        actions.remove_captions(video_id=film, language="fi")


def test_quality_chapters_and_the_place_are_at_hand(live: Live, browser: Person, film: str) -> None:
    visitor = browser(width=1280)
    visitor.goto(f"{live.url}/miitti/miitti/booths/puusaha")
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


def test_a_program_drafts_and_a_person_approves(live: Live, browser: Person, film: str) -> None:
    owner = browser()
    sign_in(live, owner, "stranger")
    owner.goto(f"{live.url}/desk/videos/{film}/captions/sv")
    owner.get_by_role("button", name="Kirjoita luonnos").click()
    # the page shows the draft by itself when the worker's program has written it
    expect(owner.locator(".cue textarea")).to_have_value("[sv] 5 sekuntia ääntä", timeout=WORK)
    visitor = browser()
    visitor.goto(f"{live.url}/miitti/miitti/booths/puusaha")
    expect(visitor.locator(".film track")).to_have_count(0)
    assert visitor.request.get(f"{live.url}/media/videos/{film}/sv.vtt").status == 404
    owner.goto(f"{live.url}/desk/booths/miitti/puusaha/video")
    owner.locator(".clip summary").first.click()
    owner.get_by_role("link", name="Svenska (luonnos)").click()
    owner.get_by_role("button", name="Se on valmis sellaisenaan").click()
    expect(owner.locator(".flash.done")).to_have_text("Tekstitys on käytössä.")
    visitor.reload()
    expect(visitor.locator(".film track")).to_have_count(1)
    plays(visitor)
    visitor.evaluate("document.querySelector('.film video').currentTime = 1.5")
    seen(visitor, "[sv] 5 sekuntia ääntä")
    with live.app.app_context():
        actions.remove_captions(video_id=film, language="sv")


def test_without_scripts_there_is_a_video_and_a_link(live: Live, browser: Person, film: str) -> None:
    visitor = browser(javascript=False)
    visitor.goto(f"{live.url}/miitti/miitti/booths/puusaha")
    video = visitor.locator(".film video")
    expect(video).to_have_attribute("controls", "")
    expect(video).to_have_attribute("poster", re.compile("-640.webp$"))
    link = visitor.get_by_role("link", name="Avaa: Sysmän Puusaha: video")
    assert visitor.request.get(live.url + str(link.get_attribute("href"))).text().startswith("#EXTM3U")


def test_the_scripts_of_a_page_with_a_player_stay_light(live: Live, browser: Person, film: str) -> None:
    """At most 150 kB packed, with sockets, questions and the player at play. These are bytes, not time."""
    for address in ("/miitti/miitti/booths/puusaha", "/miitti/miitti"):
        visitor = browser()
        visitor.goto(live.url + address)
        plays(visitor)
        visitor.wait_for_function(
            "() => performance.getEntriesByType('resource').some(e => e.name.includes('socket.io.esm'))"
        )
        fetched: list[str] = visitor.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
        paths = {url.partition("?")[0].removeprefix(f"{live.url}/") for url in fetched}
        names = {path for path in paths if path.endswith(("js", "mjs"))}
        packed = {name: len(gzip.compress((ROOT / name).read_bytes())) for name in names}
        assert {
            "static/vendor/hls.js/hls.light.min.js",
            "static/vendor/socket.io-client/socket.io.esm.min.js",
        } <= names
        assert sum(packed.values()) <= 150_000, packed
        visitor.context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(live: Live, browser: Person, film: str, captions: None, width: int) -> None:
    """The pages of sending, of captions and of watching, in every language, light and dark."""
    owner = browser(width=width)
    sign_in(live, owner, "stranger")
    with live.app.app_context():
        arrivals.begin(
            booth_id=live.world.booths["puusaha"],
            person_id=live.world.people["stranger"],
            filename="kesken.mp4",
            length=9,
        )
    for number, language in enumerate(("fi", "sv", "en")):
        owner.emulate_media(color_scheme=("light", "dark")[number % 2], reduced_motion="reduce")
        for address in (
            "/desk/booths/miitti/puusaha/video",
            f"/desk/videos/{film}/captions/fi",
            f"/desk/videos/{film}/captions/en",
            "/miitti/miitti/booths/puusaha",
        ):
            owner.goto(f"{live.url}{address}?lang={language}")
            owner.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
            expect(owner.locator(".film .tools").first).to_be_visible()
            assert violations(owner) == [], f"{address} {language}"
            assert owner.evaluate("document.documentElement.scrollWidth") <= width, f"{address} {language}"

"""A company's file comes in whatever the line does: real browser, real web and worker, real FFmpeg."""

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from miitti.foundation import clock, db
from miitti.videos import actions, queries
from miitti.videos.models import Upload, Video
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


def long_file(folder: Path, sample: Path, name: str = "iso.mp4") -> Path:
    """A real video with a free box at its end that makes it 24 MiB: several pieces of an upload."""
    path = folder / name
    padding = 24 * 1024 * 1024
    path.write_bytes(sample.read_bytes() + padding.to_bytes(4, "big") + b"free" + bytes(padding - 8))
    return path


def slow_line(page: Page, bytes_a_second: int) -> Callable[[bool], None]:
    """Give the page a thin line outward, until the page is closed; return what cuts the line and mends it."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def cut(gone: bool) -> None:
        conditions = {"latency": 5, "downloadThroughput": -1, "uploadThroughput": bytes_a_second}
        session.send("Network.emulateNetworkConditions", {"offline": gone, **conditions})

    cut(False)
    return cut


def drop(page: Page, path: Path) -> None:
    """Drag a file from the desktop onto the place where videos are sent from."""
    page.evaluate(
        """([text, name]) => {
            const data = new DataTransfer();
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            data.items.add(new File([bytes], name, { type: "video/mp4", lastModified: 1 }));
            const place = document.getElementById("sender");
            for (const kind of ["dragover", "drop"])
                place.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        [base64.b64encode(path.read_bytes()).decode(), path.name],
    )


def forget(live: Live, booth: str) -> None:
    """Remove a booth's videos and uploads, so that the worker is free for the next test."""
    with live.app.app_context():
        db.session().rollback()
        for video in queries.of_booth(live.world.booths[booth]):
            actions.remove(video_id=video.id)
        db.session().rollback()
        db.session().query(Upload).filter_by(booth_id=live.world.booths[booth]).delete()
        db.session().commit()


def stored(live: Live, booth: str) -> bytes:
    """The file of the booth's only video, as it lies on the disk."""
    with live.app.app_context():
        db.session().rollback()
        video = db.session().query(Video).filter_by(booth_id=live.world.booths[booth]).one()
        return (Path(live.settings.media) / "uploads" / video.source / "source").read_bytes()


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
    # what is gone for good is asked about first
    owner.locator(".gone summary").click()
    owner.get_by_role("button", name="Ta bort för gott").click()
    expect(owner.locator(".clip")).to_have_count(0)


def test_a_company_sends_a_video_and_a_visitor_watches_it(live: Live, browser: Person, sample: Path) -> None:
    owner = browser(width=390)
    sign_in(live, owner, "owner")
    owner.goto(f"{live.url}/desk/booths/miitti/harju/video")
    expect(owner.locator("h1")).to_have_text("Osaston video")
    organiser = browser(language="en")
    sign_in(live, organiser, "organiser")
    organiser.goto(f"{live.url}/desk/booths/miitti/harju/video?lang=en")
    expect(organiser.locator("#clips .empty")).to_be_visible()
    drop(owner, sample)
    # the file arrives, the page shows it at work, and by itself that it is ready
    clip = owner.locator("[data-video]")
    expect(clip).to_be_visible(timeout=30_000)
    # another open page hears of it too, and how far it is
    other = organiser.locator("[data-video]")
    expect(other).to_be_visible(timeout=30_000)
    organiser.wait_for_function(
        "() => { const bar = document.querySelector('.clip progress'); return !bar || bar.value > 0 }", timeout=WORK
    )
    expect(other.locator(".chip.done").first).to_have_text("Ready", timeout=WORK)
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


def test_a_line_that_is_cut_is_gone_on_from(live: Live, browser: Person, tmp_path: Path, sample: Path) -> None:
    """No line in the middle of the file; the page says so, and goes on by itself when the line is back."""
    large = long_file(tmp_path, sample)
    owner = browser(width=390)
    sign_in(live, owner, "stranger")
    owner.goto(f"{live.url}/desk/booths/miitti/puusaha/video")
    sent: list[str] = []
    owner.on("request", lambda request: sent.append(request.method) if "/desk/uploads" in request.url else None)
    cut = slow_line(owner, 3_000_000)
    owner.set_input_files("#file", large)
    note = owner.locator("#sends small")
    expect(note).to_contain_text("Mt sekunnissa, noin minuutti jäljellä", timeout=30_000)
    owner.wait_for_function("() => document.querySelector('#sends progress').value > 35", timeout=60_000)
    cut(True)
    expect(note).to_have_text("Yhteys katkesi. Lähetys jatkuu itsestään, kun yhteys palaa.", timeout=30_000)
    cut(False)
    expect(owner.locator("[data-video]")).to_be_visible(timeout=60_000)
    assert sent.count("POST") == 1
    assert "HEAD" in sent
    assert stored(live, "puusaha") == large.read_bytes()
    forget(live, "puusaha")


def test_the_next_day_goes_on_in_a_fresh_browser(live: Live, browser: Person, tmp_path: Path, sample: Path) -> None:
    """Paused, closed, and gone on with the next day, even by another browser that has kept nothing."""
    large = long_file(tmp_path, sample)
    owner = browser()
    sign_in(live, owner, "stranger")
    owner.goto(f"{live.url}/desk/booths/miitti/puusaha/video")
    slow_line(owner, 3_000_000)
    owner.set_input_files("#file", large)
    owner.wait_for_function("() => document.querySelector('#sends progress').value > 35", timeout=60_000)
    owner.get_by_role("button", name="Tauko: iso.mp4").press("Enter")
    expect(owner.locator("#sends small")).to_have_text("Tauolla. Kaikki tähän asti lähetetty säilyy viikon.")
    expect(owner.get_by_role("button", name="Jatka: iso.mp4")).to_be_focused()
    owner.context.close()
    with live.app.app_context():
        db.session().rollback()
        upload = db.session().query(Upload).filter_by(booth_id=live.world.booths["puusaha"]).one()
        kept = upload.offset
        assert 0 < kept < upload.length
        upload.created_at -= timedelta(days=1)
        upload.expires_at -= timedelta(days=1)
        assert upload.expires_at > clock.now()
        db.session().commit()
    later = browser()
    sign_in(live, later, "stranger")
    later.goto(f"{live.url}/desk/booths/miitti/puusaha/video")
    left = later.locator("[data-unfinished]")
    expect(left).to_contain_text("iso.mp4")
    sent: list[tuple[str, int]] = []
    later.on(
        "request",
        lambda request: (
            sent.append((request.method, int(request.headers.get("upload-offset", -1))))
            if "/desk/uploads" in request.url
            else None
        ),
    )
    later.set_input_files("#file", large)
    expect(later.locator("[data-video]")).to_be_visible(timeout=60_000)
    expect(left).to_have_count(0)
    # nothing was begun anew: the first bytes sent are those after what was there
    assert "POST" not in [method for method, _ in sent]
    assert next(offset for method, offset in sent if method == "PATCH") == kept
    assert stored(live, "puusaha") == large.read_bytes()
    forget(live, "puusaha")


def test_several_files_are_sent_in_turn_for_a_company(
    live: Live, browser: Person, tmp_path: Path, sample: Path
) -> None:
    """The organiser sends two for a company; the second waits, the first is given up, nothing is left of it."""
    first, second = long_file(tmp_path, sample, "eka.mp4"), long_file(tmp_path, sample, "toka.mp4")
    organiser = browser()
    sign_in(live, organiser, "organiser")
    organiser.goto(f"{live.url}/desk/booths/miitti/puusaha/video")
    slow_line(organiser, 3_000_000)
    organiser.set_input_files("#file", [first, second])
    lines = organiser.locator("#sends > li")
    expect(lines).to_have_count(2)
    expect(lines.nth(1)).to_contain_text("Odottaa, kunnes edellinen on lähetetty.")
    expect(lines.nth(0)).to_contain_text("prosenttia lähetetty", timeout=30_000)
    organiser.get_by_role("button", name="Peru: eka.mp4").click()
    expect(lines).to_have_count(1)
    expect(organiser.locator(".clip .name").first).to_have_text("toka.mp4", timeout=WORK)
    with live.app.app_context():
        db.session().rollback()
        video = db.session().query(Video).filter_by(booth_id=live.world.booths["puusaha"]).one()
        assert (video.filename, video.person_id) == ("toka.mp4", live.world.people["organiser"])
        assert db.session().query(Upload).filter_by(booth_id=live.world.booths["puusaha"]).count() == 1
    forget(live, "puusaha")

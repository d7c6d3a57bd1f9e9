"""Share images, papers, feeds and what robots read: real files, opened by other people's readers."""

import io
import json
import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
from flask import Flask
from PIL import Image

from miitti.booths import actions as booths
from miitti.events import actions as events
from miitti.foundation import clock, prints, storage
from miitti.videos import actions as video_actions
from miitti.videos import arrivals
from tests.conftest import Client
from tests.world import World

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def _size(content: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
        picture.load()
        return picture.size


def _linked(page: str) -> list[dict[str, object]]:
    return [json.loads(one) for one in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)]


@pytest.mark.parametrize(
    ("query", "size"),
    [("", (1200, 630)), ("?size=square&lang=sv", (1080, 1080)), ("?size=story&lang=en", (1080, 1920))],
)
def test_an_event_has_share_images(client: Client, world: World, query: str, size: tuple[int, int]) -> None:
    answer = client.get(f"/miitti/{world.slug}/share.png{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "image/png"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert _size(answer.data) == size


def test_companies_and_jobs_have_share_images_of_their_own(client: Client, world: World) -> None:
    paths = [
        f"/miitti/{world.slug}/share.png",
        f"/miitti/{world.slug}/booths/harju/share.png",
        f"/jobs/{world.vacancies['harju']}/share.png",
    ]
    drawn = [client.get(path).data for path in paths]
    assert {_size(one) for one in drawn} == {(1200, 630)}
    assert len(set(drawn)) == 3


def test_a_share_image_is_drawn_once_and_anew_when_its_words_change(client: Client, world: World) -> None:
    path = f"/miitti/{world.slug}/booths/harju/share.png"
    first = client.get(path)
    folder = storage.place(prints.FOLDER)
    kept = set(folder.iterdir())
    assert client.get(path).data == first.data
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert set(folder.iterdir()) == kept
    booths.describe(booth_id=world.booths["harju"], sentence_fi="Ihan toista työtä.")
    assert client.get(path).data != first.data
    assert len(set(folder.iterdir())) == len(kept) + 1


def test_unknown_sizes_and_drafts_are_not_found(client: Client, as_: Callable[[str], Client], world: World) -> None:
    start = clock.now()
    events.create(slug="luonnos", title_fi="Luonnos", starts_at=start, ends_at=start + timedelta(hours=1))
    for name in ("share.png", "poster.pdf", "slide.png", "qr.svg", "card"):
        assert client.get(f"/miitti/luonnos/{name}").status_code == 404
        assert as_("organiser").get(f"/miitti/luonnos/{name}").status_code == 404
    assert client.get(f"/miitti/{world.slug}/share.png?size=huge").status_code == 404


@pytest.mark.parametrize("name", ["poster", "handout"])
def test_papers_are_pdfs_with_text_and_the_partners_link(client: Client, world: World, name: str) -> None:
    plain = client.get(f"/miitti/{world.slug}/{name}.pdf")
    assert plain.status_code == 200
    assert plain.mimetype == "application/pdf"
    assert plain.data.startswith(b"%PDF-")
    assert plain.data.rstrip().endswith(b"%%EOF")
    assert b"/FontFile2" in plain.data  # letters, not a picture of them
    assert client.get(f"/miitti/{world.slug}/{name}.pdf?via=kirjasto").data != plain.data


def test_the_slide_and_the_code_carry_the_partners_link(client: Client, world: World) -> None:
    assert _size(client.get(f"/miitti/{world.slug}/slide.png?via=koulu").data) == (1920, 1080)
    plain, counted = (client.get(f"/miitti/{world.slug}/qr.svg{query}") for query in ("", "?via=koulu"))
    assert plain.mimetype == "image/svg+xml"
    assert plain.data != counted.data
    # a word that can't be a partner is left out
    assert client.get(f"/miitti/{world.slug}/qr.svg?via=<script>").data == plain.data


def test_pages_name_their_picture(client: Client, world: World) -> None:
    for path, image in (
        (f"/miitti/{world.slug}", f"/miitti/{world.slug}/share.png"),
        (f"/miitti/{world.slug}/booths/harju", f"/miitti/{world.slug}/booths/harju/share.png"),
        (f"/jobs/{world.vacancies['harju']}", f"/jobs/{world.vacancies['harju']}/share.png"),
    ):
        found = re.search(r'property="og:image" content="([^"]+)"', client.get(f"{path}?lang=sv").text)
        assert found, path
        url = found.group(1).replace("&amp;", "&")
        assert url.startswith(f"http://localhost{image}?")
        assert client.get(url.removeprefix("http://localhost")).status_code == 200


def test_an_events_linked_data_has_what_search_engines_require(client: Client, world: World) -> None:
    (data,) = _linked(client.get(f"/miitti/{world.slug}").text)
    assert data["@type"] == "Event"
    # https://developers.google.com/search/docs/appearance/structured-data/event
    for required in ("name", "startDate", "location", "endDate", "eventStatus", "eventAttendanceMode", "image"):
        assert data[required], required
    assert data["image"] == [f"http://localhost/miitti/{world.slug}/share.png"]


def test_a_jobs_linked_data_has_what_search_engines_require(client: Client, world: World) -> None:
    (data,) = _linked(client.get(f"/jobs/{world.vacancies['harju']}").text)
    assert data["@type"] == "JobPosting"
    # https://developers.google.com/search/docs/appearance/structured-data/job-posting
    for required in ("title", "description", "datePosted", "hiringOrganization", "jobLocation"):
        assert data[required], required


def test_a_videos_linked_data_has_what_search_engines_require(client: Client, world: World) -> None:
    page = f"/miitti/{world.slug}/booths/harju"
    assert not any(data["@type"] == "VideoObject" for data in _linked(client.get(page).text))
    upload = arrivals.begin(booth_id=world.booths["harju"], person_id=world.people["owner"], filename="a.mp4", length=1)
    video_actions.bytes_of(upload).write_bytes(b"x")
    video_id = arrivals.append(upload_id=upload, offset=1)
    assert video_id is not None
    video_actions.show(video_id=video_id, edition="e1")
    (data,) = (one for one in _linked(client.get(page).text) if one["@type"] == "VideoObject")
    # https://developers.google.com/search/docs/appearance/structured-data/video
    for required in ("name", "thumbnailUrl", "uploadDate"):
        assert data[required], required
    assert datetime.fromisoformat(str(data["uploadDate"])).tzinfo is not None
    thumbnails = data["thumbnailUrl"]
    assert isinstance(thumbnails, list)
    assert client.get(str(thumbnails[0]).removeprefix("http://localhost")).mimetype == "image/png"
    for address in ("contentUrl", "url"):
        assert str(data[address]).startswith("http://localhost/")
    assert re.fullmatch(r"PT\d+M\d+S", str(data["duration"]))


def test_feeds_are_atom(client: Client, world: World) -> None:
    for path, count in (("/feeds/events.atom", 1), ("/feeds/jobs.atom", 3)):
        answer = client.get(f"{path}?lang=fi")
        assert answer.mimetype == "application/atom+xml"
        feed = ElementTree.fromstring(answer.data)
        assert feed.tag == f"{ATOM}feed"
        entries = feed.findall(f"{ATOM}entry")
        assert len(entries) == count
        for thing in (feed, *entries):  # RFC 4287 4.1.1 and 4.1.2
            assert all(thing.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
        for entry in entries:
            link = entry.find(f"{ATOM}link")
            assert link is not None
            assert client.get(link.attrib["href"].removeprefix("http://localhost")).status_code == 200
    assert client.get("/feeds/jobs.atom?lang=fi", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_feed_survives_what_people_type(client: Client, world: World) -> None:
    booths.describe(booth_id=world.booths["harju"], name="A & B <script>\x0b 🎉 مرحبا")
    feed = ElementTree.fromstring(client.get("/feeds/jobs.atom").data)
    assert any("A & B <script>" in (entry.findtext(f"{ATOM}title") or "") for entry in feed.iter(f"{ATOM}entry"))


def test_the_sitemap_names_pages_that_are_there(client: Client, world: World) -> None:
    root = ElementTree.fromstring(client.get("/sitemap.xml").data)
    urls = [one.text or "" for one in root.iter(f"{SITEMAP}loc")]
    assert f"http://localhost/miitti/{world.slug}" in urls
    assert f"http://localhost/jobs/{world.vacancies['harju']}" in urls
    assert len(urls) == len(set(urls)) > 3
    for one in root.iter(f"{SITEMAP}url"):
        links = one.findall("{http://www.w3.org/1999/xhtml}link")
        told = {link.get("hreflang"): str(link.get("href")) for link in links}
        assert {"fi", "sv", "en"} <= set(told)
        assert all(href.startswith("http://localhost/") for href in told.values())
    for url in urls:
        assert client.get(url.removeprefix("http://localhost")).status_code == 200
    assert "Sitemap: http://localhost/sitemap.xml" in client.get("/robots.txt").text


def test_the_card_may_stand_in_a_frame_anywhere_and_other_pages_may_not(client: Client, world: World) -> None:
    card = client.get(f"/miitti/{world.slug}/card?via=kunta")
    assert "frame-ancestors *" in card.headers["Content-Security-Policy"]
    assert f"/miitti/{world.slug}?via=kunta&amp;lang=fi" in card.text
    assert "frame-ancestors 'none'" in client.get(f"/miitti/{world.slug}").headers["Content-Security-Policy"]


def test_old_prints_go(app: Flask, client: Client, world: World) -> None:
    client.get(f"/miitti/{world.slug}/share.png")
    (print_,) = storage.place(prints.FOLDER).iterdir()
    prints.prune()
    assert print_.exists()
    os.utime(print_, (1, 1))
    prints.prune()
    assert not print_.exists()

"""Who sees which video where, and what the desk does with captions and removal."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from miitti.events.models import Event
from miitti.foundation import clock, db, hls, jobs, realtime, storage
from miitti.videos import actions, arrivals, queries
from miitti.videos.models import Caption, Upload, Video
from tests.conftest import Client
from tests.world import World

As = Callable[[str], Client]


@pytest.fixture
def video(app: Flask, world: World, sample: Path) -> str:
    """A playable video of the owner's booth, its files drawn by hand: no FFmpeg is needed to show a page."""
    video_id = actions.take(booth_id=world.booths["harju"], person_id=None, path=sample, filename="Hitsaus.mp4")
    folder = storage.place("videos", video_id) / "e1"
    folder.mkdir(parents=True)
    hls.write(folder / "main.m3u8", "#EXTM3U\n")
    (folder / "poster.jpg").write_bytes(b"\xff\xd8")
    actions.start(video_id=video_id, duration=5.3, width=1280, height=720, sound=True)
    actions.show(video_id=video_id, edition="e1")
    return video_id


def test_the_booth_and_the_event_show_the_video(client: Client, world: World, video: str) -> None:
    booth = client.get("/miitti/miitti/booths/harju").text
    assert 'class="film"' in booth
    assert f"/media/videos/{video}/main.m3u8" in booth
    assert "videos/player.js" in booth
    assert 'class="film night"' in client.get("/miitti/miitti").text
    assert "poster.jpg" in client.get("/miitti/miitti/booths").text
    # a booth without a video brings no player
    assert "videos/player.js" not in client.get("/miitti/miitti/booths/puusaha").text


def test_the_lasting_address_leads_to_the_present_edition(client: Client, video: str) -> None:
    answer = client.get(f"/media/videos/{video}/main.m3u8")
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "no-store"
    with client.get(answer.headers["Location"]) as playlist:
        assert playlist.status_code == 200
        assert playlist.headers["Cache-Control"] == "no-cache"


def test_a_draft_shows_its_videos_to_its_own_people_only(client: Client, as_: As, world: World, video: str) -> None:
    db.session().rollback()
    event = db.row(Event, world.event_id)
    event.published_at = clock.now() + timedelta(days=1)
    db.session().commit()
    address = f"/media/videos/{video}/main.m3u8"
    assert client.get(address).status_code == 404
    assert as_("stranger").get(address).status_code == 404
    assert as_("owner").get(address).status_code == 302
    assert as_("organiser").get(address).status_code == 302


@pytest.mark.parametrize("change", ["sig", "expires", "folder", "up", "source"])
def test_only_signed_addresses_open_files(client: Client, video: str, change: str) -> None:
    row = queries.by_id(video)
    assert row is not None
    address = queries.address(row, "poster.jpg")
    _, _, _, expires, signature, path = address.split("/", 5)
    changed = {
        "sig": f"/media/s/{expires}/{signature[:-2]}xx/{path}",
        "expires": f"/media/s/{int(expires) + 86400}/{signature}/{path}",
        "folder": f"/media/s/{expires}/{signature}/videos/other/e1/poster.jpg",
        "up": f"/media/s/{expires}/{signature}/videos/{video}/../../uploads/{row.source}/source",
        "source": storage.signed(f"uploads/{row.source}/source"),
    }[change]
    assert client.get(changed).status_code == 404
    with client.get(address) as there:
        assert there.status_code == 200
    with clock.frozen(clock.now() + timedelta(days=3)):
        assert client.get(address).status_code == 404


def test_where_a_video_stands_is_its_peoples(as_: As, client: Client, video: str) -> None:
    assert client.get(f"/desk/videos/{video}.json").status_code == 401
    assert as_("stranger").get(f"/desk/videos/{video}.json").status_code == 404
    assert as_("moderator").get(f"/desk/videos/{video}.json").status_code == 404
    for person in ("owner", "teammate", "organiser", "cohost"):
        told = as_(person).get(f"/desk/videos/{video}.json").json
        assert told is not None
        assert told["state"] == "playable"
        assert told["playlist"].endswith("/e1/main.m3u8")
        assert told["poster"].endswith("/e1/poster.jpg")
        assert set(told) >= {"progress", "eta_s", "reason", "duration_s"}
    mine = as_("owner").get("/desk/videos.json").json
    assert mine is not None
    assert [(v["id"], v["booth"], v["event"]) for v in mine["videos"]] == [(video, "harju", "miitti")]
    assert as_("stranger").get("/desk/videos.json").json == {"videos": []}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_page_in_every_state(as_: As, app: Flask, world: World, video: str, language: str) -> None:
    arrivals.begin(booth_id=world.booths["harju"], person_id=world.people["owner"], filename="kesken.mp4", length=99)
    broken = actions.take(booth_id=world.booths["harju"], person_id=None, path=Path(__file__))
    jobs.run_until_idle(app, ["video"])
    page = as_("owner").get(f"/desk/booths/miitti/harju/video?lang={language}")
    assert page.status_code == 200
    assert "kesken.mp4" in page.text
    assert f"video-{broken}" in page.text
    assert as_("stranger").get("/desk/booths/miitti/harju/video").status_code == 404
    empty = as_("stranger").get(f"/desk/booths/miitti/puusaha/video?lang={language}")
    assert empty.status_code == 200


def test_captions_and_their_absence(as_: As, client: Client, world: World, video: str) -> None:
    owner = as_("owner")
    ready = owner.get("/desk/booths/miitti/harju?lang=en").text
    assert "The video has no captions" in ready
    words = "1\n00:00:00,000 --> 00:00:02,000\nHyvää työtä, äiti\n"
    for data in (words.encode(), words.encode("utf-16"), words.encode("cp1252")):
        answer = owner.send(
            f"/desk/videos/{video}/captions", language="fi", captions=(io.BytesIO(data), "sanat.srt", "text/plain")
        )
        assert answer.status_code == 303
        said = client.get(f"/media/videos/{video}/fi.vtt")
        assert said.mimetype == "text/vtt"
        assert "Hyvää työtä, äiti" in said.text
    assert db.session().query(Caption).count() == 1
    assert "The video has no captions" not in owner.get("/desk/booths/miitti/harju").text
    assert "fi.vtt" in client.get("/miitti/miitti/booths/harju").text
    assert client.get(f"/media/videos/{video}/sv.vtt").status_code == 404
    wrong = owner.send(
        f"/desk/videos/{video}/captions", language="fi", captions=(io.BytesIO(b"WEBVTT\n\nhei\nvaan\n"), "x.vtt")
    )
    assert wrong.status_code == 422
    assert "line 4" in wrong.text
    assert owner.send(f"/desk/videos/{video}/captions", language="fi").status_code == 422
    assert as_("stranger").send(f"/desk/videos/{video}/captions", language="fi").status_code == 404


def test_nobody_speaks_counts_as_ready(as_: As, video: str) -> None:
    owner = as_("owner")
    assert owner.send(f"/desk/videos/{video}/no-speech", speechless="1").status_code == 303
    assert "The video plays" in owner.get("/desk/booths/miitti/harju?lang=en").text
    owner.send(f"/desk/videos/{video}/no-speech", speechless="0")
    assert "The video has no captions" in owner.get("/desk/booths/miitti/harju?lang=en").text


def test_a_removed_video_is_gone(as_: As, client: Client, video: str) -> None:
    row = queries.by_id(video)
    assert row is not None
    address, source = queries.address(row, "poster.jpg"), actions.bytes_of(row.source)
    assert as_("stranger").send(f"/desk/videos/{video}/remove").status_code == 404
    assert as_("owner").send(f"/desk/videos/{video}/remove").status_code == 303
    assert client.get(address).status_code == 404
    assert not source.exists()
    assert db.session().query(Video).count() == db.session().query(Upload).count() == 0


def test_pages_hear_of_their_own_videos_only(app: Flask, as_: As, video: str) -> None:
    heard: dict[str, list[object]] = {}
    for person in ("owner", "stranger"):
        client = as_(person)
        csrf = client.csrf
        sockets = app.extensions["socketio"].test_client(
            app, namespace="/desk", flask_test_client=client, auth={"v": 1, "csrf": csrf}
        )
        answer = sockets.emit("watch", {"videos": [video, "unknown"]}, namespace="/desk", callback=True)
        assert answer["ok"] is True
        assert [told["id"] for told in answer["videos"]] == ([video] if person == "owner" else [])
        refused = sockets.emit("watch", {"videos": "all"}, namespace="/desk", callback=True)
        assert refused["ok"] is False
        realtime.emit("video", {"id": video}, "/desk", f"video:{video}")
        heard[person] = [event for event in sockets.get_received("/desk") if event["name"] == "video"]
        sockets.disconnect("/desk")
    assert json.dumps(heard["owner"]).count(video) == 1
    assert heard["stranger"] == []

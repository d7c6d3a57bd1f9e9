"""What the worker makes of real files: good ones play whole, bad ones are refused in words, kills do no harm."""

import errno
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from miitti.foundation import db, ffmpeg, hls, jobs, pictures, probe, renditions, storage
from miitti.foundation.jobs import Job
from miitti.foundation.journal import JournalEntry
from miitti.videos import actions, arrivals, queries, states
from miitti.videos import jobs as work
from miitti.videos.models import Video
from tests.conftest import Client
from tests.videos.conftest import folder, make
from tests.world import World

Files = Callable[[str], Path]
As = Callable[[str], Client]


def variants(video: Video) -> dict[str, str]:
    """The master playlist: address -> its STREAM-INF line."""
    lines = (folder(video) / "main.m3u8").read_text().splitlines()
    return {lines[i + 1]: line for i, line in enumerate(lines) if line.startswith("#EXT-X-STREAM-INF")}


def test_a_real_video_gets_every_rung(app: Flask, world: World, sample: Path, client: Client) -> None:
    video = make(app, world, sample)
    assert (video.state, video.progress, video.eta_s) == ("ready", 1.0, 0)
    assert (video.width, video.height, video.sound) == (1280, 720, True)
    made = variants(video)
    assert list(made) == ["240p/index.m3u8", "360p/index.m3u8", "720p/index.m3u8", "audio.m3u8"]
    for address, line in made.items():
        told = dict(re.findall(r'([A-Z-]+)=("[^"]*"|[^,]*)', line.partition(":")[2]))
        rendition = hls.read(folder(video) / address)
        assert rendition is not None
        assert rendition.ended
        assert rendition.seconds == pytest.approx(5.3, rel=0.02)
        assert int(told["AVERAGE-BANDWIDTH"]) == rendition.average
        assert int(told["BANDWIDTH"]) >= rendition.peak
        assert "mp4a.40.2" in told["CODECS"]
        if address != "audio.m3u8":
            assert told["CODECS"].startswith('"avc1.')
            assert "RESOLUTION" in told
            assert "FRAME-RATE" in told
    assert int(re.findall("AVERAGE-BANDWIDTH=([0-9]+)", made["240p/index.m3u8"])[0]) < 190_000
    assert (folder(video) / "poster.jpg").read_bytes()[:2] == b"\xff\xd8"
    # three pictures to choose from, each with a small one, and a sheet of pictures for seeking
    for name in states.POSTERS:
        assert (folder(video) / f"{name}.jpg").read_bytes()[:2] == b"\xff\xd8"
        assert 0 < (folder(video) / f"{name}-640.webp").stat().st_size <= pictures.SMALL_BYTES
    assert queries.card(video).endswith("/poster-640.webp")
    assert video.board == {"every": 2.0, "width": 160, "height": 90, "across": 10, "count": 3}
    with Image.open(folder(video) / "board.jpg") as sheet:
        assert sheet.size == (1600, 90)
    # every file the playlists lead to is served with its type
    base = queries.address(video, "main.m3u8")
    with client.get(base) as main:
        assert main.mimetype == "application/vnd.apple.mpegurl"
    root = base.rsplit("/", 1)[0]
    with client.get(f"{root}/240p/init.mp4") as init:
        assert (init.status_code, init.mimetype) == (200, "video/mp4")
        assert "immutable" in init.headers["Cache-Control"]
    with client.get(f"{root}/240p/s00000.m4s", headers={"Range": "bytes=0-99"}) as part:
        assert (part.status_code, len(part.data), part.mimetype) == (206, 100, "video/iso.segment")


@pytest.mark.parametrize("name", ["eligible.mp4", "keys.mp4"])
def test_an_eligible_video_is_kept_as_it_is(app: Flask, world: World, files: Files, name: str) -> None:
    video = make(app, world, files(name))
    assert video.state == "ready"
    assert "source/index.m3u8" in variants(video)
    source = hls.read(folder(video) / "source/index.m3u8")
    light = hls.read(folder(video) / "240p/index.m3u8")
    assert source is not None
    assert light is not None
    # keyframes stand at the same moments, so a player may change at any segment
    assert [round(s.seconds) for s in source.segments] == [round(s.seconds) for s in light.segments]


@pytest.mark.parametrize(
    ("name", "size", "seconds"),
    [
        ("rotated.mp4", (360, 640), 9),
        ("hevc10.mov", (480, 270), 3),
        ("upright.mov", (270, 480), 3),
        ("hdr.mp4", (480, 270), 2),
        ("phone.webm", (480, 360), 3),
        ("silent.mp4", (640, 360), 9),
        ("odd.mp4", (321, 243), 2),
        ("recorder.mp4", (480, 360), 3),
        ("recorder.mkv", (480, 360), 3),
        ("varying.mp4", (480, 270), 4),
        ("gab2.avi", (640, 360), 2.08),
        ("polyglot.mp4", (640, 360), 9),
    ],
)
def test_what_phones_and_browsers_film_plays_whole(
    app: Flask, world: World, files: Files, name: str, size: tuple[int, int], seconds: float
) -> None:
    video = make(app, world, files(name))
    assert (video.state, video.reason) == ("ready", None)
    assert (video.width, video.height) == size
    for address in variants(video):
        rendition = hls.read(folder(video) / address)
        assert rendition is not None
        assert rendition.seconds == pytest.approx(seconds, rel=0.02)
    assert ("audio.m3u8" in variants(video)) is video.sound
    wide = [tuple(map(int, m)) for m in re.findall(r"RESOLUTION=(\d+)x(\d+)", "".join(variants(video).values()))]
    assert all((w > h) == (size[0] > size[1]) for w, h in wide)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty.mp4", "empty"),
        ("random.mp4", "not_a_video"),
        ("letter.mp4", "not_a_video"),
        ("picture.mp4", "not_a_video"),
        ("session.mp4", "not_a_video"),
        ("dash.mp4", "not_a_video"),
        ("concat.mp4", "not_a_video"),
        ("playlist.mp4", "not_a_video"),
        ("sound.m4a", "no_picture"),
        ("magic.avi", "codec"),
        ("theora.ogv", "codec"),
        ("half.mp4", "damaged"),
        ("no-index.mp4", "damaged"),
        ("half.webm", "damaged"),
        ("huge.mkv", "too_many_pixels"),
        ("huge.mp4", "too_many_pixels"),
        ("deep.mov", "too_many_pixels"),
        ("ten-hours.mp4", "too_long"),
    ],
)
def test_what_is_no_video_is_refused_in_words(
    app: Flask, world: World, files: Files, as_: As, name: str, reason: str
) -> None:
    video = make(app, world, files(name))
    assert (video.state, video.reason, video.edition) == ("unplayable", reason, None)
    assert not storage.place("videos", video.id).exists()
    said = {}
    for language in ("fi", "sv", "en"):
        answer = as_("owner").get(f"/desk/videos/{video.id}.json?lang={language}").json
        assert answer is not None
        assert answer["state"] == "unplayable"
        assert answer["playlist"] is None
        said[language] = answer["reason"]
    assert len(set(said.values())) == 3
    assert db.session().query(Job).filter_by(kind="make_playable", state="failed").count() == 0


def test_a_too_long_video_is_refused(app: Flask, world: World, files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "MAX_SECONDS", 5)
    assert make(app, world, files("eligible.mp4")).reason == "too_long"


def test_the_pages_are_told_how_far_it_is(app: Flask, world: World, sample: Path) -> None:
    video = make(app, world, sample)
    told = [entry.data for entry in db.session().query(JournalEntry).filter_by(stream=f"video:{video.id}")]
    assert [told[0]["state"], told[-1]["state"]] == ["received", "ready"]
    assert "playable" in [entry["state"] for entry in told]
    assert [entry["progress"] for entry in told] == sorted(entry["progress"] for entry in told)


def test_a_run_ended_anywhere_is_done_right_by_the_next(
    app: Flask, world: World, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run of FFmpeg, each publication and each report is once the last thing a worker does."""

    class Killed(BaseException):
        pass

    video_id = actions.take(booth_id=world.booths["harju"], person_id=None, path=sample)
    points = ("run", "write", "start", "show", "report", "finish")
    homes = {"run": ffmpeg, "write": hls}
    for name in points:
        home = homes.get(name, actions)
        whole = getattr(home, name)
        for after in (False, True):

            def killed(
                *args: object, _whole: Callable[..., object] = whole, _after: bool = after, **kwargs: object
            ) -> None:
                if _after:
                    _whole(*args, **kwargs)
                raise Killed

            monkeypatch.setattr(home, name, killed)
            with pytest.raises(Killed):
                work.make_playable(jobs.Work(1, "make_playable", "k", {"video": video_id}, 1))
            monkeypatch.setattr(home, name, whole)
            db.session().rollback()
            db.session().expire_all()
            video = db.row(Video, video_id)
            if video.edition:
                # whatever is announced is there
                for address in variants(video):
                    assert hls.read(folder(video) / address) is not None
            if name == "finish":
                break
    work.make_playable(jobs.Work(1, "make_playable", "k", {"video": video_id}, 1))
    db.session().expire_all()
    video = db.row(Video, video_id)
    assert video.state == "ready"
    assert set(variants(video)) == {"240p/index.m3u8", "360p/index.m3u8", "720p/index.m3u8", "audio.m3u8"}
    home_folder = storage.place("videos", video_id)
    assert [path.name for path in home_folder.iterdir()] == [video.edition]
    assert sorted(p.name for p in folder(video).iterdir()) == [
        *("240p", "360p", "720p", "audio", "audio.m3u8", "board.jpg", "main.m3u8"),
        *("poster-400.webp", "poster-640.webp", "poster.jpg"),
        *("poster2-400.webp", "poster2-640.webp", "poster2.jpg"),
        *("poster3-400.webp", "poster3-640.webp", "poster3.jpg"),
        "wave.json",
    ]


def test_a_video_removed_while_it_is_made_leaves_nothing(
    app: Flask, world: World, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = actions.take(booth_id=world.booths["harju"], person_id=None, path=sample)
    shown = actions.show

    def remove_first(*, video_id: str, edition: str) -> None:
        actions.remove(video_id=video_id)
        shown(video_id=video_id, edition=edition)

    monkeypatch.setattr(actions, "show", remove_first)
    work.make_playable(jobs.Work(1, "make_playable", "k", {"video": video_id}, 1))
    assert not storage.place("videos", video_id).exists()
    assert queries.by_id(video_id) is None


def test_what_a_phone_writes_into_a_file_stays_in_it(app: Flask, world: World, files: Files, tmp_path: Path) -> None:
    from tests.videos.conftest import run_ffmpeg

    tagged = tmp_path / "tagged.mp4"
    secret = "Peltotie 4"
    run_ffmpeg("-i", str(files("eligible.mp4")), "-c", "copy", "-metadata", f"comment={secret}", str(tagged))
    assert secret.encode() in tagged.read_bytes()
    video = make(app, world, tagged)
    assert video.state == "ready"
    for path in folder(video).rglob("*.*"):
        assert secret.encode() not in path.read_bytes(), path


def test_the_probe_itself_lives_within_limits(files: Files) -> None:
    media = probe.look(files("phone.webm"))
    assert media.picture.codec == "vp9"
    assert media.sound is not None
    assert media.sound.codec == "opus"


def test_a_file_that_vanished_is_our_fault(app: Flask, world: World, sample: Path) -> None:
    video_id = actions.take(booth_id=world.booths["harju"], person_id=None, path=sample)
    actions.bytes_of(db.row(Video, video_id).source).unlink()
    db.session().rollback()
    jobs.run_until_idle(app, ["video"])
    db.session().rollback()
    video = db.row(Video, video_id)
    assert (video.state, video.reason) == ("unplayable", "our_fault")
    assert [job.state for job in jobs.failed()] == ["failed"]


def test_a_file_ffmpeg_fails_on_is_tried_again_and_then_blamed(
    app: Flask, world: World, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise ffmpeg.Failed(1, ["Invalid data"])

    monkeypatch.setattr(ffmpeg, "run", fails)
    video_id = actions.take(booth_id=world.booths["harju"], person_id=None, path=sample)
    for attempt in range(1, work.TRIES):
        with pytest.raises(jobs.Retry):
            work.make_playable(jobs.Work(1, "make_playable", "k", {"video": video_id}, attempt))
        assert db.row(Video, video_id).state == "working"
    with pytest.raises(jobs.Final):
        work.make_playable(jobs.Work(1, "make_playable", "k", {"video": video_id}, work.TRIES))
    assert db.row(Video, video_id).reason == "damaged"


def test_a_full_disk_waits_for_room(app: Flask, world: World, sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "the disk is full")

    monkeypatch.setattr(ffmpeg, "run", full)
    video_id = actions.take(booth_id=world.booths["harju"], person_id=None, path=sample)
    with pytest.raises(jobs.Retry) as later:
        work.make_playable(jobs.Work(1, "make_playable", "k", {"video": video_id}, 40))
    assert later.value.seconds > 60
    assert db.row(Video, video_id).state == "working"


def test_a_picture_that_needs_more_memory_than_there_may_be_is_refused_at_once(
    app: Flask, world: World, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_much(*args: object, **kwargs: object) -> None:
        raise ffmpeg.OutOfMemory(0, ["Error during demuxing: Cannot allocate memory"])

    monkeypatch.setattr(ffmpeg, "run", too_much)
    video = make(app, world, sample)
    assert (video.state, video.reason) == ("unplayable", "too_many_pixels")
    assert [job.attempts for job in jobs.failed()] == [1]


def loudness(path: Path) -> float:
    """LUFS of a file, measured by FFmpeg."""
    said = ffmpeg.run(["-loglevel", "info", "-i", str(path), "-vn", "-af", "ebur128=framelog=quiet", "-f", "null", "-"])
    return next(float(line.split()[1]) for line in said.complaints if line.strip().startswith("I:"))


def test_quiet_speech_is_brought_to_the_usual_loudness(app: Flask, world: World, files: Files) -> None:
    quiet = files("quiet.mp4")
    assert loudness(quiet) < -26
    video = make(app, world, quiet)
    assert video.state == "ready"
    for name in ("source", "240p", "audio"):
        assert loudness(folder(video) / name / "index.m3u8") == pytest.approx(renditions.LOUDNESS, abs=1.5)


def test_a_source_between_two_rungs_keeps_its_own_size(app: Flask, world: World, files: Files) -> None:
    video = make(app, world, files("vga.webm"))
    assert "480p/index.m3u8" in variants(video)


def test_another_file_takes_the_place_at_the_same_address(app: Flask, world: World, files: Files) -> None:
    first = make(app, world, files("eligible.mp4"))
    edition, source = first.edition, first.source
    data = files("hevc10.mov").read_bytes()
    upload_id = arrivals.begin(
        booth_id=first.booth_id,
        person_id=world.people["owner"],
        filename="uusi.mov",
        length=len(data),
        replaces=first.id,
    )
    actions.bytes_of(upload_id).write_bytes(data)
    made = arrivals.append(upload_id=upload_id, offset=len(data))
    # until the new one is whole, the old one plays
    assert [video.id for video in queries.seen_of_booth(first.booth_id)] == [first.id]
    assert db.row(Video, first.id).edition == edition
    jobs.run_until_idle(app, ["video"])
    db.session().rollback()
    db.session().expire_all()
    now = db.row(Video, first.id)
    assert (now.state, now.filename, now.width) == ("ready", "uusi.mov", 480)
    assert now.edition != edition
    assert queries.by_id(str(made)) is None
    assert not storage.place("uploads", source).exists()
    assert [path.name for path in storage.place("videos", first.id).iterdir()] == [now.edition]
    assert not storage.place("videos", str(made)).exists()


def test_a_poster_of_a_moment_and_of_a_picture(app: Flask, world: World, files: Files, tmp_path: Path) -> None:
    video = make(app, world, files("eligible.mp4"))
    actions.ask_poster(video_id=video.id, moment=4.2)
    jobs.run_until_idle(app)
    db.session().expire_all()
    of_moment = db.row(Video, video.id).poster
    assert of_moment not in states.POSTERS
    with Image.open(folder(video) / f"{of_moment}.jpg") as made:
        assert made.size == (640, 360)
    sent = tmp_path / "kuva.jpg"
    exif = Image.Exif()
    exif[0x010E] = "Peltotie 4"
    Image.new("RGB", (3000, 2000), "teal").save(sent, exif=exif)
    assert b"Peltotie" in sent.read_bytes()
    actions.ask_poster(video_id=video.id, picture=sent.read_bytes())
    jobs.run_until_idle(app)
    db.session().expire_all()
    of_picture = db.row(Video, video.id).poster
    assert of_picture != of_moment
    written = (folder(video) / f"{of_picture}.jpg").read_bytes()
    assert b"Peltotie" not in written
    with Image.open(folder(video) / f"{of_picture}.jpg") as made:
        assert made.size == (1280, 853)
    # what only begins like a picture changes nothing
    actions.ask_poster(video_id=video.id, picture=b"\xff\xd8" + b"x" * 1000)
    jobs.run_until_idle(app)
    db.session().expire_all()
    assert db.row(Video, video.id).poster == of_picture
    assert not list(folder(video).glob(".*"))

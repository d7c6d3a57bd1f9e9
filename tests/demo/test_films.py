"""The drawn films: real files that a real probe takes, moving, with sound, the same each time."""

from itertools import pairwise
from pathlib import Path

import pytest
from PIL import ImageChops, ImageStat

from miitti.demo import captions, film, reel
from miitti.demo.companies import COMPANIES
from miitti.foundation import ffmpeg, probe, webvtt
from miitti.videos import states


def test_each_company_has_a_film_and_captions_in_three_languages_that_fit_it() -> None:
    assert list(reel.SCENES) == [company.slug for company in COMPANIES]
    for company in COMPANIES:
        cues = captions.CUES[company.slug]
        assert all(0 <= cue.start < cue.end <= film.SECONDS for cue in cues)
        assert all(before.end <= after.start for before, after in pairwise(cues))
        for language in states.CAPTION_LANGUAGES:
            clean = webvtt.clean(captions.webvtt(company.slug, language))
            assert clean.count("-->") == len(cues)


def test_fourteen_places_are_offered() -> None:
    assert sum(job.places for company in COMPANIES for job in company.jobs) == 14


@pytest.mark.parametrize("slug", reel.SCENES)
def test_a_scene_moves_and_comes_out_the_same_each_time(slug: str) -> None:
    scene = reel.SCENES[slug]
    paint = scene.prepare()
    first, later = paint(1.0), paint(3.0)
    assert ImageChops.difference(first, later).getbbox() is not None
    assert ImageChops.difference(first, scene.prepare()(1.0)).getbbox() is None
    # a picture with light and dark in it, not an empty one
    assert min(ImageStat.Stat(first.convert("L")).stddev) > 20


def test_a_film_is_a_whole_video_with_sound_that_can_be_copied_without_encoding(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    film.shoot(reel.SCENES["pertun-tera"], path, ffmpeg.binary(), seconds=2.5)
    media = probe.look(path)
    assert media.duration == pytest.approx(2.5, abs=0.2)
    assert (media.picture.width, media.picture.height) == (1280, 720)
    assert media.sound is not None
    assert states.eligible(media)
    assert [left.name for left in tmp_path.iterdir()] == ["film.mp4"]


@pytest.mark.parametrize("slug", reel.SCENES)
def test_every_film_has_a_sound_ffmpeg_can_make(slug: str, tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    film.shoot(reel.SCENES[slug], path, ffmpeg.binary(), seconds=0.25)
    assert probe.look(path).sound is not None


def test_a_film_that_fails_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    broken = film.Scene("broken", reel.SCENES["pertun-tera"].prepare, "no such filter[sound]")
    with pytest.raises(film.FilmFailed):
        film.shoot(broken, tmp_path / "film.mp4", ffmpeg.binary(), seconds=0.25)
    assert list(tmp_path.iterdir()) == []

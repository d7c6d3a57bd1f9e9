"""The ladder's rules, without any file."""

from fractions import Fraction
from typing import Any

import pytest

from miitti.foundation.probe import Media, Picture, Sound
from miitti.videos import states

SOUND = Sound(index=1, codec="aac", profile="LC", channels=2, sample_rate=48000, duration=60)


def media(width: int = 1920, height: int = 1080, *, sound: bool = True, **picture: object) -> Media:
    given = {
        "index": 0,
        "codec": "hevc",
        "profile": "Main 10",
        "pixels": "yuv420p10le",
        "width": width,
        "height": height,
        "rotation": 0,
        "square": True,
        "rate": "30",
        "transfer": 1,
        "bit_rate": 6_000_000,
        "duration": 60.0,
        "keyframes": (0.0, 2.0, 4.0),
        "keyframe_gap": 2.0,
        **picture,
    }
    return Media("mov", 60.0, 45_000_000, Picture(**given), SOUND if sound else None)  # type: ignore[arg-type]


H264: dict[str, Any] = {"codec": "h264", "profile": "High", "pixels": "yuv420p"}


@pytest.mark.parametrize(
    ("size", "rungs"),
    [
        ((1920, 1080), ["240p", "360p", "720p", "1080p"]),
        ((3840, 2160), ["240p", "360p", "720p", "1080p"]),
        ((1080, 1920), ["240p", "360p", "720p", "1080p"]),
        ((1920, 1072), ["240p", "360p", "720p", "1080p"]),
        ((1280, 720), ["240p", "360p", "720p"]),
        ((854, 480), ["240p", "360p", "480p"]),
        ((640, 272), ["240p"]),
        ((176, 144), ["240p"]),
    ],
)
def test_rungs_follow_the_source(size: tuple[int, int], rungs: list[str]) -> None:
    plan = states.plan(media(*size))
    assert [rung.name for rung in plan.rungs] == rungs
    assert plan.first.name == "240p"
    for rung in plan.rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert rung.width <= size[0] + 1
        assert rung.height <= size[1] + 1
        assert (rung.width > rung.height) == (size[0] > size[1])
        assert rung.width / rung.height == pytest.approx(size[0] / size[1], rel=0.02)


def test_the_lightest_rung_fits_one_bar_of_signal() -> None:
    light = states.plan(media()).first
    assert light.video_kbit + light.audio_kbit <= 150
    assert light.rate <= 15


def test_a_very_wide_picture_stays_within_full_hd() -> None:
    assert all(rung.width <= 1920 for rung in states.plan(media(7680, 1080)).rungs)


def test_an_eligible_source_is_copied_first_and_given_lighter_rungs() -> None:
    plan = states.plan(media(**H264))
    assert plan.first.copied
    assert (plan.first.width, plan.first.height) == (1920, 1080)
    assert [rung.name for rung in plan.rest] == ["240p", "360p", "720p"]
    assert plan.keyframes == (0.0, 2.0, 4.0)


def test_a_heavy_source_gets_a_lighter_rung_of_its_own_size() -> None:
    plan = states.plan(media(1280, 720, **H264, bit_rate=7_900_000))
    assert [rung.name for rung in plan.rest] == ["240p", "360p", "720p"]


def test_a_light_source_needs_nothing_beside_it() -> None:
    assert states.plan(media(426, 240, **H264, bit_rate=90_000)).rest == ()


@pytest.mark.parametrize(
    "picture",
    [
        {"codec": "hevc"},
        {"pixels": "yuv420p10le"},
        {"pixels": "yuv444p"},
        {"profile": "High 10"},
        {"rotation": 90},
        {"square": False},
        {"transfer": 16},
        {"keyframe_gap": 4.5},
        {"keyframes": (1.5, 3.0)},
        {"bit_rate": 8_000_001},
        {"bit_rate": 0},
        {"width": 2560, "height": 1440},
        {"rate": "120"},
    ],
)
def test_what_may_not_be_served_as_it_is(picture: dict[str, object]) -> None:
    assert states.eligible(media(**H264))
    assert not states.eligible(media(**{**H264, **picture}))


@pytest.mark.parametrize(
    ("given", "forced"),
    [
        ("30", "30"),
        ("30000/1001", "30000/1001"),
        ("25", "25"),
        ("60", "30"),
        ("60000/1001", "30"),
        ("50", "25"),
        ("240", "30"),
        ("90000", "30"),
        ("29", "30000/1001"),
        ("15", "15"),
        ("2", "15"),
    ],
)
def test_the_picture_rate_is_a_usual_one(given: str, forced: str) -> None:
    made = states.rate(media(rate=given).picture)
    assert made == pytest.approx(float(Fraction(forced)), rel=0.002)


def test_hdr_is_tone_mapped_only_when_it_says_so() -> None:
    assert not states.plan(media(transfer=1)).tone_map
    assert not states.plan(media(transfer=2)).tone_map
    assert states.plan(media(transfer=16)).tone_map
    assert states.plan(media(transfer=18)).tone_map


def test_without_sound_there_is_no_sound_alone() -> None:
    assert not states.plan(media(sound=False)).audio_only


def test_progress_runs_from_nothing_to_all() -> None:
    for plan in (states.plan(media()), states.plan(media(**H264)), states.plan(media(176, 144, sound=False))):
        steps = [states.fraction(stage, part, plan) for stage in (0, 1) for part in (0.0, 0.5, 1.0)]
        assert steps[:3] == sorted(steps[:3])
        if plan.rest or plan.audio_only:
            assert steps == sorted(steps)
            assert steps[-1] == 1.0
    assert states.fraction(0, 5.0, states.plan(media())) == states.fraction(0, 1.0, states.plan(media()))


def test_a_truncated_source_is_noticed() -> None:
    assert states.whole(60.0, 60.0)
    assert states.whole(58.9, 60.0)
    assert not states.whole(58.0, 60.0)
    assert states.whole(1.9, 2.0)


def test_of_many_keyframes_those_at_the_cuts_are_kept() -> None:
    every_picture = [n / 25 for n in range(3600 * 25)]
    kept = states.anchors(every_picture)
    assert kept[:4] == (0.0, 2.0, 4.0, 6.0)
    # short enough for one argument of a command (128 KiB on Linux)
    assert len(",".join(f"{at:.3f}" for at in kept)) < 100_000
    # a cut is at the first keyframe at or after each four seconds, whatever stands shortly before it
    assert states.anchors([0.0, 3.0, 3.9, 4.1, 8.05, 9.0]) == (0.0, 3.0, 4.1, 8.05)
    assert states.anchors([0.0, 2.0, 4.0]) == (0.0, 2.0, 4.0)

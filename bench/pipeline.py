"""A film's way from its bytes to every quality: its cost beside a bare FFmpeg, and when the first one plays.

The whole work of the worker (probe, loudness, every rung, pictures, wave form) is done on a film of 60 s in 1080p: once
one that has to be encoded (HEVC), once one that may be served as it is (H.264). The peers write the same rungs of the
same film by one FFmpeg that reads it once, and by one FFmpeg for each rung. They take turns.
Processor time is that of this process and its children (getrusage). Bubblewrap keeps to itself what its children used,
so it is left out here.

    python -m bench.pipeline [--seconds 60] [--rounds 3] [--quick]
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from miitti.app import create_app
from miitti.foundation import confine, db, ffmpeg, jobs, probe, renditions, settings
from miitti.foundation.probe import Media
from miitti.videos import actions, making, states
from miitti.videos import jobs as work
from miitti.videos.models import Video
from miitti.videos.states import Plan
from tests import world

#: Steps of a run, and what they are called here.
PARTS = {"_gain": "loudness", "_first": "first rung", "_rest": "other rungs", "_pictures": "pictures, sheet, wave form"}
FILMS = {
    "to encode": ["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", "log-level=error"],
    "kept": ["-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-sc_threshold", "0"],
}


def film(path: Path, seconds: int, encoder: list[str]) -> None:
    """A moving picture with noise, as a phone's has, and a quiet sound that wants to be louder."""
    scene = f"testsrc2=s=1920x1080:r=30:d={seconds},noise=alls=6:allf=t"
    sound = f"sine=f=330:d={seconds},volume=-12dB"
    words = ["-f", "lavfi", "-i", scene, "-f", "lavfi", "-i", sound, "-pix_fmt", "yuv420p"]
    ends = ["-b:v", "5M", "-maxrate", "6M", "-bufsize", "6M", "-c:a", "aac", "-ac", "2", str(path)]
    subprocess.run([ffmpeg.binary(), "-v", "error", "-y", *words, *encoder, *ends], check=True)


def used() -> float:
    """Seconds of processor time this process and its ended children have taken so far."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def bare(source: Path, media: Media, plan: Plan, folder: Path, *, each: bool) -> float:
    """The same rungs by FFmpeg alone, all of them encoded, in one run or in one for each; gives its CPU seconds."""
    began = used()
    rungs = [replace(rung, copied=False) for rung in plan.rungs]
    for number, group in enumerate([[rung] for rung in rungs] if each else [rungs]):
        sound = 0 if number else states.AUDIO_ONLY_KBIT
        args = renditions.hls(source, media, folder / str(number), group, audio_kbit=sound, keyframes=plan.keyframes)
        ffmpeg.run(args, timeout=3600)
    shutil.rmtree(folder)
    return used() - began


class Watch:
    """What one run of the whole pipeline took, in seconds: when the first quality played, and where the CPU went."""

    def __init__(self) -> None:
        self.first = 0.0
        self.parts: dict[str, float] = {}
        self.whole = 0.0

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Note when `show` is first called and what the named parts use, while the block runs."""
        began = time.monotonic()
        show = actions.show

        def shown(*, video_id: str, edition: str) -> None:
            show(video_id=video_id, edition=edition)
            self.first = self.first or time.monotonic() - began

        with ExitStack() as patches:
            patches.enter_context(mock.patch.object(confine, "can_wall", return_value=False))
            patches.enter_context(mock.patch.object(actions, "show", shown))
            for name in PARTS:
                patches.enter_context(mock.patch.object(making.Run, name, self._counted(name)))
            before = used()
            yield
            self.whole = used() - before

    def _counted(self, name: str) -> Callable[[making.Run], None]:
        whole = getattr(making.Run, name)

        def run(of: making.Run) -> Any:
            before = used()
            try:
                return whole(of)
            finally:
                self.parts[name] = used() - before

        return run


def ours(booth_id: int, source: Path) -> Watch:
    """The worker's whole job, done here; the file was received and nothing else."""
    video_id = actions.take(booth_id=booth_id, person_id=None, path=source)
    watch = Watch()
    with watch.looking():
        work.make_playable(jobs.Work(1, "make_playable", "bench", {"video": video_id}, 1))
    db.session().expire_all()
    state = db.row(Video, video_id).state
    if state != states.State.READY:
        raise SystemExit(f"the film became {state}")
    actions.remove(video_id=video_id)
    return watch


def spread(figures: list[float]) -> str:
    """The median, and in brackets the least and the most."""
    return f"{statistics.median(figures):.2f} ({min(figures):.2f}-{max(figures):.2f})"


def measure(name: str, source: Path, booth_id: int, rounds: int, folder: Path) -> None:
    """Let the three take turns on one film, and print what they took."""
    media = probe.look(source)
    plan = states.plan(media)
    watches: list[Watch] = []
    one, each = [], []
    for _ in range(rounds):
        watches.append(ours(booth_id, source))
        one.append(bare(source, media, plan, folder / "one", each=False))
        each.append(bare(source, media, plan, folder / "each", each=True))
    rungs = " ".join(rung.name for rung in plan.rungs)
    print(f"{name}: {media.duration:.0f} s, {source.stat().st_size / 1e6:.0f} MB, rungs {rungs}")
    print(f"  CPU s: ours {spread([w.whole for w in watches])}, one FFmpeg {spread(one)}, one a rung {spread(each)}")
    print(f"  ours of one FFmpeg: {spread([w.whole / o for w, o in zip(watches, one, strict=True)])}")
    print(f"  ours of one a rung: {spread([w.whole / o for w, o in zip(watches, each, strict=True)])}")
    for part, words in (
        ("_gain", "loudness"),
        ("_first", "first"),
        ("_rest", "rest"),
        ("_pictures", "pictures, sheet"),
    ):
        print(f"  {words}: {spread([w.parts[part] for w in watches])} CPU s")
    load = os.getloadavg()[0]
    print(f"  first playable after {spread([w.first for w in watches])} s (load {load:.1f})", flush=True)


def main() -> int:
    """Make the films, measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    asked, _rest = parser.parse_known_args()
    if asked.quick:
        asked.seconds, asked.rounds = 4, 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = settings.load({"MIITTI_DATA": str(folder / "data"), "MIITTI_MEDIA": str(folder / "media")})
        db.migrate(made)
        app = create_app(made)
        with app.app_context():
            booth_id = world.make().booths["harju"]
            for kind, encoder in FILMS.items():
                source = folder / f"{kind.split()[0]}.mp4"
                film(source, asked.seconds, encoder)
                measure(kind, source, booth_id, asked.rounds, folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

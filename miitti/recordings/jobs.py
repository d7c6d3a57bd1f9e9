"""What the worker makes of a published recording: a lighter rung for thin lines, and the whole as one file.

Visitors see the recording meanwhile as the show left it. Everything is written into the edition's own folder and its
master playlist last, so a run that ends at any moment is run again; what is there already is kept.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from miitti.foundation import confine, cuts, ffmpeg, hls, jobs, probe, recorder, renditions, settings, storage
from miitti.foundation.packager import HIGH
from miitti.recordings import actions, queries, states
from miitti.stage import queries as stages

LIMITS = confine.Limits(network=False)
TRIES = 3
"""Attempts after which it is given up: visitors have what the show sent."""
DOWNLOAD_SIZE = (1280, 720)
"""Width and height of the one file when its runs were not made alike."""
_LADDER_SHARE = 0.5


class _Lost(Exception):
    """Something else is wanted by now, or somebody else does it."""


@jobs.handler("make_recording", lane="video", lease=30, attempts=10)
def make_recording(work: jobs.Work) -> None:
    """Make the edition of a recording that was published."""
    event_id, edition = int(work.args["event"]), str(work.args["edition"])
    shown = queries.of_event(event_id)
    if shown is None or shown.row is None or shown.row.edition != edition or shown.made:
        return
    folder = shown.place()
    name = cuts.CUT if shown.row.timeline else recorder.INDEX

    def step(share: float) -> None:
        if work.lost.is_set() or not actions.report(event_id=event_id, edition=edition, progress=min(share, 0.99)):
            raise _Lost

    try:
        _Made(folder, name, folder / edition, step).all()
    except _Lost:
        storage.remove_tree(stages.HOME, shown.folder, edition)
        return
    except ffmpeg.Failed as failure:
        if any("No space left" in line for line in failure.tail):
            raise jobs.Retry(120, "the disk is full") from None
        if work.attempt < TRIES:
            raise jobs.Retry(5, str(failure)) from None
        actions.report(event_id=event_id, edition=edition, progress=0.0, fault="failed")
        raise jobs.Final(str(failure)) from None
    actions.report(event_id=event_id, edition=edition, progress=1.0)
    _tidy(folder, edition)


def _tidy(folder: Path, edition: str) -> None:
    """Remove editions of earlier cuts."""
    for other in folder.glob("e*"):
        if other.is_dir() and other.name != edition:
            shutil.rmtree(other, ignore_errors=True)


class _Made:
    """One attempt at one edition."""

    def __init__(self, folder: Path, name: str, target: Path, step: Callable[[float], None]) -> None:
        self.home = folder / HIGH
        self.folder = folder
        self.name = name
        self.target = target
        self.step = step
        self.runs = cuts.runs(cuts.pieces(self.home / name))
        self.seconds = sum(piece.seconds for run in self.runs for piece in run) or 1.0

    def all(self) -> None:
        """Make whatever is missing."""
        self.target.mkdir(exist_ok=True)
        aside = self.target / ".work"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        try:
            edges = states.added([self._edge(run) for run in self.runs])
            self._rungs(edges, aside)
            self._download(aside)
            self._master(edges)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _edge(self, run: list[cuts.Piece]) -> int:
        """The short edge of a run's picture; 0 where it can't be told."""
        return min((min(size) for size in hls.sizes(self.home / run[0].init)), default=0)

    def _rungs(self, edges: list[int], aside: Path) -> None:
        """Encode each run for each added rung, and write the rungs' playlists over all runs."""
        found: dict[int, list[cuts.Piece]] = {edge: [] for edge in edges}
        done = 0.0
        for number, run in enumerate(self.runs):
            home = self.target / f"r{number}"
            if edges and not all((home / f"{edge}p" / renditions.PLAYLIST).exists() for edge in edges):
                shutil.rmtree(home, ignore_errors=True)
                self._run(run, edges, aside / f"{number}", done)
                (aside / f"{number}").rename(home)
            done += sum(piece.seconds for piece in run)
            for edge in edges:
                found[edge] += _moved(home / f"{edge}p", f"r{number}/{edge}p", run[0].dated)
        for edge in edges:
            hls.write(self.target / f"{edge}p.m3u8", cuts.playlist(found[edge]))

    def _run(self, run: list[cuts.Piece], edges: list[int], home: Path, done: float) -> None:
        home.mkdir()
        whole = cuts.join(self.home, run, home / "run.mp4")
        media = probe.look(whole)
        rungs = [states.rung(media.picture, edge) for edge in edges]
        args = renditions.hls(whole, media, home, rungs)
        self._ffmpeg(args, media.duration, lambda at: (done + at) / self.seconds * _LADDER_SHARE)
        whole.unlink()

    def _download(self, aside: Path) -> None:
        """One MP4 of it all: copied where all runs were made alike, else encoded to one size."""
        if (self.target / queries.DOWNLOAD).exists():
            return
        lines = []
        for number, run in enumerate(self.runs):
            cuts.join(self.home, run, aside / f"run{number}.mp4")
            lines.append(f"file 'run{number}.mp4'\nduration {sum(piece.seconds for piece in run):.3f}\n")
        (aside / "runs.txt").write_text("".join(lines))
        args = ["-f", "concat", "-protocol_whitelist", "file", "-i", str(aside / "runs.txt")]
        args += ["-map", "0:v:0", "-map", "0:a:0?", "-map_metadata", "-1"]
        if cuts.alike(self.home, self.runs):
            args += ["-c", "copy"]
        else:
            width, height = DOWNLOAD_SIZE
            fit = f"scale={width}:{height}:force_original_aspect_ratio=decrease,pad={width}:{height}:-1:-1,setsar=1"
            args += ["-vf", f"{fit},fps=25,format=yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-crf", "24"]
            args += ["-threads", "2", "-c:a", "aac", "-b:a", "128k", "-ac", "2", "-af", "aresample=48000:async=1000"]
        made = aside / queries.DOWNLOAD
        args += ["-movflags", "+faststart", str(made)]
        self._ffmpeg(args, self.seconds, lambda at: _LADDER_SHARE + at / self.seconds * (1 - _LADDER_SHARE))
        made.rename(self.target / queries.DOWNLOAD)

    def _master(self, edges: list[int]) -> None:
        """The show's own renditions and the added ones, the lightest first."""
        variants = hls.variants(
            (self.folder / (recorder.MASTER if self.name == recorder.INDEX else cuts.CUT)).read_text()
        )
        found = [replace(each, address=f"../{each.address}") for each in variants]
        for edge in edges:
            inits = sorted(self.target.glob(f"r*/{edge}p/init.mp4"))
            sizes = [size for init in inits for size in hls.sizes(init)]
            rate = [hls.read(init.with_name(renditions.PLAYLIST)) for init in inits]
            peak, average = (max((getattr(r, what) for r in rate if r), default=0) for what in ("peak", "average"))
            width, height = max(sizes, default=(0, 0))
            found.append(hls.Variant(f"{edge}p.m3u8", peak, average, hls.codecs(inits[0]), width, height))
        hls.write(self.target / recorder.MASTER, hls.master(found))

    def _ffmpeg(self, args: list[str], seconds: float, share: Callable[[float], float]) -> None:
        ffmpeg.run(
            args,
            on_progress=lambda progress: self.step(share(progress.seconds)),
            timeout=120 + seconds * 30,
            limits=LIMITS,
            choice=settings.current().ffmpeg,
        )


def _moved(home: Path, above: str, dated: str) -> list[cuts.Piece]:
    """The segments of one run's rung as pieces of the playlist above it."""
    made = hls.read(home / renditions.PLAYLIST)
    assert made is not None
    return [
        cuts.Piece(
            f"{above}/{segment.name}", segment.seconds, f"{above}/{made.init}", not place, "" if place else dated
        )
        for place, segment in enumerate(made.segments)
    ]

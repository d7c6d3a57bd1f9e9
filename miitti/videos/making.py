"""One run at making a video of a file: the first quality early, then the others, the pictures, and how far it is.

A run can end at any moment and be run again. What is served of a video lies in its edition's folder; a rung gets there
by a rename once it is whole, except the first one of an encoded video, which grows segment by segment.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from miitti.foundation import confine, db, ffmpeg, hls, ids, jobs, pictures, renditions, settings, storage, waves
from miitti.foundation.probe import Media
from miitti.foundation.renditions import AUDIO, PLAYLIST, Rung
from miitti.videos import actions, queries, states
from miitti.videos.models import Video
from miitti.videos.states import Plan, Reason

#: Bytes left on the disk below which a film that came out short is not the file's fault.
FULL = 64 * 1024**2
#: Seconds between two reports of one run.
REPORT_EVERY = 1.0
#: What FFmpeg may use for a file somebody sent.
LIMITS = confine.Limits(network=False)


class Lost(Exception):
    """Somebody else does this job now."""


class _Damaged(Exception):
    """Less came out than the file promised."""


@dataclass
class Run:
    """One attempt at one video."""

    work: jobs.Work
    video_id: str
    source: Path
    media: Media
    plan: Plan

    def __post_init__(self) -> None:
        self.shown = False
        self.began = time.monotonic()
        self.reported = 0.0
        self.at_start: float | None = None
        self.gain = 0.0
        self.home = storage.place("videos", self.video_id)
        self.edition = self._edition()
        self.folder = self.home / self.edition

    def make(self) -> None:
        """Does whatever is still missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self.gain = self._gain()
            self._poster(states.POSTERS[0])
            self._first()
            self._rest()
            self._pictures()
            self._still_ours()
        except _Damaged:
            actions.give_up(video_id=self.video_id, reason=Reason.DAMAGED)
            return
        self._tidy()
        actions.finish(video_id=self.video_id)
        swap_in(self.video_id)

    def _edition(self) -> str:
        """The edition served now when its first rung is whole, so its work is kept; otherwise a fresh one."""
        video = db.row(Video, self.video_id)
        if video.edition:
            made = hls.read(self.home / video.edition / self.plan.first.name / PLAYLIST)
            if made is not None and made.ended:
                return video.edition
        return ids.new("e")

    def _gain(self) -> float:
        """Decibels the sound needs; a scan that fails changes nothing."""
        if self.media.sound is None:
            return 0.0
        try:
            report = ffmpeg.run(
                renditions.loudness(self.source, self.media),
                timeout=120,
                limits=LIMITS,
                choice=settings.current().ffmpeg,
                view=confine.View(reads=(self.source,), hidden=storage.private()),
            )
        except ffmpeg.Failed:
            return 0.0
        return renditions.gain(report.complaints)

    def _poster(self, name: str) -> None:
        """A picture of the video; one that is broken at that moment is left out, the video plays without."""
        moment = renditions.telling(self.media, states.POSTERS_AT[name])
        aside = self.folder / f".{ids.new('p')}.jpg"
        if not (self.folder / f"{name}.jpg").exists():
            picture(self.folder, name, aside, renditions.poster(self.source, self.media, aside, moment), self.source)

    def _pictures(self) -> None:
        """The other pictures to choose from, and the sheet for seeking. Nothing depends on them."""
        for name in states.POSTERS[1:]:
            self._poster(name)
        self._wave()
        target = self.folder / queries.BOARD
        lightest = self.folder / self.plan.rungs[0].name / PLAYLIST
        args, told = renditions.board(lightest, self.media, aside := self.folder / f".{ids.new('b')}.jpg")
        if not target.exists():
            try:
                self._ffmpeg(args, stage=None)
            except ffmpeg.Failed:
                aside.unlink(missing_ok=True)
            if not aside.exists():
                return
            _to_disk(aside)
            aside.replace(target)
        actions.lay_board(video_id=self.video_id, board=told)

    def _wave(self) -> None:
        """The wave form captions are written by. Nothing depends on it either."""
        target, playlist = self.folder / queries.WAVE, self.folder / AUDIO / PLAYLIST
        if target.exists() or not playlist.exists():
            return
        samples, aside = (self.folder / f".{ids.new('w')}" for _ in range(2))
        try:
            self._ffmpeg(waves.arguments(playlist, samples), stage=None)
            waves.write(aside, waves.peaks(samples, self.media.duration))
            _to_disk(aside)
            aside.replace(target)
        except ffmpeg.Failed:
            return
        finally:
            samples.unlink(missing_ok=True)

    def _first(self) -> None:
        rung = self.plan.first
        made = hls.read(self.folder / rung.name / PLAYLIST)
        if made is None or not made.ended:
            growing = not rung.copied
            args = renditions.hls(
                self.source,
                self.media,
                self.folder,
                [rung],
                growing=growing,
                tone_map=self.plan.tone_map,
                keyframes=self.plan.keyframes,
                gain=self.gain,
            )
            self.shown = False
            self._ffmpeg(args, stage=0, show=growing)
        self._check(self.folder, rung)
        self._still_ours()
        self._master()
        actions.show(video_id=self.video_id, edition=self.edition)

    def _rest(self) -> None:
        missing = [rung for rung in self.plan.rest if not (self.folder / rung.name).exists()]
        sound = self.plan.audio_only and not (self.folder / AUDIO).exists()
        if missing or sound:
            aside = self.folder / f".{ids.new('r')}"
            args = renditions.hls(
                self.source,
                self.media,
                aside,
                missing,
                audio_kbit=states.AUDIO_ONLY_KBIT if sound else 0,
                tone_map=self.plan.tone_map,
                keyframes=self.plan.keyframes,
                gain=self.gain,
            )
            self._ffmpeg(args, stage=1)
            for rung in missing:
                self._check(aside, rung)
            for made in sorted(aside.iterdir()):
                _to_disk(made)
                if not (self.folder / made.name).exists():
                    made.rename(self.folder / made.name)
        if self.plan.audio_only:
            hls.write(self.folder / queries.SOUND, hls.moved(self.folder / AUDIO / PLAYLIST, AUDIO))
        self._master()

    def _still_ours(self) -> None:
        """Ends the run when another file has taken this one's place meanwhile."""
        db.session().rollback()
        if actions.bytes_of(db.row(Video, self.video_id).source) != self.source:
            raise Lost

    def _check(self, folder: Path, rung: Rung) -> None:
        """A truncated file encodes without an error: what came out is measured."""
        made = hls.read(folder / rung.name / PLAYLIST)
        if made is None or not made.ended or not states.whole(made.seconds, self.media.picture.duration):
            if storage.free_bytes() < FULL:
                # FFmpeg's writer of segments says nothing of a full disk, and calls that a success.
                raise OSError(errno.ENOSPC, "the disk is full")
            raise _Damaged

    def _master(self) -> None:
        """Writes the master playlist of what is there."""
        variants = []
        for rung in self.plan.rungs:
            made = hls.read(self.folder / rung.name / PLAYLIST)
            if made is None or not made.segments:
                continue
            # While it grows its figures are the encoder's ceilings.
            ceiling = (rung.video_kbit + rung.audio_kbit) * 1100
            variants.append(
                hls.Variant(
                    f"{rung.name}/{PLAYLIST}",
                    made.peak if made.ended else ceiling,
                    made.average if made.ended else ceiling,
                    hls.codecs(self.folder / rung.name / made.init),
                    rung.width,
                    rung.height,
                    rung.rate,
                )
            )
        made = hls.read(self.folder / AUDIO / PLAYLIST)
        if made is not None and made.ended and (self.folder / queries.SOUND).exists():
            codecs = hls.codecs(self.folder / AUDIO / made.init)
            variants.append(hls.Variant(queries.SOUND, made.peak, made.average, codecs))
        hls.write(self.folder / queries.MASTER, hls.master(variants))

    def _ffmpeg(self, args: list[str], *, stage: int | None, show: bool = False) -> None:
        """Runs FFmpeg and reports how far it is; with `show` lets visitors in at the first segment."""

        def step(progress: ffmpeg.Progress) -> None:
            if self.work.lost.is_set():
                raise Lost
            if show and not self.shown:
                first = hls.read(self.folder / self.plan.first.name / PLAYLIST)
                if first is not None and first.segments:
                    self._master()
                    actions.show(video_id=self.video_id, edition=self.edition)
                    self.shown = True
            if stage is not None:
                self._report(stage, progress.seconds / self.media.duration)

        ffmpeg.run(
            args,
            on_progress=step,
            timeout=120 + self.media.duration * 30,
            limits=LIMITS,
            choice=settings.current().ffmpeg,
            view=confine.View((self.source,), (self.folder,), storage.private()),
        )

    def _report(self, stage: int, of_stage: float) -> None:
        now = time.monotonic()
        if now - self.reported < REPORT_EVERY:
            return
        self.reported = now
        done = states.fraction(stage, of_stage, self.plan)
        if self.at_start is None:
            self.began, self.at_start = now, done
        gained = done - self.at_start
        eta = (now - self.began) / gained * (1 - done) if gained > 0.02 else None
        actions.report(video_id=self.video_id, progress=done, eta=eta)

    def _tidy(self) -> None:
        """Removes what earlier attempts left behind."""
        for other in self.home.iterdir():
            if other.name != self.edition:
                shutil.rmtree(other, ignore_errors=True)
        for left in self.folder.glob(".*"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def picture(folder: Path, name: str, aside: Path, args: list[str] | None = None, source: Path | None = None) -> bool:
    """Puts a picture of a video into its folder in its sizes: `aside`, as it is or as FFmpeg makes it of `source`.

    Says whether there is one. `aside` is gone afterwards.
    """
    big, small, tiny = (folder / f".{ids.new('p')}{end}" for end in (".jpg", ".webp", ".webp"))
    try:
        if args is not None and source is not None:
            view = confine.View((source,), (folder,), storage.private())
            ffmpeg.run(args, timeout=60, limits=LIMITS, choice=settings.current().ffmpeg, view=view)
        pictures.remake(aside, big, small, tiny, hidden=storage.private())
        for made, end in ((tiny, queries.TINY), (small, queries.SMALL), (big, ".jpg")):
            _to_disk(made)
            made.replace(folder / f"{name}{end}")
    except (ffmpeg.Failed, pictures.Unreadable, FileNotFoundError):
        return False
    finally:
        for left in (aside, big, small, tiny):
            left.unlink(missing_ok=True)
    return True


def swap_in(video_id: str) -> None:
    """When the video was made to take another's place, it takes it now: its files move, then the rows change.

    Run again after a kill between the two it finds the files moved and goes on.
    """
    video = db.row(Video, video_id)
    if video.replaces is None or not video.edition:
        return
    here = storage.place("videos", video_id, video.edition)
    there = storage.place("videos", video.replaces, video.edition)
    if here.is_dir():
        there.parent.mkdir(parents=True, exist_ok=True)
        here.rename(there)
    actions.take_place(video_id=video_id)


def _to_disk(path: Path) -> None:
    """Waits until a file, or every file of a folder, is on the disk: the rename after it must not come first."""
    for each in [path] if path.is_file() else sorted(path.iterdir()):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""The stage process: follows what hosts want, takes publishers in, and keeps every live event's channel on the air.

It keeps nothing that is not in the database or on disk, so it may be killed at any moment: the next one goes on at
the same place of the same playlist, in the same recording.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import threading
import time
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.states import Doors
from miitti.foundation import clock, encoder, errors, recorder, rtmp, settings, slates, storage
from miitti.foundation.chunks import Chunks, Inbox
from miitti.foundation.feed import Feed
from miitti.foundation.origin import Origin
from miitti.foundation.packager import Channel
from miitti.stage import actions, queries, states
from miitti.stage.models import Stage
from miitti.stage.states import Air, Turn

log = logging.getLogger(__name__)

Sending = Feed | Chunks
"""Somebody who sends: a program by RTMP, or a browser."""

TICK = 0.25
"""Seconds between two looks at the sources; something that happens shortens it."""
FOLLOW = 0.5
"""Seconds between two looks at the database."""
REPORT = 3.0
"""Seconds between two reports and signs of life."""
FILMS = 5.0
"""Seconds between two looks at the companies' videos."""
PAUSES = (0.2, 1.0, 3.0, 6.0)
"""Seconds before a source that failed at once is tried again."""
STEADY = 5.0
"""Seconds a child must have run for its earlier failures to be forgotten."""
LEAD = 2.5
"""Seconds before a video's end at which the next is started, to stand ready."""
SLATE_LINES = ("Jatkuu pian", "Fortsätter snart", "Back in a moment")


class Show:
    """One live event on the air."""

    def __init__(self, event: Event, stage: Stage, desk: Director) -> None:
        self.event_id = event.id
        self.slug = event.slug
        self.title = event.title_fi
        self._desk = desk
        self.recorder = recorder.Recorder(storage.place(queries.HOME, str(stage.recording)))
        self.channel = Channel(encoder.NAMES, self.recorder.keep)
        self.air = Air.NOTHING
        self.item = ""
        self.run: encoder.Run | None = None
        self._next: tuple[int, encoder.Run] | None = None
        self._ends = 0.0
        self._feed: Sending | None = None
        self._copied = True
        self._films: list[queries.Film] = []
        self._looked = -FILMS
        self._at = -1
        self._failures = 0
        self._not_before = 0.0
        self._reported = 0.0
        self._told: tuple[Any, ...] = ()
        self._mastered = 0.0
        self.follow(stage)

    def follow(self, stage: Stage) -> None:
        """Take over what the database says."""
        self.turn = stage.turn
        self.turned_at = stage.turned_at.timestamp() if stage.turned_at else 0.0
        self.playing_from = stage.playing_from.timestamp() if stage.playing_from else time.time()
        if time.monotonic() - self._looked > FILMS:
            self._looked = time.monotonic()
            self._films = queries.films(self.event_id)

    # -- each tick -------------------------------------------------------------------------------------------

    def tick(self, feed: Sending | None) -> None:
        """Put on the air what belongs there. `feed` is who sends for this event."""
        sending = feed is not None and feed.alive and feed.quiet < states.QUIET_S and feed.ready
        newer = feed is not None and feed.since > self.turned_at
        wish = states.air(self.turn, sending=sending, newer=newer, films=bool(self._films))
        ended = self.run is not None and self.run.done.is_set()
        if self.run is not None and ended:
            self._judge(self.run)
        if time.monotonic() < self._not_before:
            return
        if wish is Air.LIVE and feed is not None:
            stale = ended or self._feed is not feed or not feed.attached or self._copied != feed.copied
            if self.air is not wish or stale:
                self._live(feed)
        elif wish is not self.air or ended or self.run is None:
            self._leave(feed)
            if wish is Air.PLAYLIST:
                self._play(on=self.air is wish and ended)
            else:
                self._slate()
        elif wish is Air.PLAYLIST and self._next is None and time.monotonic() > self._ends - LEAD:
            self._prepare()
        if time.monotonic() - self._mastered > 10 and self.channel.ready:
            self._mastered = time.monotonic()
            self.recorder.master(self.channel.master("{}/" + recorder.INDEX))

    def _judge(self, run: encoder.Run) -> None:
        """A child has ended: at once is a failure, and the next try waits a little."""
        if time.monotonic() - run.started >= STEADY:
            self._failures = 0
            return
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        if not self._not_before or self._not_before < run.started:
            self._failures += 1
            self._not_before = time.monotonic() + pause
            log.warning("%s ended after a moment: %s", self.air or "a source", " | ".join(list(run.tail)[-3:]))

    def _live(self, feed: Sending) -> None:
        form = encoder.sent(feed.form, copied=feed.copied, sound=feed.sound, copied_sound=feed.copied_sound)
        self._feed, self._copied = feed, feed.copied
        feed.detach()
        run = self._start(form, Air.LIVE, "")
        feed.attach(run)

    def _leave(self, feed: Sending | None) -> None:
        if self._feed is not None:
            self._feed.detach()
            self._feed = None

    def _play(self, *, on: bool) -> None:
        """The playlist: at the place the clock tells, or with the next video when one has just ended."""
        ready, self._next = self._next, None
        if on and ready is not None and not ready[1].done.is_set() and ready[0] < len(self._films):
            self._at, self.run = ready
            self.item = self._films[self._at].item.title
            self._ends = time.monotonic() + self._films[self._at].item.seconds
            return
        if ready is not None:
            ready[1].stop()
        if on:
            number, at = (self._at + 1) % len(self._films), 0.0
        else:
            number, at = states.playing([film.item for film in self._films], time.time() - self.playing_from)
        self._at = number
        film = self._films[number]
        self._start(_played(film, at), Air.PLAYLIST, film.item.title)
        self._ends = time.monotonic() + film.item.seconds - at

    def _prepare(self) -> None:
        """Let the next video stand ready, so that nothing is missing between the two."""
        number = (self._at + 1) % len(self._films)
        choice = settings.current().ffmpeg
        source = _played(self._films[number], 0.0)
        self._next = number, encoder.Run(source, self.channel, choice=choice, after=self.run, woken=self._desk.wake)

    def _slate(self) -> None:
        path = settings.current().data / "slates" / f"{self.slug}.png"
        self._start(encoder.slate(slates.draw(path, self.title, SLATE_LINES)), Air.SLATE, "")

    def _drop_next(self) -> None:
        if self._next is not None:
            self._next[1].stop()
            self._next = None

    def _start(self, source: encoder.Source, air: Air, item: str) -> encoder.Run:
        self._drop_next()
        before = self.run if self.run is not None and not self.run.done.is_set() else None
        choice = settings.current().ffmpeg
        self.run = encoder.Run(source, self.channel, choice=choice, replaces=before, woken=self._desk.wake)
        self.air, self.item = air, item
        return self.run

    # -- reports and the end ---------------------------------------------------------------------------------

    def report(self, feed: Sending | None) -> None:
        """Tell the database what is on the air, when that changed or some seconds have gone by."""
        source = told(feed)
        changed = (self.air, self.item, feed is not None, self.recorder.stopped)
        if changed == self._told and time.monotonic() - self._reported < REPORT:
            return
        self._told, self._reported = changed, time.monotonic()
        actions.report(event_id=self.event_id, air=self.air, item=self.item, source=source, note=self.recorder.stopped)

    def stop(self) -> None:
        """This process ends: the next one goes on."""
        self._drop_next()
        if self.run is not None:
            self.run.stop()
        self.channel.rest()

    def end(self) -> None:
        """Off the air; what was sent stays for a moment with its end."""
        self._leave(None)
        self._drop_next()
        if self.run is not None:
            self.run.stop()
        self.channel.rest(ended=True)
        self.recorder.master(self.channel.master("{}/" + recorder.INDEX))


class Director:
    """The whole process."""

    def __init__(self, app: Flask, host: str) -> None:
        self.app = app
        self._host = host
        self._settings: settings.Settings = app.config["MIITTI"]
        self._shows: dict[int, Show] = {}
        self._channels: dict[str, Channel] = {}
        self._feeds: dict[int, Sending] = {}
        self._keys: dict[str, int] = {}
        self._shown: dict[int, str] = {}
        """The key each event's sender was let in by; a browser shows none."""
        self._over: set[int] = set()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._rtmp: rtmp.Server | None = None
        self._beaten = 0.0
        self._followed = 0.0
        self.wsgi = Origin(self._settings.base_url, self._channels, Inbox(self._admit_browser))

    def begin(self) -> None:
        """Open the door for publishers and begin to follow. A busy port is logged: the playlist needs none."""
        try:
            self._rtmp = rtmp.Server(self._host, self._settings.rtmp_port, self._admit)
            self._rtmp.start()
        except OSError as error:
            log.error("port %s for RTMP can't be used (%s)", self._settings.rtmp_port, error.strerror)
        threading.Thread(target=self._loop, daemon=True).start()

    def end(self) -> None:
        """Stop: children end, recordings stay as they are for the next process to go on with."""
        self._stopping.set()
        self.wake()
        if self._rtmp is not None:
            self._rtmp.stop()
        for show in list(self._shows.values()):
            show.stop()
        with self.app.app_context(), contextlib.suppress(SQLAlchemyError, errors.Problem):
            actions.leave()

    def wake(self) -> None:
        """Something happened: look at once."""
        self._wake.set()

    # -- publishers ------------------------------------------------------------------------------------------

    def _admit(self, key: str, connection: rtmp.Connection) -> rtmp.Sink:
        with self.app.app_context(), contextlib.suppress(SQLAlchemyError):
            self._learn_keys()  # one may have been made, or replaced, a moment ago
        event_id = self._keys.get(key)
        if event_id is None:
            time.sleep(1)  # guessing is slow
            raise rtmp.Refused("wrong key")
        self._make_room(event_id)
        feed = Feed(gone=lambda gone: self._gone(event_id, gone), woken=self.wake)
        self._feeds[event_id] = feed
        self._shown[event_id] = key
        return feed

    def _admit_browser(self, show: str, token: str, form: str, take: bool) -> Chunks:
        with self.app.app_context():
            event_id = queries.sender(show, token)
        if event_id is None:
            raise rtmp.Refused("not allowed")
        self._make_room(event_id, take=take)
        chunks = Chunks(form, gone=lambda gone: self._gone(event_id, gone), woken=self.wake)
        self._feeds[event_id] = chunks
        self._shown.pop(event_id, None)
        return chunks

    def _make_room(self, event_id: int, *, take: bool = False) -> None:
        """One sender a show: a second one is refused, unless it takes over or the first has fallen silent."""
        if event_id in self._over:
            raise rtmp.Refused("the show is over")
        there = self._feeds.get(event_id)
        if there is not None and there.alive and there.quiet < states.QUIET_S and not take:
            raise rtmp.Refused("somebody is sending already")
        if there is not None:
            there.unwanted = True

    def _gone(self, event_id: int, feed: Sending) -> None:
        if self._feeds.get(event_id) is feed:
            del self._feeds[event_id]
        self.wake()

    def _learn_keys(self) -> dict[int, Stage]:
        stages = {stage.event_id: stage for stage in queries.all_stages()}
        self._keys = {stage.key: event_id for event_id, stage in stages.items()}
        self._over = {event_id for event_id, stage in stages.items() if stage.turn is Turn.END}
        return stages

    # -- the loop --------------------------------------------------------------------------------------------

    def _loop(self) -> None:
        complained = False
        while not self._stopping.is_set():
            try:
                with self.app.app_context():
                    self._follow()
                complained = False
            except (SQLAlchemyError, errors.Problem) as error:
                # a database away for a minute does not take the show off the air
                if not complained:
                    log.error("the stage can't follow the database: %s", error)
                complained = True
            with self.app.app_context():
                for event_id, show in list(self._shows.items()):
                    try:
                        show.tick(self._feeds.get(event_id))
                    except Exception:
                        log.exception("a show broke; it is tried again")
            self._wake.wait(TICK)
            self._wake.clear()

    def _follow(self) -> None:
        now = time.monotonic()
        if now - self._followed < FOLLOW:
            return
        self._followed = now
        if now - self._beaten >= REPORT:
            actions.beat()
            self._beaten = now
        stages = self._learn_keys()
        for event_id, feed in list(self._feeds.items()):
            stage = stages.get(event_id)
            if stage is None or event_id in self._over or self._shown.get(event_id, stage.key) != stage.key:
                feed.unwanted = True
        live = {event.id: event for event in events.live()}
        for event_id, show in list(self._shows.items()):
            stage = stages.get(event_id)
            if event_id not in live or stage is None or stage.turn is Turn.END:
                self._end(show)
            elif show.recorder.folder.name != stage.recording:
                self._end(show, forgotten=True)
            else:
                show.follow(stage)
                show.report(self._feeds.get(event_id))
        for event_id, event in live.items():
            stage = stages.get(event_id)
            if event_id not in self._shows and (stage is None or stage.turn is not Turn.END):
                self._open(event)
        for event_id, stage in stages.items():
            over = event_id not in self._shows and event_id not in live
            if over and stage.recording and not stage.recorded and _is_over(event_id):
                # ended while no stage process was there to see it
                self._finish(event_id, stage.recording)
            elif over and stage.air is not Air.NOTHING:
                actions.report(event_id=event_id, air=Air.NOTHING)
        for event_id, feed in list(self._feeds.items()):
            if event_id not in self._shows and event_id in stages:
                actions.report(event_id=event_id, air=Air.NOTHING, source=told(feed))

    def _open(self, event: Event) -> None:
        event_id = event.id
        actions.begin(event_id=event_id)
        event = events.by_id(event_id)
        stage = queries.of_event(event_id)
        assert stage is not None
        show = Show(event, stage, self)
        self._shows[event_id] = show
        self._channels[show.slug] = show.channel

    def _end(self, show: Show, *, forgotten: bool = False) -> None:
        show.end()
        self._shows.pop(show.event_id, None)
        self._channels.pop(show.slug, None)
        if not forgotten:
            self._finish(show.event_id, show.recorder.folder.name)

    def _finish(self, event_id: int, recording: str) -> None:
        recorded = recorder.finish(storage.place(queries.HOME, recording))
        actions.finish(event_id=event_id, recorded=recorded)


def _played(film: queries.Film, at: float) -> encoder.Source:
    source = encoder.film(film.folder, film.high, film.low, film.sound, at)
    return source if film.sound else encoder.shortened(source, max(1.0, film.item.seconds - at))


def told(feed: Sending | None) -> dict[str, Any]:
    """How a source fares, as it is kept in the stage's row."""
    if feed is None or not feed.alive:
        return {}
    vitals = dataclasses.asdict(feed.vitals())
    about = {"copied": feed.copied, "sound": feed.sound, "browser": isinstance(feed, Chunks)}
    return {**vitals, **about, "at": clock.stamp(clock.now())}


def _is_over(event_id: int) -> bool:
    return events.doors(events.by_id(event_id)) is Doors.OVER

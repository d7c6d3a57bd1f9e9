"""Finding recordings, their chapters and captions. Only reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from miitti.events import queries as events
from miitti.events.models import Event
from miitti.foundation import cuts, db, language, recorder, storage
from miitti.questions import queries as questions
from miitti.questions.models import Question
from miitti.recordings import states
from miitti.recordings.models import Recording, RecordingCaption
from miitti.stage import queries as stages
from miitti.stage import states as stage_states
from miitti.stage.models import Stage

DOWNLOAD = "recording.mp4"
"""The whole recording as one file, in the edition's folder."""


@dataclass(frozen=True)
class Shown:
    """A finished recording as it stands now."""

    event_id: int
    folder: str
    whole: dict[str, Any]
    """Length and marks of all that was recorded."""
    row: Recording | None
    """What a host decided, or None while nothing was."""

    @property
    def timeline(self) -> dict[str, Any]:
        """Length and marks of what visitors see."""
        return self.row.timeline if self.row and self.row.timeline else self.whole

    @property
    def seconds(self) -> float:
        """Length of what visitors see."""
        return float(self.timeline.get("seconds", 0))

    @property
    def hidden(self) -> bool:
        """Whether visitors may not see it."""
        return self.row is not None and self.row.hidden

    @property
    def made(self) -> bool:
        """Whether the lighter renditions and the download are there."""
        return self.row is not None and bool(self.row.edition) and self.row.progress >= 1

    def place(self, *parts: str) -> Path:
        """Where something of it lies on disk."""
        return storage.place(stages.HOME, self.folder, *parts)

    def address(self, name: str) -> str:
        """The signed address of something of it."""
        return storage.signed(f"{stages.HOME}/{self.folder}/{name}")

    @property
    def playlist(self) -> str:
        """The address of the best there is to play."""
        if self.row is not None and self.made:
            return self.address(f"{self.row.edition}/{recorder.MASTER}")
        return self.address(cuts.CUT if self.row and self.row.timeline else recorder.MASTER)

    @property
    def sound(self) -> str:
        """The address of the sound alone."""
        return self.address(f"audio/{cuts.CUT if self.row and self.row.timeline else recorder.INDEX}")

    @property
    def download(self) -> str:
        """The address of the whole as one file; "" until it is made."""
        return self.address(f"{self.row.edition}/{DOWNLOAD}") if self.row is not None and self.made else ""


def take(stage: Stage) -> str:
    """What tells one finished recording from what it becomes when the show goes on."""
    return f"{stage.recording}:{stage.recorded.get('seconds', 0)}"


def of_event(event_id: int) -> Shown | None:
    """The finished recording of an event, hidden ones too; None while there is none."""
    stage = stages.recording(event_id)
    if stage is None or stage.recording is None:
        return None
    row = db.session().get(Recording, event_id)
    return Shown(
        event_id, stage.recording, stage.recorded, row if row is not None and row.take == take(stage) else None
    )


def captions(event_id: int) -> Sequence[RecordingCaption]:
    """The captions of a recording, by language."""
    asked = select(RecordingCaption).where(RecordingCaption.event_id == event_id)
    return db.session().scalars(asked.order_by(RecordingCaption.language)).all()


def caption(event_id: int, code: str) -> RecordingCaption | None:
    """The captions of a recording in one language."""
    return db.session().get(RecordingCaption, (event_id, code))


def chapters(event: Event, shown: Shown) -> list[dict[str, Any]]:
    """Where programme items and answers begin in what visitors see: [{at, title, question, id}], in order."""
    marks, seconds = shown.timeline.get("marks", []), shown.seconds
    found: list[dict[str, Any]] = []

    def add(at: float, title: str, question: Question | None = None) -> None:
        place = stage_states.second(marks, seconds, at)
        if place is not None:
            about = None if question is None else question.id
            found.append({"at": round(place, 1), "title": title, "question": question is not None, "id": about})

    for item in events.programme(event.id):
        # an item that was over before the recording began is not in it
        if marks and item.ends_at.timestamp() > marks[0][0]:
            add(item.starts_at.timestamp(), language.pick(item, "title"))
    for answering_at, question in questions.moments(event.id):
        add(answering_at.timestamp(), question.body[:120], question)
    return sorted(found, key=lambda chapter: (chapter["at"], chapter["question"]))


def days_left(shown: Shown, now: Any) -> int | None:
    """Days left to caption it, negative when late; None when it has captions."""
    return None if captions(shown.event_id) else states.days_left(states.ended(shown.whole), now)

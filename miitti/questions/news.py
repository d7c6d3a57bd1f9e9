"""What happened to a question, told upward to higher rooms after the commit."""

from dataclasses import dataclass
from datetime import datetime

from blinker import Signal

told = Signal("Sent after commit with one of the dataclasses here as `news`.")


@dataclass(frozen=True, slots=True)
class QuestionAsked:
    """Somebody asked; nobody has looked at it yet."""

    question_id: str
    channel_id: int


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """A question was answered, aloud or in writing."""

    question_id: str
    channel_id: int
    at: datetime

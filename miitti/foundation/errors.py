"""The one family of errors. A subclass says the decision; the text says what to do.

Raised in actions and queries; shown in one place for pages (`pages`) and one for sockets (`realtime`).
"""

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l


class Problem(Exception):
    """Something a person can understand went wrong. `message` is a translatable text."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    default: ClassVar[Any] = _l("That can't be done.")

    def __init__(self, message: Any = None, *, field: str | None = None, **data: Any) -> None:
        self.message = message if message is not None else self.default
        self.field = field
        self.data = data
        super().__init__(str(type(self).code))

    def __str__(self) -> str:
        return str(self.message)


class Invalid(Problem):
    """What was given can't be used as it is. `fields` maps a field's name to what is wrong with it."""

    status = 422
    code = "invalid"
    default = _l("Some of what you gave can't be used. Look at the marked places.")

    def __init__(self, message: Any = None, *, fields: dict[str, list[Any]] | None = None, **data: Any) -> None:
        super().__init__(message, **data)
        self.fields = fields or ({self.field: [self.message]} if self.field else {})


class TooLong(Invalid):
    """A text is longer than it may be."""

    code = "too_long"
    default = _l("The text is too long.")


class Unauthenticated(Problem):
    """Nobody is signed in, and this needs somebody."""

    status = 401
    code = "unauthenticated"
    default = _l("Sign in first.")


class Refused(Problem):
    """One's own thing, but it can't be done now; the message says why."""

    status = 403
    code = "forbidden"
    default = _l("This can't be done now.")


class Closed(Refused):
    """A door that is closed at the moment."""

    code = "closed"
    default = _l("This is closed at the moment.")


class NotFound(Problem):
    """It isn't there, or one may not know whether it is."""

    status = 404
    code = "not_found"
    default = _l("There is nothing at this address. It may have moved, or the link is old.")


class Conflict(Problem):
    """Somebody else changed it first, or it contradicts what was already done."""

    status = 409
    code = "conflict"
    default = _l("Somebody changed this before you. Look again and repeat if needed.")


class TooBig(Problem):
    """More bytes than are taken."""

    status = 413
    code = "too_long"
    default = _l("That is too large to be sent.")


class UnsupportedType(Problem):
    """A kind of content that isn't taken here."""

    status = 415
    code = "bad_request"
    default = _l("This kind of content is not accepted here.")


class TooMany(Problem):
    """Too often in too short a time. `retry_after` is in seconds."""

    status = 429
    code = "rate_limited"
    default = _l("That was a little too fast. Wait a moment and try again.")

    def __init__(self, message: Any = None, *, retry_after: float = 10, **data: Any) -> None:
        super().__init__(message, **data)
        self.retry_after = retry_after


class Busy(Problem):
    """The database or the machine can't take it just now; nothing was changed."""

    status = 503
    code = "busy"
    default = _l("The service is busy just now. Nothing was lost: try again in a moment.")
    retry_after: float = 5


class Unplayable(Problem):
    """A video that can't be made playable. `permanent` when trying again would not help."""

    status = 422
    code = "unplayable"

    def __init__(self, message: Any = None, *, permanent: bool = True, **data: Any) -> None:
        super().__init__(message, **data)
        self.permanent = permanent

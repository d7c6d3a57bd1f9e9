"""Forms: cleaned text, limits, and errors that can be shown beside the field and in a summary."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Self

import wtforms
from flask import request
from flask_babel import get_locale, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFProtect
from wtforms.i18n import get_translations
from wtforms.validators import ValidationError

from miitti.foundation.errors import Invalid

csrf = CSRFProtect()

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control characters and the marks that change the direction of what follows (Unicode UAX #9)."""
_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[^@\s,;:<>()\[\]\\\"]+\.[^@\s.,;:<>()\[\]\\\"]{2,}")


def clean(text: str) -> str:
    """NFC, one kind of line end, no controls and no direction overrides, no blanks around."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROLS.sub("", text).strip()


def clean_line(text: str) -> str:
    """`clean`, on one line."""
    return " ".join(clean(text).split())


def filter_text(value: Any) -> Any:
    """WTForms filter for a text of several lines."""
    return clean(value) if isinstance(value, str) else value


def filter_line(value: Any) -> Any:
    """WTForms filter for one line."""
    return clean_line(value) if isinstance(value, str) else value


class Required:
    """The field must be filled."""

    field_flags: Mapping[str, Any] = {"required": True}

    def __init__(self, message: Any = None) -> None:
        self.message = message or _l("This must be filled in.")

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        """Stop at an empty value."""
        if not field.data:
            raise wtforms.validators.StopValidation(str(self.message))


class AtMost:
    """At most so many characters."""

    def __init__(self, characters: int) -> None:
        self.characters = characters
        self.field_flags = {"maxlength": characters}

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        """Refuse a longer text, saying by how much."""
        over = len(field.data or "") - self.characters
        if over > 0:
            raise ValidationError(ngettext("%(num)d character too many.", "%(num)d characters too many.", over))


class EmailAddress:
    """Looks like an address a letter can be sent to; only a letter can prove more."""

    def __init__(self, message: Any = None) -> None:
        self.message = message or _l("This is not a whole e-mail address. It looks like name@example.fi.")

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        """Refuse what is filled and no address (RFC 5321 allows 254 characters)."""
        if field.data and not is_email(field.data):
            raise ValidationError(str(self.message))


def is_email(text: str) -> bool:
    """Whether the text has the shape of an e-mail address."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


class Form(wtforms.Form):
    """The parent of every form. CSRF is checked for all of them before any view."""

    class Meta:
        """Messages of WTForms itself come in the reader's language; its catalogues are read anew for each form."""

        cache_translations = False

        def get_translations(self, form: wtforms.Form) -> Any:
            """WTForms' own words in the reader's language."""
            return get_translations([str(get_locale() or "fi")])

    @classmethod
    def sent(cls, **kwargs: Any) -> Self:
        """The form filled with what this request sent."""
        return cls(request.form, **kwargs)

    def check(self) -> None:
        """Validate. Raises Invalid with the fields' errors."""
        if not self.validate():
            raise Invalid(fields={name: list(errors) for name, errors in self.errors.items() if name})

    def blame(self, problem: Invalid) -> None:
        """Show what an action found wrong beside the fields it names."""
        for name, messages in problem.fields.items():
            if name in self._fields:
                field = self._fields[name]
                field.errors = [*field.errors, *(str(m) for m in messages)]

"""Forms of the videos room."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.1

from miitti.foundation import errors, forms, language
from miitti.videos import states


class CaptionsForm(forms.Form):
    """A captions file in one language."""

    language = SelectField(
        _l("Language of the captions"),
        choices=[SelectChoice(code, language.NAMES[code]) for code in states.CAPTION_LANGUAGES],
        default="fi",
    )
    captions = FileField(_l("Captions file (WebVTT or SRT)"))

    def text(self) -> str:
        """What the chosen file says, whatever encoding it is in. Raises `errors.Invalid` when none was chosen."""
        given = request.files.get("captions")
        data = given.stream.read(4 * states.MAX_CAPTIONS + 4) if given is not None else b""
        if not data:
            raise errors.Invalid(_("Choose the captions file first."), field="captions")
        return decoded(data)


def decoded(data: bytes) -> str:
    """Text in UTF-8, UTF-16 with its mark or without, or else the old Windows encoding that SubRip editors use."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:200]:
        # Latin letters have a zero in the upper half; which half stands first is seen from where it is.
        return data.decode("utf-16-le" if data[:200:2].count(0) < data[1:200:2].count(0) else "utf-16-be", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")

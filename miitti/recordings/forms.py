"""Forms of recordings."""

from __future__ import annotations

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FileField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.1

from miitti.foundation import errors, forms, language
from miitti.recordings import states
from miitti.videos import forms as videos


class CaptionsForm(forms.Form):
    """A captions file in one language."""

    language = SelectField(
        _l("Language of the captions"),
        choices=[SelectChoice(code, language.NAMES[code]) for code in states.CAPTION_LANGUAGES],
        default="fi",
    )
    captions = FileField(_l("Captions file (WebVTT or SRT)"))

    def text(self) -> str:
        """What the chosen file says. Raises `errors.Invalid` when none was chosen or it is too long."""
        given = request.files.get("captions")
        data = given.stream.read(states.MAX_CAPTIONS + 1) if given is not None else b""
        if not data:
            raise errors.Invalid(_("Choose the captions file first."), field="captions")
        if len(data) > states.MAX_CAPTIONS:
            raise errors.Invalid(_("The file is too large for captions."), field="captions")
        return videos.decoded(data)

"""What can be typed at the retention pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from miitti.foundation import forms


class DeleteEvent(forms.Form):
    """The event's name, written by hand, so that nobody deletes by a slip."""

    typed = StringField(
        _l("The event's name"),
        [forms.Required(), forms.AtMost(200)],
        filters=[forms.filter_line],
        render_kw={"autocomplete": "off"},
    )

"""What a company sends to lay out on its booth."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import FileField, StringField

from miitti.foundation.forms import AtMost, Form, Required, filter_line


class MaterialForm(Form):
    """A file or a link, and what it is."""

    title = StringField(
        _l("What it is"),
        [Required(_l("Say in a few words what it is.")), AtMost(120)],
        description=_l("For example: The team at the laser cutter"),
        filters=[filter_line],
    )
    file = FileField(
        _l("Photo or PDF"),
        description=_l("PDF, JPEG, PNG or WebP, at most 1.5 MB. Where a photo was taken is removed from it."),
    )
    url = StringField(
        _l("Or a link"), [AtMost(500)], description=_l("For example: www.example.fi/summer-jobs"), filters=[filter_line]
    )

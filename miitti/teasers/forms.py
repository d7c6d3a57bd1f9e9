"""The reminder's form: an e-mail address and nothing else."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField

from miitti.foundation.forms import EmailAddress, Form, Required, filter_line


class ReminderForm(Form):
    """Where the letters go."""

    email = EmailField(
        _l("Your e-mail address"),
        [Required(_l("Write your e-mail address.")), EmailAddress()],
        filters=[filter_line],
    )

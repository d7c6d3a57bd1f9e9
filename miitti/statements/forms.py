"""What can be written below a statement."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, TextAreaField

from miitti.foundation import forms
from miitti.statements import states


class Feedback(forms.Form):
    """What does not work or is asked, and where the answer goes."""

    text = TextAreaField(
        _l("What do you want to tell or ask?"),
        [forms.Required(), forms.AtMost(states.TEXT_LENGTH)],
        filters=[forms.filter_text],
        render_kw={"rows": 6},
    )
    email = EmailField(
        _l("Your e-mail address"),
        [forms.AtMost(254), forms.EmailAddress()],
        filters=[forms.filter_line],
        render_kw={"autocomplete": "email"},
    )

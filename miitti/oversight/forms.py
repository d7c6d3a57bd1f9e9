"""What can be typed at the oversight pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField

from miitti.accounts import states as accounts
from miitti.foundation import forms


class FindPerson(forms.Form):
    """Whose data are asked for."""

    email = EmailField(
        _l("E-mail address"),
        [forms.Required(), forms.AtMost(accounts.EMAIL_LENGTH), forms.EmailAddress()],
        filters=[forms.filter_line],
        render_kw={"autocomplete": "off"},
    )

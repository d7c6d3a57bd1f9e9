"""What can be typed at the oversight pages."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from wtforms import DateField, EmailField
from wtforms.validators import Optional

from miitti.accounts import states as accounts
from miitti.foundation import clock, forms


class FindPerson(forms.Form):
    """Whose data are asked for."""

    email = EmailField(
        _l("E-mail address"),
        [forms.Required(), forms.AtMost(accounts.EMAIL_LENGTH), forms.EmailAddress()],
        filters=[forms.filter_line],
        render_kw={"autocomplete": "off"},
    )


class Filter(forms.Form):
    """Between which days, both included. A day that can't be read narrows nothing."""

    since = DateField(_l("From"), [Optional()])
    until = DateField(_l("Until"), [Optional()])

    def days(self) -> tuple[datetime | None, datetime | None]:
        """From midnight in Helsinki to the midnight after the last day; None where no day narrows."""
        first, last = self.since.data, self.until.data
        return (
            datetime.combine(first, time(), clock.HELSINKI) if first else None,
            datetime.combine(last, time(), clock.HELSINKI) + timedelta(days=1) if last and last.year < 9000 else None,
        )

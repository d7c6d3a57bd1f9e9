"""What can be typed at the oversight pages."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import wtforms
from flask_babel import lazy_gettext as _l
from wtforms import DateField, StringField
from wtforms.validators import Optional

from miitti.accounts import states as accounts
from miitti.foundation import clock, forms


def _reaches(form: wtforms.Form, field: wtforms.Field) -> None:
    """Refuse what is neither an e-mail address nor a number."""
    text = field.data or ""
    if accounts.clean_email(text) is None and not accounts.phone_digits(text):
        raise wtforms.ValidationError(str(_l("Write a whole e-mail address or a phone number.")))


class FindPerson(forms.Form):
    """Whose data are asked for."""

    email = StringField(
        _l("E-mail address or phone number"),
        [forms.Required(), forms.AtMost(accounts.EMAIL_LENGTH), _reaches],
        filters=[forms.filter_line],
        render_kw={"autocomplete": "off"},
    )

    @property
    def address(self) -> str:
        """What was typed, as rooms compare it: a clean e-mail address, or the number as it was written."""
        return accounts.clean_email(self.email.data or "") or self.email.data or ""


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

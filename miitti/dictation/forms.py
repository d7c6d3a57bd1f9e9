"""What is asked on the phone: each label is the question to read aloud."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.1
from wtforms.validators import Optional

from miitti.foundation.forms import AtMost, Form, Required, filter_line, filter_text
from miitti.vacancies.forms import LONGEST_TEXT, Money
from miitti.vacancies.states import PayUnit


class Dictation(Form):
    """A booth's words, and a job when one is told; the job needs its title and its pay."""

    sentence_fi = TextAreaField(
        _l("What does one do at your place, in one sentence?"),
        [Required(_l("Write one sentence about the work.")), AtMost(200)],
        filters=[filter_line],
    )
    text_fi = TextAreaField(_l("What else should people know of you?"), [AtMost(LONGEST_TEXT)], filters=[filter_text])
    municipality = StringField(_l("In which municipality is the work?"), [AtMost(100)], filters=[filter_line])
    shift_fi = StringField(_l("When does one work?"), [AtMost(100)], filters=[filter_line])
    start_fi = StringField(_l("When could one start?"), [AtMost(100)], filters=[filter_line])
    title_fi = StringField(_l("Whom are you looking for?"), [AtMost(120)], filters=[filter_line])
    pay_min = Money(_l("What do you pay at least, €?"), [Optional()])
    pay_max = Money(_l("What do you pay at most, €?"), [Optional()])
    pay_unit = RadioField(
        _l("Pay by"),
        choices=[SelectChoice(PayUnit.HOUR.value, _l("hour")), SelectChoice(PayUnit.MONTH.value, _l("month"))],
        default=PayUnit.HOUR.value,
    )

"""The form of a job ad: five fields, the pay range and, folded away, the other languages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DecimalField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.1
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import TextInput

from miitti.foundation.forms import AtMost, Form, Required, filter_line, filter_text
from miitti.vacancies.states import MOST_PLACES, PayUnit

LONGEST_TEXT = 4000
"""Characters of an ad's text: more is not read on a phone."""


class Money(DecimalField):
    """Euros as people type them: a comma or a point before the cents, spaces between thousands.

    A field of text, because a field of numbers shows nothing at all when its value has a comma.
    """

    widget = TextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; raises ValueError with a plain word when it is no number."""
        if valuelist:
            typed = "".join(valuelist[0].split()).replace(",", ".").removesuffix("€")
            try:
                super().process_formdata([typed] if typed else [])
            except ValueError as error:
                raise ValueError(_l("Write the pay as a number, for example 15,80.")) from error
            if self.data is not None and not self.data.is_finite():
                self.data = None
                raise ValueError(_l("Write the pay as a number, for example 15,80."))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:.2f}".replace(".", ",")


class VacancyForm(Form):
    """A job ad as its company writes it."""

    title_fi = StringField(
        _l("Job title, in Finnish"),
        [Required(_l("Give the job a title.")), AtMost(120)],
        filters=[filter_line],
    )
    text_fi = TextAreaField(
        _l("What one does, in Finnish"),
        [AtMost(LONGEST_TEXT)],
        description=_l("Plain text. Say what you teach, too: it brings people who did not know to look."),
        filters=[filter_text],
    )
    places = IntegerField(
        _l("How many people"),
        [
            InputRequired(_l("Give the number of people you want, at least one.")),
            NumberRange(1, MOST_PLACES, _l("Give the number of people you want, at least one.")),
        ],
        default=1,
    )
    pay_min = Money(_l("Pay from, €"), [InputRequired(_l("Give the lowest pay."))])
    pay_max = Money(_l("Pay to, €"), [InputRequired(_l("Give the highest pay; the same if there is no range."))])
    pay_unit = RadioField(
        _l("Pay by"),
        choices=[SelectChoice(PayUnit.HOUR.value, _l("hour")), SelectChoice(PayUnit.MONTH.value, _l("month"))],
        default=PayUnit.HOUR.value,
    )
    start_fi = StringField(
        _l("Starts, in Finnish"),
        [AtMost(100)],
        description=_l("For example: heti, toukokuusta"),
        filters=[filter_line],
    )
    title_sv = StringField(_l("Job title, in Swedish"), [AtMost(120)], filters=[filter_line])
    text_sv = TextAreaField(_l("What one does, in Swedish"), [AtMost(LONGEST_TEXT)], filters=[filter_text])
    start_sv = StringField(_l("Starts, in Swedish"), [AtMost(100)], filters=[filter_line])
    title_en = StringField(_l("Job title, in English"), [AtMost(120)], filters=[filter_line])
    text_en = TextAreaField(_l("What one does, in English"), [AtMost(LONGEST_TEXT)], filters=[filter_text])
    start_en = StringField(_l("Starts, in English"), [AtMost(100)], filters=[filter_line])

    COLUMNS = (
        "title_fi",
        "text_fi",
        "places",
        "pay_min",
        "pay_max",
        "pay_unit",
        "start_fi",
        "title_sv",
        "text_sv",
        "start_sv",
        "title_en",
        "text_en",
        "start_en",
    )
    """The fields that are columns of the ad."""

"""What can be typed when an event is made. Times are those of a clock on a Finnish wall."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms import TimeField as Clock
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.1
from wtforms.validators import NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from miitti.events.states import Attendance
from miitti.foundation import errors, language
from miitti.foundation.forms import AtMost, Form, Required, filter_line
from miitti.planning import states

WHICH = [
    SelectChoice("", _l("Choose")),
    SelectChoice("first", _l("the first, still in summer time")),
    SelectChoice("second", _l("the second, in winter time")),
]


def _moment(form: Form, day: date | None, name: str) -> datetime | None:
    """The moment a clock field and its "which one" mean; what is wrong stands beside them."""
    at: time | None = form[name].data
    if day is None or at is None:
        return None
    said = form[f"{name}_which"].data
    try:
        return states.moment(day, at, second=None if not said else said == "second")
    except states.NoSuchTime:
        wrong = _l("The clocks jump over this time that night: 3.00 to 3.59 does not come.")
        form[name].errors = [*form[name].errors, str(wrong)]
    except states.WhichOne:
        wrong = _l("The clocks strike this time twice that night. Which one do you mean?")
        form[f"{name}_which"].errors = [*form[f"{name}_which"].errors, str(wrong)]
    return None


class When(Form):
    """A day, and from when to when, over midnight too."""

    starts_on = DateField(_l("Day"), [Required(_l("Choose the day."))])
    starts = Clock(_l("Begins at"), [Required(_l("Give the time, for example 13:00."))])
    starts_which = SelectField(_l("Which one, at the beginning?"), choices=WHICH, default="")
    ends = Clock(_l("Ends at"), [Required(_l("Give the time, for example 15:00."))])
    ends_which = SelectField(_l("Which one, at the end?"), choices=WHICH, default="")
    overnight = BooleanField(_l("It ends on the next day"))

    @staticmethod
    def of(starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
        """What the fields show for two moments."""
        day, starts, second = states.wall(starts_at)
        last, ends, second_end = states.wall(ends_at)
        which = {None: "", False: "first", True: "second"}
        return {
            "starts_on": day,
            "starts": starts,
            "starts_which": which[second],
            "ends": ends,
            "ends_which": which[second_end],
            "overnight": last > day,
        }

    def moments(self) -> tuple[datetime, datetime]:
        """Both moments (aware UTC). Raises Invalid, with the fields told."""
        day = self.starts_on.data
        starts_at = _moment(self, day, "starts")
        last = day + timedelta(days=1) if day and self.overnight.data else day
        ends_at = _moment(self, last, "ends")
        if starts_at is None or ends_at is None:
            raise errors.Invalid(fields={name: list(said) for name, said in self.errors.items() if name})
        if ends_at <= starts_at:
            raise errors.Invalid(
                _l("The end must come after the start. Does it end on the next day? Tick that."), field="ends"
            )
        return starts_at, ends_at


class Begin(When):
    """Three things make a draft: a name, a time, and what to begin from."""

    title = StringField(
        _l("Name of the event, in Finnish"),
        [Required(_l("Give the event a name in Finnish.")), AtMost(200)],
        filters=[filter_line],
    )
    base = SelectField(_l("Begin from"), default="")
    with_booths = BooleanField(_l("Take the companies and their booths along"))


class Boxes(SelectMultipleField):
    """Several ticks."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Words(Form):
    """What the event is, for whom, where; in three languages."""

    title_fi = StringField(
        _l("Name, in Finnish"),
        [Required(_l("Give the event a name in Finnish.")), AtMost(200)],
        filters=[filter_line],
    )
    lead_fi = TextAreaField(
        _l("Why to come, in Finnish"),
        [AtMost(600)],
        description=_l("One or two sentences. They stand in the letters, on the poster and when the page is shared."),
        filters=[filter_line],
    )
    attendance = SelectField(
        _l("How one takes part"),
        choices=[
            SelectChoice(Attendance.ONLINE.value, _l("Online")),
            SelectChoice(Attendance.ONSITE.value, _l("On site")),
            SelectChoice(Attendance.BOTH.value, _l("Online and on site")),
        ],
    )
    address = StringField(
        _l("Street address and town"),
        [AtMost(200)],
        description=_l("Needed when people come on site."),
        filters=[filter_line],
    )
    place_fi = StringField(
        _l("Where, in words, in Finnish"),
        [AtMost(200)],
        description=_l("If you leave it empty, the page says: Online, on your own phone. No accounts, no apps."),
        filters=[filter_line],
    )
    languages = Boxes(
        _l("Spoken languages"), choices=[SelectChoice(code, name) for code, name in language.NAMES.items()]
    )
    title_sv = StringField(_l("Name, in Swedish"), [AtMost(200)], filters=[filter_line])
    lead_sv = TextAreaField(_l("Why to come, in Swedish"), [AtMost(600)], filters=[filter_line])
    place_sv = StringField(_l("Where, in words, in Swedish"), [AtMost(200)], filters=[filter_line])
    title_en = StringField(_l("Name, in English"), [AtMost(200)], filters=[filter_line])
    lead_en = TextAreaField(_l("Why to come, in English"), [AtMost(600)], filters=[filter_line])
    place_en = StringField(_l("Where, in words, in English"), [AtMost(200)], filters=[filter_line])

    def texts(self) -> dict[str, str]:
        """The columns as typed."""
        return {name: self[name].data or "" for name in self._fields if name not in ("attendance", "languages")}


class Item(Form):
    """One line of the programme."""

    title_fi = StringField(
        _l("What, in Finnish"), [Required(_l("Give the item a name in Finnish.")), AtMost(200)], filters=[filter_line]
    )
    starts = Clock(_l("Begins at"), [Required(_l("Give the time, for example 13:00."))])
    starts_which = SelectField(_l("Which one, at the beginning?"), choices=WHICH, default="")
    minutes = IntegerField(
        _l("Minutes"), [NumberRange(1, 1440, _l("Give the length in minutes, at least one."))], default=15
    )
    day = SelectField(_l("Day"))
    organisation = SelectField(_l("Whose turn"), default="")
    speakers = StringField(_l("Who speaks"), [AtMost(200)], filters=[filter_line])
    title_sv = StringField(_l("What, in Swedish"), [AtMost(200)], filters=[filter_line])
    title_en = StringField(_l("What, in English"), [AtMost(200)], filters=[filter_line])

    def values(self) -> dict[str, Any]:
        """What the actions take. Raises Invalid, with the fields told."""
        self.check()
        starts_at = _moment(self, date.fromisoformat(self.day.data), "starts")
        if starts_at is None:
            raise errors.Invalid(fields={name: list(said) for name, said in self.errors.items() if name})
        return {
            "starts_at": starts_at,
            "minutes": self.minutes.data,
            "organisation_id": int(self.organisation.data) if self.organisation.data else None,
            "speakers": self.speakers.data or "",
            **{name: self[name].data or "" for name in ("title_fi", "title_sv", "title_en")},
        }


class CallOff(Form):
    """Why an event is called off."""

    reason_fi = TextAreaField(
        _l("Why, and what comes instead, in Finnish"),
        [Required(_l("Say why, in a sentence: it is what people read.")), AtMost(600)],
        filters=[filter_line],
    )
    reason_sv = TextAreaField(_l("The same in Swedish"), [AtMost(600)], filters=[filter_line])
    reason_en = TextAreaField(_l("The same in English"), [AtMost(600)], filters=[filter_line])

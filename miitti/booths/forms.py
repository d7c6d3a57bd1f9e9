"""The form a company describes its booth with."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, StringField, TextAreaField

from miitti.foundation.forms import AtMost, EmailAddress, Form, Required, filter_line, filter_text

LONGEST_TEXT = 4000
"""Characters of a booth's text: about two screens on a phone, as much as anybody reads."""

LONGEST_PEOPLE = 1000
"""Characters of the list of people: a dozen of them."""


class BoothForm(Form):
    """Texts of a booth in three languages. Finnish is needed for the sentence; the others fall back to it."""

    name = StringField(
        _l("Name of the booth"), [Required(_l("Give the booth a name.")), AtMost(200)], filters=[filter_line]
    )
    sentence_fi = StringField(
        _l("The work in one sentence, in Finnish"),
        [Required(_l("Write one sentence about the work.")), AtMost(200)],
        description=_l("Say what one does there and what is good about it. It stands on your card in the hall."),
        filters=[filter_line],
    )
    text_fi = TextAreaField(
        _l("More about you, in Finnish"),
        [AtMost(LONGEST_TEXT)],
        description=_l("Plain text; an empty line begins a new paragraph."),
        filters=[filter_text],
    )
    municipality = StringField(_l("Municipality"), [AtMost(100)], filters=[filter_line])
    shift_fi = StringField(
        _l("Working hours, in Finnish"),
        [AtMost(100)],
        description=_l("For example: Päivävuoro 7–15.30"),
        filters=[filter_line],
    )
    start_fi = StringField(
        _l("When one can start, in Finnish"),
        [AtMost(100)],
        description=_l("For example: heti"),
        filters=[filter_line],
    )
    people = TextAreaField(
        _l("Who is there to meet"),
        [AtMost(LONGEST_PEOPLE)],
        description=_l("One person a line: name, comma, what she does. For example: Aino Harju, työnjohtaja"),
        filters=[filter_text],
    )
    contact_email = EmailField(
        _l("E-mail address for contacts"),
        [EmailAddress()],
        description=_l("People who leave their details are sent here. Visitors never see it."),
        filters=[filter_line],
    )
    sentence_sv = StringField(_l("The work in one sentence, in Swedish"), [AtMost(200)], filters=[filter_line])
    text_sv = TextAreaField(_l("More about you, in Swedish"), [AtMost(LONGEST_TEXT)], filters=[filter_text])
    shift_sv = StringField(_l("Working hours, in Swedish"), [AtMost(100)], filters=[filter_line])
    start_sv = StringField(_l("When one can start, in Swedish"), [AtMost(100)], filters=[filter_line])
    sentence_en = StringField(_l("The work in one sentence, in English"), [AtMost(200)], filters=[filter_line])
    text_en = TextAreaField(_l("More about you, in English"), [AtMost(LONGEST_TEXT)], filters=[filter_text])
    shift_en = StringField(_l("Working hours, in English"), [AtMost(100)], filters=[filter_line])
    start_en = StringField(_l("When one can start, in English"), [AtMost(100)], filters=[filter_line])

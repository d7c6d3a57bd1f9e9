"""What people send as forms: a question, a change of their own one, a vote, a report, an address."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import AnyOf, InputRequired

from miitti.foundation import forms
from miitti.questions import states


class AskForm(forms.Form):
    """A question asked without a script. Lengths are judged by the action, in letters as people count them."""

    cid = HiddenField()
    body = TextAreaField(_l("Your question"), filters=[forms.filter_line])
    name = StringField(_l("Your name"), filters=[forms.filter_line])
    to = StringField(_l("To whom"))


class OwnForm(forms.Form):
    """What somebody does to their own question, as it stood at `rev`: `op` is edit (to `body`) or withdraw."""

    cid = HiddenField()
    id = StringField(validators=[InputRequired()])
    rev = IntegerField(validators=[InputRequired()])
    op = StringField(validators=[AnyOf(("edit", "withdraw"))])
    body = TextAreaField(_l("Your question"), filters=[forms.filter_line])


class ReportForm(forms.Form):
    """A press of a report button: a question's id and the reason, with a colon between."""

    report = StringField(validators=[InputRequired()])


class VoteForm(forms.Form):
    """A press of a vote button: `vote` is the question's id; it turns the vote over."""

    vote = StringField(validators=[InputRequired()])


class AddressForm(forms.Form):
    """Where the answer to one's own question is to be sent."""

    id = HiddenField()
    email = StringField(_l("E-mail"), validators=[InputRequired()], filters=[forms.filter_line])


LONGEST_BODY = 64 * 1024
"""Bytes of a form with a question, at most: 500 of the longest graphemes stay well below."""

LONGEST = states.LONGEST

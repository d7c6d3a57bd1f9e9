"""What people send as forms: a question, a vote, an address."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired

from miitti.foundation import forms
from miitti.questions import states


class AskForm(forms.Form):
    """A question asked without a script. Lengths are judged by the action, in letters as people count them."""

    cid = HiddenField()
    body = TextAreaField(_l("Your question"), filters=[forms.filter_line])
    name = StringField(_l("Your name"), filters=[forms.filter_line])


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

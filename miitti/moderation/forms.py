"""What moderators send as forms."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired

from miitti.foundation import forms


class ModerateForm(forms.Form):
    """A moderator's press: what to do (`op`) to which question, as it stood at `rev`."""

    ch = StringField(default="stage")
    cid = HiddenField()
    id = StringField(validators=[InputRequired()])
    rev = IntegerField(validators=[InputRequired()])
    op = StringField(validators=[InputRequired()])
    reason = StringField()
    into = StringField()
    to = StringField()
    labels = StringField()
    reply = StringField()
    body = TextAreaField(_l("Written answer"), filters=[forms.filter_text])

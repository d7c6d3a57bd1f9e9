"""What moderators send as forms."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

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
    move_ch = StringField()
    """The channel to move to, by name; empty leaves it where it is."""
    shift = IntegerField(validators=[Optional()])
    """Seconds by which answering began later than it is written down (below 0: earlier)."""
    minutes = IntegerField(validators=[Optional()])
    """How long the asker may not ask."""
    body = TextAreaField(_l("Written answer"), filters=[forms.filter_text])


class AnswerForm(forms.Form):
    """A company's written answer to a question of the stage that was given to its booth."""

    cid = HiddenField()
    id = StringField(validators=[InputRequired()])
    rev = IntegerField(validators=[InputRequired()])
    booth = StringField(validators=[InputRequired()])
    body = TextAreaField(_l("Written answer"), filters=[forms.filter_text])

"""The form of a group that watches together: how many, and nothing else."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SubmitField
from wtforms.validators import NumberRange, Optional

from miitti.foundation.forms import Form
from miitti.presence.states import MOST_HEADS


class TogetherForm(Form):
    """How many people look at this screen."""

    heads = IntegerField(
        _l("How many of you are there?"),
        [Optional(), NumberRange(1, MOST_HEADS, _l("Write a number from 1 to %(most)d.", most=MOST_HEADS))],
    )
    alone = SubmitField(_l("We no longer watch together"))

"""What can be typed at the sign-in pages."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.1

from miitti.accounts import states
from miitti.foundation import forms, language


class AskForLink(forms.Form):
    """Asking for a sign-in letter. `next` is where to go afterwards, checked when it is used."""

    email = EmailField(
        _l("E-mail address"),
        [forms.Required(), forms.AtMost(states.EMAIL_LENGTH), forms.EmailAddress()],
        filters=[forms.filter_line],
        render_kw={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"},
    )
    next = HiddenField()


class UseLink(forms.Form):
    """The button of a sign-in address."""

    next = HiddenField()


class Introduce(forms.Form):
    """A person's own name and the language letters come in."""

    name = StringField(
        _l("Your name"),
        [forms.AtMost(states.NAME_LENGTH)],
        filters=[forms.filter_line],
        render_kw={"autocomplete": "name"},
    )
    language = SelectField(
        _l("Language of letters"), choices=[SelectChoice(code, language.NAMES[code]) for code in states.LANGUAGES]
    )

"""What can be typed on the pages of people and organisations; roles and organisations only out of lists."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.1

from miitti.accounts import states as accounts
from miitti.foundation import forms, language
from miitti.organisations.forms import KIND_NAMES
from miitti.people import states

ROLE_NAMES = {
    "company": _l("Company's person"),
    "cohost": _l("Co-host"),
    "presenter": _l("Presenter"),
    "moderator": _l("Moderator"),
    "organiser": _l("Organiser"),
    "admin": _l("Administrator of the installation"),
}
"""What a role is called on the pages."""


class Colleagues(forms.Form):
    """Addresses of a company's own people."""

    people = TextAreaField(
        _l("E-mail addresses"),
        [forms.Required(_l("Paste at least one e-mail address.")), forms.AtMost(states.LIST_LENGTH)],
        filters=[forms.filter_text],
        render_kw={"rows": 3, "spellcheck": "false", "autocapitalize": "off"},
    )
    language = SelectField(
        _l("Language of the letter"), choices=[SelectChoice(code, language.NAMES[code]) for code in accounts.LANGUAGES]
    )


class Invite(Colleagues):
    """A pasted list, what its people become, and where they work."""

    role = SelectField(_l("They come as"))
    organisation = SelectField(_l("Organisation"))


class AddHost(forms.Form):
    """One more organisation beside the hosts."""

    kind = SelectField(_l("Kind"), choices=[SelectChoice(kind.value, name) for kind, name in KIND_NAMES.items()])
    name = StringField(_l("Name"), [forms.Required(), forms.AtMost(accounts.NAME_LENGTH)], filters=[forms.filter_line])

"""What can be typed on the pages of people and organisations; roles and organisations only out of lists."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, EmailField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # stubs of 3.1
from wtforms.validators import Optional

from miitti.accounts import states as accounts
from miitti.foundation import forms, language
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

KIND_NAMES = {
    accounts.OrganisationKind.EMPLOYMENT_AREA: _l("Employment area (formerly TE office)"),
    accounts.OrganisationKind.MUNICIPALITY: _l("Municipality"),
    accounts.OrganisationKind.SCHOOL: _l("School"),
    accounts.OrganisationKind.COMPANY: _l("Company"),
    accounts.OrganisationKind.PROJECT: _l("Project"),
    accounts.OrganisationKind.ASSOCIATION: _l("Association"),
    accounts.OrganisationKind.AUTHORITY: _l("Authority"),
}
"""What a kind of organisation is called on the pages."""


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


class Describe(forms.Form):
    """An organisation's names and how it is reached."""

    name_fi = StringField(
        _l("Name in Finnish"), [forms.Required(), forms.AtMost(accounts.NAME_LENGTH)], filters=[forms.filter_line]
    )
    name_sv = StringField(_l("Name in Swedish"), [forms.AtMost(accounts.NAME_LENGTH)], filters=[forms.filter_line])
    name_en = StringField(_l("Name in English"), [forms.AtMost(accounts.NAME_LENGTH)], filters=[forms.filter_line])
    business_id = StringField(
        _l("Business ID"), [forms.AtMost(9)], filters=[forms.filter_line], render_kw={"placeholder": "1234567-1"}
    )
    municipality = StringField(
        _l("Municipality"), [forms.AtMost(80)], filters=[forms.filter_line], render_kw={"list": "municipalities"}
    )
    contact_email = EmailField(
        _l("E-mail address"), [forms.AtMost(accounts.EMAIL_LENGTH), forms.EmailAddress()], filters=[forms.filter_line]
    )
    contact_phone = TelField(_l("Phone number"), [forms.AtMost(40)], filters=[forms.filter_line])
    valid_from = DateField(_l("Takes part from"), [Optional()])
    valid_to = DateField(_l("Takes part until"), [Optional()])

"""What can be typed about an organisation."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, EmailField, StringField, TelField
from wtforms.validators import Optional

from miitti.accounts import states as accounts
from miitti.foundation import forms

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

"""The form an applicant fills. What may stand in it is judged by the action; here it is read and kept."""

import re
from collections.abc import Iterable, Mapping

import wtforms
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.form import BaseForm
from wtforms.widgets import CheckboxInput, ListWidget

from miitti.foundation import forms, ids, settings
from miitti.foundation.language import pick
from miitti.intake import states as intake_states
from miitti.intake.models import Prompt
from miitti.leads import states
from miitti.vacancies.models import Vacancy

PROMPT = "prompt_"
_KEY = re.compile(r"[A-Za-z0-9_\-.:]{8,80}")


def new_key() -> str:
    """A fresh key for a form given out."""
    return ids.new("f_")


class MultiCheckField(wtforms.SelectMultipleField):
    """Several choices as check boxes; what is not a number is passed over, the action judges the rest."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the numbers among what was sent."""
        self.data = [int(v) for v in valuelist if v.isascii() and v.isdigit() and len(v) < 10]

    def pre_validate(self, form: BaseForm) -> None:
        """Leave judging to the action."""


class LeadForm(forms.Form):
    """Name, a way to be reached, a message, and the jobs it is about."""

    form_key = wtforms.HiddenField(id="lead-key")
    source = wtforms.HiddenField(id="lead-source")
    name = wtforms.StringField(
        _l("Name"), id="lead-name", render_kw={"autocomplete": "name", "maxlength": states.NAME_LENGTH}
    )
    phone = wtforms.TelField(
        _l("Phone"), id="lead-phone", render_kw={"autocomplete": "tel", "maxlength": states.PHONE_LENGTH}
    )
    email = wtforms.EmailField(
        _l("E-mail"),
        id="lead-email",
        render_kw={"autocomplete": "email", "maxlength": states.EMAIL_LENGTH, "inputmode": "email"},
    )
    vacancy = MultiCheckField(_l("Which job?"), id="lead-vacancy", coerce=int)
    message = wtforms.TextAreaField(
        _l("Message"),
        id="lead-message",
        render_kw={"maxlength": states.MESSAGE_LENGTH, "rows": 3, "autocomplete": "off"},
    )
    cv = wtforms.FileField(
        _l("CV"), id="lead-cv", render_kw={"accept": ".pdf,.docx,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"}
    )
    keep = wtforms.BooleanField(id="lead-keep")
    adviser = wtforms.BooleanField(
        _l("An adviser of the employment area may get in touch with me, too"), id="lead-adviser"
    )
    website = wtforms.StringField(
        _l("Leave this empty"), id="lead-website", render_kw={"autocomplete": "off", "tabindex": "-1"}
    )
    """A trap: people don't see it, simple robots fill it."""

    def offer(self, vacancies: list[Vacancy]) -> None:
        """Offer these jobs to choose from, and say how long is meant by keeping."""
        months = settings.current().employer_months
        self.keep.label.text = _l("Keep my details for later jobs for %(num)d months", num=months)
        self.vacancy.choices = [SelectChoice(str(vacancy.id), pick(vacancy, "title")) for vacancy in vacancies]

    def prompts(self) -> list[wtforms.Field]:
        """The fields of the employer's own questions."""
        return [field for name, field in self._fields.items() if name.startswith(PROMPT)]

    def choices(self) -> list[str]:
        """The purposes that were ticked."""
        return [purpose for purpose in states.CHOICES if self[purpose].data]

    def key(self) -> str:
        """The key this form was given out with; a fresh one when it has none that can be used."""
        sent = self.form_key.data or ""
        return sent if _KEY.fullmatch(sent) else new_key()

    def came_from(self) -> states.Source:
        """Where the form stood."""
        try:
            return states.Source(self.source.data or states.Source.BOOTH)
        except ValueError:
            return states.Source.BOOTH


def answers(sent: Mapping[str, str]) -> dict[int, str]:
    """What was answered, by prompt; empty answers and odd names are left out."""
    found = {name.removeprefix(PROMPT): text for name, text in sent.items() if name.startswith(PROMPT)}
    return {int(n): text for n, text in found.items() if text.strip() and n.isascii() and n.isdigit() and len(n) < 10}


def with_prompts(prompts: Iterable[Prompt]) -> type[LeadForm]:
    """The form of a booth: with the employer's own questions as fields `prompt_<number>`."""
    fields = {
        f"{PROMPT}{prompt.id}": wtforms.TextAreaField(
            pick(prompt, "text"),
            id=f"lead-prompt-{prompt.id}",
            render_kw={"maxlength": intake_states.ANSWER_LENGTH, "rows": 2, "autocomplete": "off"},
        )
        for prompt in prompts
    }
    return type("BoothForm", (LeadForm,), fields)

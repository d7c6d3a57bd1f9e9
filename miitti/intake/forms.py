"""The form in which an employer decides about its contacts."""

from __future__ import annotations

import wtforms
from flask_babel import lazy_gettext as _l

from miitti.foundation import forms
from miitti.intake import states
from miitti.intake.actions import LANGUAGES


class IntakeForm(forms.Form):
    """Further addresses, how a CV travels, the morning letter."""

    also = wtforms.TextAreaField(
        _l("Further e-mail addresses"), id="intake-also", render_kw={"rows": 3}, filters=[forms.filter_text]
    )
    cv_attached = wtforms.BooleanField(_l("Send CVs inside the letter"), id="intake-cv")
    digest = wtforms.BooleanField(_l("Send a letter each morning with a link to the contacts"), id="intake-digest")


def _texts() -> type[IntakeForm]:
    labels = {
        "fi": _l("Question in Finnish"),
        "sv": _l("Question in Swedish"),
        "en": _l("Question in English"),
    }
    privacy = {
        "fi": _l("Your words about privacy"),
        "sv": _l("Your words about privacy in Swedish"),
        "en": _l("Your words about privacy in English"),
    }
    fields: dict[str, wtforms.Field] = {
        f"prompt_{number}_{code}": wtforms.StringField(
            labels[code],
            id=f"prompt-{number}-{code}",
            render_kw={"maxlength": states.PROMPT_LENGTH, "autocomplete": "off"},
            filters=[forms.filter_line],
        )
        for number in range(states.MOST_PROMPTS)
        for code in LANGUAGES
    }
    words = {
        f"privacy_{code}": wtforms.TextAreaField(
            privacy[code],
            id=f"intake-privacy-{code}",
            render_kw={"rows": 3, "maxlength": states.PRIVACY_LENGTH},
            filters=[forms.filter_text],
        )
        for code in LANGUAGES
    }
    return type("PromptsForm", (IntakeForm,), {**words, **fields})


PromptsForm = _texts()
"""The whole form: with `privacy_<language>`, and `prompt_<number>_<language>` for the employer's own questions."""

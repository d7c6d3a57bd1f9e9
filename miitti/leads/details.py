"""What an applicant typed, cleaned and judged: everything wrong in it is said at once, beside the fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from miitti.accounts import states as accounts_states
from miitti.foundation import errors, papers
from miitti.intake import queries as intake
from miitti.intake import states as intake_states
from miitti.leads import states
from miitti.vacancies import queries as vacancies


@dataclass(frozen=True)
class Details:
    """What was typed, as it may be kept."""

    name: str
    email: str
    phone: str
    message: str
    vacancy_ids: frozenset[int]
    choices: frozenset[str] = frozenset()
    answers: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    """By prompt: the question as it reads, and the answer."""


@dataclass(frozen=True)
class Paper:
    """A CV that lies in the private folder already."""

    name: str
    title: str
    kind: papers.Kind
    size: int
    digest: str


@dataclass(frozen=True)
class Typed:
    """What was typed, as it came."""

    name: str = ""
    email: str = ""
    phone: str = ""
    message: str = ""
    vacancy_ids: Collection[int] = ()
    choices: Collection[str] = ()
    answers: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """A form on its way in: at which booth, which form of whose, what was typed and what came along."""

    booth_id: int
    form_key: str
    visitor: str
    typed: Typed
    paper: Paper | None = None
    source: states.Source = states.Source.BOOTH
    language: str = "fi"


def judged(booth_id: int, typed: Typed, language: str) -> Details:
    """Clean what was typed for one booth. Raises Invalid with everything that can't be used."""
    fields: dict[str, list[Any]] = {}
    name = accounts_states.clean_name(typed.name)
    if len(name) > states.NAME_LENGTH:
        fields["name"] = [_l("The name is too long.")]
    email, phone = _reachable(typed, fields)
    message = states.clean_message(typed.message)
    if len(message) > states.MESSAGE_LENGTH:
        said = _l(
            "The message is too long: %(length)s characters, at most %(most)s.",
            length=len(message),
            most=states.MESSAGE_LENGTH,
        )
        fields["message"] = [said]
    wanted = frozenset(typed.vacancy_ids)
    if wanted and wanted - {vacancy.id for vacancy in vacancies.of_booth(booth_id)}:
        fields["vacancy"] = [_l("One of the jobs is not open any more. Choose again.")]
    answered = _answered(booth_id, typed.answers, language, fields)
    if fields:
        raise errors.Invalid(fields=fields)
    return Details(name, email, phone, message, wanted, frozenset(typed.choices) & {*states.CHOICES}, answered)


def _reachable(typed: Typed, fields: dict[str, list[Any]]) -> tuple[str, str]:
    """(address, number), of which one at least must be there."""
    email, phone = typed.email.strip(), typed.phone.strip()
    address = accounts_states.clean_email(email) if email else ""
    if address is None:
        fields["email"] = [_l("This is not a whole e-mail address. It looks like name@example.fi.")]
    number = states.clean_phone(phone) if phone else ""
    if number is None:
        fields["phone"] = [_l("This does not look like a phone number. It looks like 040 123 4567.")]
    if not email and not phone:
        fields["phone"] = [_l("Give a phone number or an e-mail address, so that they can reach you.")]
    return address or "", number or ""


def _answered(
    booth_id: int, answers: Mapping[int, str], language: str, fields: dict[str, list[Any]]
) -> dict[int, tuple[str, str]]:
    """The answers to the questions the employer asks now; others are passed over."""
    if not answers:
        return {}
    answered: dict[int, tuple[str, str]] = {}
    for prompt in intake.prompts(booth_id):
        said = states.clean_message(answers.get(prompt.id, ""))
        if len(said) > intake_states.ANSWER_LENGTH:
            wrong = _l(
                "The answer is too long: %(length)s characters, at most %(most)s.",
                length=len(said),
                most=intake_states.ANSWER_LENGTH,
            )
            fields[f"prompt_{prompt.id}"] = [wrong]
        if said:
            answered[prompt.id] = (getattr(prompt, f"text_{language}", "") or prompt.text_fi, said)
    return answered

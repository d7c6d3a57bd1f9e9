"""The only place that changes rows of the intake room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from miitti.accounts import actions as accounts
from miitti.accounts import states as accounts_states
from miitti.booths.models import Booth
from miitti.foundation import db, errors
from miitti.intake import states
from miitti.intake.models import Intake, Prompt

LANGUAGES = ("fi", "sv", "en")


@db.writing
def set_up(
    *,
    booth_id: int,
    also: Sequence[str],
    cv_attached: bool,
    digest: bool,
    privacy: Mapping[str, str],
    texts: Sequence[Mapping[str, str]],
) -> None:
    """`decide` and `ask` together, all or nothing. Raises Invalid naming the fields of both."""
    fields: dict[str, list[Any]] = {}
    try:
        decide(booth_id=booth_id, also=also, cv_attached=cv_attached, digest=digest, privacy=privacy)
    except errors.Invalid as problem:
        fields |= problem.fields
    try:
        ask(booth_id=booth_id, texts=texts)
    except errors.Invalid as problem:
        fields |= problem.fields
    if fields:
        raise errors.Invalid(fields=fields)


@db.writing
def decide(
    *,
    booth_id: int,
    also: Sequence[str] = (),
    cv_attached: bool = False,
    digest: bool = False,
    privacy: Mapping[str, str] | None = None,
) -> None:
    """Set how a booth's contacts travel on; `privacy` holds a text by language. Raises Invalid naming the field."""
    booth = db.row(Booth, booth_id)
    addresses = list(dict.fromkeys(accounts_states.clean_email(line) or line for line in also if line.strip()))
    fields: dict[str, list[Any]] = {}
    wrong = next((line for line in addresses if accounts_states.clean_email(line) is None), None)
    if wrong is not None:
        fields["also"] = [_l("This is not a whole e-mail address. It looks like name@example.fi.")]
    elif len(addresses) > states.MOST_ADDRESSES:
        fields["also"] = [_l("At most %(most)s further addresses.", most=states.MOST_ADDRESSES)]
    words = {code: (privacy or {}).get(code, "").strip() for code in LANGUAGES}
    for code, text in words.items():
        if len(text) > states.PRIVACY_LENGTH:
            fields[f"privacy_{code}"] = [_l("The text is too long.")]
    if not words["fi"] and any(words.values()):
        fields["privacy_fi"] = [_l("The Finnish text is needed: others fall back to it.")]
    if fields:
        raise errors.Invalid(fields=fields)
    row = db.session().get(Intake, booth_id)
    if row is None:
        row = Intake(booth_id=booth_id, also=[], cv_attached=False, digest=False)
        db.session().add(row)
    before = _decided(row)
    row.also, row.cv_attached, row.digest = addresses, cv_attached, digest
    row.privacy_fi, row.privacy_sv, row.privacy_en = (words[code] for code in LANGUAGES)
    _note(booth, "decide_intake", before, _decided(row))


@db.writing
def ask(*, booth_id: int, texts: Sequence[Mapping[str, str]]) -> None:
    """Set the booth's own questions, each with its text by language; those without a Finnish text are left out.

    A question that stays as it was keeps its row, so that forms open just now still fit. Raises Invalid with the
    reason when one of them may not be asked; the field is `prompt_<number from 0>_<language>`.
    """
    booth = db.row(Booth, booth_id)
    fields: dict[str, list[Any]] = {}
    wanted = []
    for number, given in enumerate(texts):
        text = {code: " ".join(given.get(code, "").split()) for code in LANGUAGES}
        for code in LANGUAGES:
            name = f"prompt_{number}_{code}"
            ground = states.forbidden(text[code])
            if ground is not None:
                fields[name] = [states.WHY[ground]]
            elif len(text[code]) > states.PROMPT_LENGTH:
                fields[name] = [_l("The text is too long.")]
        if not text["fi"] and any(text.values()):
            fields[f"prompt_{number}_fi"] = [_l("The Finnish text is needed: others fall back to it.")]
        if text["fi"]:
            wanted.append(text)
    if len(wanted) > states.MOST_PROMPTS:
        raise errors.Invalid(_l("At most three questions of your own."))
    if fields:
        raise errors.Invalid(fields=fields)
    session = db.session()
    known = {
        (row.text_fi, row.text_sv, row.text_en): row
        for row in session.scalars(select(Prompt).where(Prompt.booth_id == booth_id))
    }
    before = [text_fi for text_fi, _sv, _en in known]
    kept = []
    for position, text in enumerate(wanted):
        row = known.get((text["fi"], text["sv"], text["en"]))
        if row is None:
            row = Prompt(booth_id=booth_id, text_fi=text["fi"], text_sv=text["sv"], text_en=text["en"])
            session.add(row)
        row.position = position
        session.flush()
        kept.append(row.id)
    session.execute(delete(Prompt).where(Prompt.booth_id == booth_id, Prompt.id.not_in(kept)))
    _note(booth, "ask_in_form", {"questions": before}, {"questions": [text["fi"] for text in wanted]})


@db.writing
def forget_also(*, booth_id: int, email: str) -> None:
    """Erase one of the further addresses, because its person asked."""
    row = db.row(Intake, booth_id)
    row.also = [address for address in row.also if address != email.lower()]


def _decided(row: Intake) -> dict[str, Any]:
    # how many addresses, not which: who reads the audit need not know where the company's contacts go
    return {
        "addresses": len(row.also),
        "cv_attached": row.cv_attached,
        "digest": row.digest,
        **{f"privacy_{code}": getattr(row, f"privacy_{code}") or "" for code in LANGUAGES},
    }


def _note(booth: Booth, verb: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    if before != after:
        accounts.note(
            verb=verb,
            object_kind="intake",
            object_id=booth.id,
            organisation_id=booth.organisation_id,
            event_id=booth.event_id,
            before=before,
            after=after,
        )

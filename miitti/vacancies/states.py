"""Words and limits of a job ad."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from flask_babel import lazy_gettext as _l


class PayUnit(StrEnum):
    """What the pay range is paid for."""

    HOUR = "hour"
    MONTH = "month"


PAY_LIMITS = {
    PayUnit.HOUR: (Decimal("1.00"), Decimal("200.00")),
    PayUnit.MONTH: (Decimal("100.00"), Decimal("30000.00")),
}
"""Euros, both ends included: wide enough for any real job, narrow enough to catch a monthly pay typed as an
hourly one."""

MOST_PLACES = 500
"""More people than any employer of these municipalities has hired at once; above it is a typing slip."""


class Doubt(StrEnum):
    """What in an ad keeps good people away, or may not be demanded at all."""

    GENDER = "gender"
    AGE = "age"
    HEALTH = "health"
    FAMILY = "family"
    ORIGIN = "origin"
    BELIEF = "belief"
    MILITARY = "military"
    RECORD = "record"


WHY: Final[dict[Doubt, Any]] = {
    Doubt.GENDER: _l("Names one gender. An ad is for everybody (act 609/1986, section 14). Use a neutral title."),
    Doubt.AGE: _l("Age may not be demanded (act 1325/2014, section 17). Say what one has to be able to do."),
    Doubt.HEALTH: _l("Health may not be demanded in general. Say what the work is like: lifting, standing, noise."),
    Doubt.FAMILY: _l("Family is private. Say what the shifts are; each judges for oneself."),
    Doubt.ORIGIN: _l("Origin and mother tongue may not be demanded. Say how much of which language the work needs."),
    Doubt.BELIEF: _l("Belief, opinion and trade union are private."),
    Doubt.MILITARY: _l("Military service shuts people out and is seldom needed for the work."),
    Doubt.RECORD: _l("Credit and crimes may be looked into only where the law says so, when hiring, not in the ad."),
}
"""Why, and what to write instead, for the one who writes the ad."""

_DOUBTFUL: Final[dict[Doubt, str]] = {
    # "-mies" ends surnames, and titles nobody replaces yet; these are the ones with a plain neutral word beside them
    Doubt.GENDER: r"\b(?:\w*(?:korjaus|huolto|toimi|sähkö|varasto|putki|talon|rakennus|auto|laki|myynti|luotto)mies"
    r"|\w*(?:emäntä|siivoojatar|myyjätär|tarjoilijatar|johtajatar)|sairaanhoitajatar|tyttö\w*|poika|poikia"
    r"|miespuoli\w+|naispuoli\w+|\w+(?:karl|flicka|kvinna)\b|(?:sales|handy|fore|repair|crafts)m[ae]n|waitress"
    r"|barmaid|cleaning lady)",
    Doubt.AGE: r"\b(?:nuor(?:i|ta|ia|ehko|ehkoa|ekas|ekasta)\b|(?:alle|yli|enintään|vähintään) \d\d[- ]?vuotia\w*"
    r"|unga?\b|(?:under|över) \d\d år|young\b|(?:under|over) \d\d years)",
    Doubt.HEALTH: r"\b(?:tervettä|terve\b|perusterve\w*|hyväkuntoi\w*|vammaton\w*|fullt frisk"
    r"|(?:in )?good health|healthy (?:person|applicant|candidate)|physically fit)",
    Doubt.FAMILY: r"\b(?:perheetö\w*|lapseto\w*|sinkku\w*|naimat\w*|barnlös\w*|ogift\w*|childless|unmarried)",
    Doubt.ORIGIN: r"\b(?:suomalais(?:ta|ia) (?:työntekij|hakij|osaaj)\w*|syntyperäi\w*|kantasuomalai\w*|äidinkiel\w*"
    r"|kansalaisuu\w*|modersmål\w*|infödd\w*|medborgarskap|native speaker\w*|mother tongue|citizenship)",
    Doubt.BELIEF: r"\b(?:uskovai\w*|kristillinen vakaumus|järjestäytymätö\w*|oorganiserad\w*|non-union)",
    Doubt.MILITARY: r"\b(?:varusmies\w*|asevelvolli\w*|asepalvelu\w*|armeija\w*|värnplikt\w*|military service)",
    Doubt.RECORD: r"\b(?:luottotie\w*|rikosrekisteri\w*|nuhteeto\w*|kreditupplysning\w*|ostraffad"
    r"|clean criminal record|credit check)",
}
_PATTERNS: Final = {doubt: re.compile(words, re.IGNORECASE) for doubt, words in _DOUBTFUL.items()}


def doubts(*texts: str) -> list[tuple[Doubt, str]]:
    """What to think of again in an ad's texts: each kind once, with the words that woke it, as written."""
    flat = " \n ".join(" ".join(text.split()) for text in texts)
    found = ((doubt, pattern.search(flat)) for doubt, pattern in _PATTERNS.items())
    return [(doubt, match[0]) for doubt, match in found if match]

"""Words and pure rules of the intake room: what an employer may ask, and what it may not.

Act 759/2004 on the protection of privacy in working life, section 3: only data directly necessary for the job may be
asked, and the applicant's consent doesn't change that. The Non-Discrimination Act 1325/2014 (section 8) and the
Equality Act 609/1986 (section 7) forbid asking what one may not decide by. The check knows the usual words in three
languages; it can't know every way of asking, so the explanation also stands above the fields.
"""

import re
from enum import StrEnum
from typing import Any, Final

from flask_babel import lazy_gettext as _l

MOST_PROMPTS: Final = 3
PROMPT_LENGTH: Final = 160
ANSWER_LENGTH: Final = 500
MOST_ADDRESSES: Final = 5
PRIVACY_LENGTH: Final = 1000


class Ground(StrEnum):
    """What a question must not be about."""

    IDENTITY = "identity"
    AGE = "age"
    HEALTH = "health"
    FAMILY = "family"
    RELIGION = "religion"
    UNION = "union"
    POLITICS = "politics"
    ORIGIN = "origin"
    SEXUALITY = "sexuality"
    CRIME = "crime"
    MONEY = "money"
    PAY = "pay"
    PICTURE = "picture"
    MILITARY = "military"


WHY: Final[dict[Ground, Any]] = {
    Ground.IDENTITY: _l("An identity code is asked only when the contract is made."),
    Ground.AGE: _l("Age and date of birth are not needed to judge an applicant. Ask whether a permit or card is held."),
    Ground.HEALTH: _l("Health, illness, disability and pregnancy may not be asked of an applicant."),
    Ground.FAMILY: _l("Family, children and marriage are private, whatever the shifts are. Tell the shifts instead."),
    Ground.RELIGION: _l("Religion and belief may not be asked."),
    Ground.UNION: _l("Membership of a trade union may not be asked."),
    Ground.POLITICS: _l("Political opinion may not be asked."),
    Ground.ORIGIN: _l("Origin and nationality may not be asked. A right to work in Finland is checked when hiring."),
    Ground.SEXUALITY: _l("Gender and sexual orientation may not be asked."),
    Ground.CRIME: _l("Crimes may not be asked here. Where the law demands an extract, it is shown when hiring."),
    Ground.MONEY: _l("Credit and debts may be looked into only for the few jobs the law names, and not here."),
    Ground.PAY: _l("Present and earlier pay may not be asked. Tell what you pay, or ask for a wish."),
    Ground.PICTURE: _l("A picture of the applicant is not needed to judge an application."),
    Ground.MILITARY: _l("Military service is not needed to judge an application."),
}
"""Why a question of that kind is refused, for the one who wrote it."""

_WORDS: Final[dict[Ground, str]] = {
    Ground.IDENTITY: r"henkil(ö|o)tunnu|\bhetu\w*|sotu\b|personbeteckning|personnummer|identity (code|number)"
    r"|social security|personal id",
    Ground.AGE: r"\bik(ä|a)(si|nne|s)?\b|vuotia|syntym(ä|a)|syntynyt|\bålder|hur gammal|\bfödd|födelse|\bage\b"
    r"|how old|birth|\bborn\b",
    Ground.HEALTH: r"tervey|terve\b|terveenä|saira[usl]|sairas|vammai?|vamma\b|lääkity|lääkkei|diagnoos|raska(us|ana)"
    r"|päihtei|alkohol|tupako|hälsa|hälso|sjuk|handikapp|funktions(ned|hind)|gravid|medicin|missbruk|\bhealth|illness"
    r"|disab|pregnan|medication|sick leave|disease|smok(e|ing)|alcohol",
    Ground.FAMILY: r"\bperhe|lapsia\b|lapse(si|nne)|lastenhoi(to|do)\w* järjest|naimisi|puoliso|avio|sinkku"
    r"|\bfamilj|(har|dina|egna) (du |ni )?barn|barnvakt|\bgift\b(?=.*\?|$)|sambo|ogift|make eller maka|\bfamily"
    r"|(your|have|any) (children|kids)|married|marital|spouse|single parent",
    Ground.RELIGION: r"uskon(to|no|non)|usko(t|tko)\b|kirkko|kirkon|seurakun|religi|kyrka|kyrko|församling|church"
    r"|\bfaith|belief",
    Ground.UNION: r"ammattiliit|liiton jäsen|liittoon|luottamusmie|järjestäyty|fackförbund|fackligt|facket|fackmedlem"
    r"|trade union|union member|member of (a|the) union|labou?r union",
    Ground.POLITICS: r"polii?tti|politi(ikka|ikasta)|puolue|äänestä|politisk|\bparti(et)?\b|röstar|political|vote for",
    Ground.ORIGIN: r"kansalaisuu|etni|syntyperä|alkuper|äidinkiel|rotu\b|maahanmuut|medborgarskap|etnisk|härkomst"
    r"|modersmål|hudfärg|nationalit|ethnic|\brace\b|mother tongue|native language|where are you from|citizenship",
    Ground.SEXUALITY: r"seksuaal|suuntautu|sukupuol|sexuell|läggning|\bkön\b|könsid|sexual|orientation|gender",
    Ground.CRIME: r"rikos|rikoks|rikollis|tuomio|tuomittu|vankila|brott|straffre|dömd|fängelse|criminal|crime"
    r"|convict|prison",
    Ground.MONEY: r"luottotie|velka|velko|ulosot|maksuhäiri|kreditupp|skuldsatt|skulder|utmätning|credit|debt",
    Ground.PAY: r"(nykyi|edelli|entis|aiem|tämänhetki)\w*\s+(\w+\s+)?\w*palk|palkkahistoria|palkka(si|nne) (nyt|nykyi)"
    r"|ansaitset (nyt|tällä)|(nuvarande|tidigare|förra|senaste) lön|lönehistor|tjänar du (nu|idag)"
    r"|(current|present|previous|last|earlier) (pay|salary|wage)|(pay|salary|wage) history|earn (now|today|currently)",
    Ground.PICTURE: r"valokuva|kuvasi\b|kuva itsestä|\bfoto|bild (av|på) dig|photo|picture of you",
    Ground.MILITARY: r"varusmie|armeija|asepalvelu|sivarin?|siviilipalvelu|värnplikt|armén|civiltjänst|military"
    r"|conscript",
}
_PATTERNS: Final = {ground: re.compile(words, re.IGNORECASE) for ground, words in _WORDS.items()}


def forbidden(text: str) -> Ground | None:
    """The first ground on which a question may not be asked, or None when nothing speaks against it."""
    flat = " ".join(text.split())
    return next((ground for ground, pattern in _PATTERNS.items() if pattern.search(flat)), None)

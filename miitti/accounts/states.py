"""Words and pure rules of the accounts room."""

import csv
import datetime
import enum
import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit


class OrganisationKind(enum.StrEnum):
    """What sort of body an organisation is; a co-host or a company is always one of these."""

    EMPLOYMENT_AREA = "employment_area"
    MUNICIPALITY = "municipality"
    SCHOOL = "school"
    COMPANY = "company"
    PROJECT = "project"
    ASSOCIATION = "association"
    AUTHORITY = "authority"


class LinkKind(enum.StrEnum):
    """Why a one-time address was given out; the kind decides how long it lives."""

    SIGN_IN = "sign_in"
    INVITATION = "invitation"


SIGN_IN_MINUTES = 15
"""How long an asked-for sign-in address works."""

INVITATION_MINUTES = 7 * 24 * 60
"""How long an invitation works."""

SESSION_DAYS = 30
"""How long one browser stays signed in, counted from the sign-in (not sliding)."""

ATTEMPT_MINUTES = 15
"""The window in which requests for a sign-in letter are counted."""

ATTEMPTS_PER_ADDRESS = 5
"""Letters one address may be sent in the window; enough for a lost letter, too few to annoy with."""

ATTEMPTS_PER_NETWORK = 40
"""Requests one network may make in the window; a whole office or school sits behind one address."""

NAME_LENGTH = 120
"""Longest name of a person or an organisation, in characters."""

EMAIL_LENGTH = 254
"""Longest e-mail address (RFC 5321 4.5.3.1.3, as read by erratum 1690)."""

LANGUAGES = ("fi", "sv", "en")
"""Languages a person can be written to in."""

# Deliberately looser than RFC 5322: the letter itself is the proof that an address works. What matters
# here is that nothing can break out of a mail header (no space, control, bracket, comma or quote).
_EMAIL = re.compile(r"[^@\s<>()\[\],;:\"\\]+@[^@\s<>()\[\],;:\"\\]+\.[^@\s<>()\[\],;:\"\\.]+")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_BUSINESS_ID = re.compile(r"([0-9]{7})-([0-9])")
# Weights of the check digit: Finnish Tax Administration, "Tarkistusmerkin laskenta" for the Business ID.
_BUSINESS_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)


def clean_email(text: str) -> str | None:
    """Give the address as it is stored (NFC, lower case, no spaces around), or None when it can't be one."""
    address = unicodedata.normalize("NFC", text).strip().lower()
    if len(address) > EMAIL_LENGTH or not _EMAIL.fullmatch(address):
        return None
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") for sign in address):
        return None
    local, _, domain = address.rpartition("@")
    if ".." in address or local.startswith(".") or local.endswith(".") or domain.startswith("."):
        return None
    return address


def phone_digits(text: str) -> str:
    """The digits two ways of writing one number have in common: +358 40 123 and 040-123 are the same.

    Empty for what is no number: other signs than digits, blanks and +-()/. or fewer than five digits.
    """
    if re.fullmatch(r"[0-9\s+\-()/.]+", text) is None:
        return ""
    digits = re.sub(r"^(\+|00)358\(?0?\)?", "0", re.sub(r"[\s\-/.]", "", text))
    digits = re.sub(r"[^0-9]", "", digits)
    return digits if len(digits) >= 5 else ""


def clean_name(text: str) -> str:
    """Give a name on one line: NFC, no control or direction-changing characters, single spaces."""
    kept = (
        " " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign
        for sign in unicodedata.normalize("NFC", text)
        if unicodedata.category(sign) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join("".join(kept).split())


def is_slug(text: str) -> bool:
    """Whether the text can stand in an address: lower-case a-z, digits and single hyphens, at most 80."""
    return len(text) <= 80 and _SLUG.fullmatch(text) is not None


def is_business_id(text: str) -> bool:
    """Whether the text is a Finnish Business ID (1234567-1) with a right check digit."""
    match = _BUSINESS_ID.fullmatch(text)
    if match is None:
        return False
    digits, check = match.groups()
    total = sum(int(digit) * weight for digit, weight in zip(digits, _BUSINESS_ID_WEIGHTS, strict=True))
    rest = total % 11
    # A remainder of 1 would need the check "10"; such numbers are never given out.
    return rest != 1 and int(check) == (0 if rest == 0 else 11 - rest)


def network_of(address: str | None) -> str:
    """Give the network an IP address is counted under: the IPv4 address itself, or the IPv6 /64."""
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        # One subscriber gets at least a /64 (RFC 6177), so counting single addresses would count nobody.
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def safe_next(target: str | None, fallback: str = "/desk") -> str:
    """Give a path on this site to go to after signing in, or the fallback.

    Only a plain path with query is let through: no host, no scheme, no backslash (browsers read it as a
    slash), no control characters (browsers drop them), and never back to the sign-in pages.
    """
    if not target or len(target) > 1000 or not target.startswith("/") or target.startswith("//"):
        return fallback
    if "\\" in target or any(unicodedata.category(sign)[0] == "C" for sign in target):
        return fallback
    try:
        parts = urlsplit(target)
    except ValueError:
        return fallback
    if parts.scheme or parts.netloc or parts.path.startswith("//"):
        return fallback
    if parts.path.split("/")[1] in ("sign-in", "sign-out"):
        return fallback
    return target


@dataclass(frozen=True, slots=True)
class Municipality:
    """A Finnish municipality. `valid_to` is its last day, `into` the code of the one it became part of."""

    code: str
    name_fi: str
    name_sv: str
    valid_to: datetime.date | None
    into: str | None


@cache
def all_municipalities() -> Mapping[str, Municipality]:
    """Every known municipality by its three-digit code, ended ones too.

    Statistics Finland's classification of municipalities 2026: 308, unchanged since Pertunmaa became part of
    Mäntyharju on 1.1.2025. Names are as that classification writes them in Finnish and Swedish.
    """
    with Path(__file__).with_name("municipalities.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Municipality(
                line["code"],
                line["name_fi"],
                line["name_sv"],
                datetime.date.fromisoformat(line["valid_to"]) if line["valid_to"] else None,
                line["into"] or None,
            )
            for line in csv.DictReader(file)
        ]
    return {row.code: row for row in rows}


def municipalities(at: datetime.date) -> list[Municipality]:
    """The municipalities of that day, by Finnish name (ä and ö last, as Finnish sorts)."""
    there = [row for row in all_municipalities().values() if row.valid_to is None or at <= row.valid_to]
    return sorted(there, key=lambda row: row.name_fi.lower().translate(_ALPHABET))


_ALPHABET = str.maketrans({"å": "{", "ä": "|", "ö": "}"})


def municipality(text: str, at: datetime.date) -> Municipality | None:
    """The municipality a name (Finnish or Swedish, any letter case) or code means on that day, or None.

    An ended one gives the one it became part of.
    """
    wanted = clean_name(text).casefold()
    for row in all_municipalities().values():
        if wanted in (row.code, row.name_fi.casefold(), row.name_sv.casefold()):
            while row.valid_to is not None and at > row.valid_to and row.into is not None:
                row = all_municipalities()[row.into]
            return row
    return None


# Looked for in this order: Edge and Opera also say Chrome, Chrome also says Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_MACHINES = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device(agent: str) -> str:
    """A few words by which a person knows a browser again ("Firefox, Windows"), or nothing."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    machine = next((name for mark, name in _MACHINES if mark in agent), "")
    return re.sub(r"^, |, $", "", f"{browser}, {machine}")

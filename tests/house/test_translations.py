"""Every word a reader may see is in all three languages, and every catalogue says only what is used."""

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from miitti.foundation import language
from miitti.foundation.settings import ROOT

KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2)}

TRANSLATED = [code for code in language.LANGUAGES if code != "en"]
"""English is what the program itself is written in."""

PLACEHOLDER = re.compile(r"%\((\w+)\)([sd])")

Ids = str | tuple[str, str]


@cache
def used() -> dict[Ids, str]:
    """Every message in the program and its templates, and where it stands first."""
    found: dict[Ids, str] = {}
    for path in sorted([*(ROOT / "miitti").rglob("*.py"), *(ROOT / "templates").rglob("*.*")]):
        where = path.relative_to(ROOT).as_posix()
        method: Any = "python" if path.suffix == ".py" else babel_extract
        options = {} if path.suffix == ".py" else {"silent": "false", "trimmed": "false"}
        for line, message, _comments, _context in extract(
            method, BytesIO(path.read_bytes()), keywords=KEYWORDS, options=options
        ):
            key = message if isinstance(message, str) else (message[0], message[1])
            if key and key != ("", ""):
                found.setdefault(key, f"{where}:{line}")
    return found


def catalogues(code: str) -> Iterator[tuple[str, Catalog]]:
    """The catalogues of a language, one a room, by file name."""
    for path in sorted((ROOT / "miitti/translations" / code).glob("*.po")):
        with path.open("rb") as file:
            yield path.name, read_po(file, locale=code)


def messages(code: str) -> Iterator[tuple[str, Message]]:
    """Every message of a language with the file it stands in; headers left out."""
    for name, catalogue in catalogues(code):
        yield from ((name, message) for message in catalogue if message.id)


def _key(message: Message) -> Ids:
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def test_extraction_finds_both_kinds_of_source() -> None:
    places = used().values()
    assert any(place.startswith("templates/") for place in places)
    assert any(place.startswith("miitti/") for place in places)


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_message_is_translated(code: str) -> None:
    there = {_key(message) for _name, message in messages(code)}
    # gettext finds a plural entry by its singular too
    there |= {key[0] for key in there if isinstance(key, tuple)}
    missing = [f"{where} {key!r}" for key, where in used().items() if key not in there]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_empty_fuzzy_or_unused(code: str) -> None:
    wanted = {key if isinstance(key, str) else key[0] for key in used()}
    wrong = []
    for name, message in messages(code):
        first = message.id if isinstance(message.id, str) else message.id[0]
        if not all(text.strip() for text in _strings(message)):
            wrong.append(f"{name}: {first!r} is empty")
        if message.fuzzy:
            wrong.append(f"{name}: {first!r} is fuzzy")
        if first not in wanted:
            wrong.append(f"{name}: {first!r} is used nowhere")
    for name, catalogue in catalogues(code):
        wrong += [f"{name}: {key!r} is obsolete" for key in catalogue.obsolete]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("code", TRANSLATED)
def test_placeholders_are_the_same(code: str) -> None:
    wrong = []
    for name, message in messages(code):
        ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        wanted = {hole for text in ids for hole in PLACEHOLDER.findall(text)}
        for text in _strings(message):
            holes = set(PLACEHOLDER.findall(text))
            # one form of a plural may say "one" in words
            right = holes == wanted if len(ids) == 1 else holes <= wanted
            if not right:
                wrong.append(f"{name}: {ids[0]!r} has {sorted(wanted)}, its translation {sorted(holes)}")
        if len(ids) > 1 and len(_strings(message)) != 2:
            wrong.append(f"{name}: {ids[0]!r} needs two forms")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_message_says_the_same_in_every_room(code: str) -> None:
    said: dict[Ids, tuple[str, tuple[str, ...]]] = {}
    wrong = []
    for name, message in messages(code):
        first, strings = said.setdefault(_key(message), (name, _strings(message)))
        if strings != _strings(message):
            wrong.append(f"{message.id!r}: {first} says {strings}, {name} says {_strings(message)}")
    assert not wrong, "\n".join(wrong)


def test_a_room_has_a_catalogue_in_each_language() -> None:
    folders = {code: {path.name for path in _files(code)} for code in TRANSLATED}
    assert folders["fi"] == folders["sv"]


def _files(code: str) -> list[Path]:
    return list((ROOT / "miitti/translations" / code).glob("*.po"))

"""Language: Finnish, Swedish and English; dates in words, always in Finland's time."""

import io
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_time
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, get_locale

from miitti.foundation import access, callers
from miitti.foundation.clock import HELSINKI

LANGUAGES = ("fi", "sv", "en")
NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
TRANSLATIONS = Path(__file__).parents[1] / "translations"
DOMAIN = "messages"

babel = Babel()


def plug(app: Flask) -> None:
    """Choose a language per request and give the templates their words for time."""
    compile_catalogues()
    babel.init_app(
        app,
        default_locale="fi",
        default_timezone="Europe/Helsinki",
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=select,
    )
    for fn in (day, hours, moment, clock_time, pick):
        app.jinja_env.filters[fn.__name__] = fn
        app.jinja_env.globals[fn.__name__] = fn
    app.jinja_env.add_extension("jinja2.ext.i18n")


def select() -> str:
    """The reader's language: asked for now, chosen before, the person's own, the browser's, Finnish."""
    caller = callers.now()
    if caller is not None:
        return caller.language(LANGUAGES, access.me().language) or "fi"
    if not has_request_context():
        return "fi"
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        if session.get("lang") != asked:
            session["lang"] = asked
        return asked
    chosen = session.get("lang")
    if chosen in LANGUAGES:
        return str(chosen)
    person = access.me().language
    if person in LANGUAGES:
        return str(person)
    return request.accept_languages.best_match(LANGUAGES, default="fi") or "fi"


def current() -> str:
    """The language of what is being written now."""
    return str(get_locale() or "fi")


def pick(row: Any, name: str) -> str:
    """The text `<name>_<language>` of a row in the reader's language, else in Finnish, English or Swedish."""
    for code in (current(), "fi", "en", "sv"):
        text = getattr(row, f"{name}_{code}", None)
        if text:
            return str(text)
    return ""


def local(at: datetime) -> datetime:
    """The moment on a Finnish clock."""
    return at.astimezone(HELSINKI)


def day(at: datetime, *, year: bool = False) -> str:
    """A day in words: "torstaina 8. huhtikuuta", "torsdag 8 april", "Thursday 8 April"."""
    form = {"fi": "EEEE d. MMMM", "sv": "EEEE d MMMM", "en": "EEEE d MMMM"}[current()]
    words = format_date(local(at), form + (" y" if year else ""), locale=current())
    # CLDR has the Finnish days in the case a date needs ("lauantaina"), all but this one
    return words.replace("sunnuntai ", "sunnuntaina ", 1) if current() == "fi" else words


def clock_time(at: datetime) -> str:
    """A time of day: "13.10" in Finnish and Swedish, "13:10" in English."""
    form = "H:mm" if current() == "en" else "H.mm"
    return format_time(local(at), form, locale=current(), tzinfo=HELSINKI)


def _short(at: datetime) -> str:
    text = clock_time(at)
    return text[:-3] if text.endswith(".00") else text


def hours(start: datetime, end: datetime) -> str:
    """From when to when: "klo 13–15", "kl. 13–15", "13:00–15:00"."""
    prefix = {"fi": "klo ", "sv": "kl. ", "en": ""}[current()]
    return f"{prefix}{_short(start)}–{_short(end)}"


def moment(at: datetime) -> str:
    """A moment, short: "to 8.4.2027 klo 13.00", "tors 8.4.2027 kl. 13.00", "Thu 8 Apr 2027, 13:00"."""
    where = local(at)
    if current() == "en":
        return format_date(where, "EEE d MMM y", locale="en") + f", {clock_time(at)}"
    weekday = format_date(where, "ccc", locale=current()).rstrip(".")
    word = "klo" if current() == "fi" else "kl."
    return f"{weekday} {where.day}.{where.month}.{where.year} {word} {clock_time(at)}"


def compile_catalogues() -> None:
    """Merge each language's catalogues, one a room, into the compiled one; nothing to do when it is newest."""
    for code in LANGUAGES:
        sources = sorted((TRANSLATIONS / code).glob("*.po"))
        target = TRANSLATIONS / code / "LC_MESSAGES" / f"{DOMAIN}.mo"
        if not sources or _newer(target, sources):
            continue
        merged = Catalog(locale=code, domain=DOMAIN)
        for source in sources:
            with source.open("rb") as file:
                for message in read_po(file, locale=code):
                    if message.id and message.string:
                        merged.add(message.id, message.string, context=message.context, flags=message.flags)
        buffer = io.BytesIO()
        write_mo(buffer, merged)
        target.parent.mkdir(exist_ok=True)
        beside = target.with_suffix(f".{os.getpid()}")
        beside.write_bytes(buffer.getvalue())
        beside.replace(target)


def _newer(target: Path, sources: list[Path]) -> bool:
    newest = max(path.stat().st_mtime_ns for path in [*sources, sources[0].parent])
    return target.exists() and target.stat().st_mtime_ns >= newest

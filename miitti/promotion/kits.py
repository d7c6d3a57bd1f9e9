"""What the pictures, papers and ready texts say, in the present language; plain values, good for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from miitti.booths import queries as booths
from miitti.booths import web as booths_web
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.web import address
from miitti.foundation import language, storage
from miitti.vacancies import queries as vacancies
from miitti.vacancies import web as vacancies_web
from miitti.vacancies.models import Vacancy
from miitti.videos import queries as videos
from miitti.videos.models import Video


def link(event: Event, via: str | None = None) -> str:
    """The event's address, with the partner's word that is counted."""
    return address(event) + (f"?via={via}" if via else "")


def bare(url: str) -> str:
    """An address as it is printed: without what nobody types."""
    return url.partition("://")[2].partition("?")[0]


def when(event: Event) -> str:
    """Day and hours in words, beginning with a capital."""
    words = f"{language.day(event.starts_at, year=True)} {language.hours(event.starts_at, event.ends_at)}"
    return words[:1].upper() + words[1:]


def where(event: Event) -> str:
    """The place in words."""
    return language.pick(event, "place") or str(_("Online, on your own phone. No accounts, no apps."))


def who_comes(event: Event) -> str:
    """How many companies with how many jobs; "" before there is one."""
    number = len(booths.of_event(event.id))
    if not number:
        return ""
    jobs = vacancies.places_of_event(event.id)
    words = str(ngettext("%(num)d company", "%(num)d companies", number))
    return f"{words}, {vacancies_web.places(jobs)}" if jobs else words


def hosts(event: Event) -> str:
    """The hosts' names on one line."""
    return " · ".join(language.pick(host, "name") for host in events.cohosts(event.id))


# -- pictures ------------------------------------------------------------------------------------------------


def of_event(event: Event, kind: str, *, via: str | None = None) -> dict[str, Any]:
    """What `images` is told of an event; `kind` is a word of `images.SIZES`."""
    films = videos.playable_of_event(event.id)
    return {
        "kind": kind,
        "chip": when(event),
        "title": language.pick(event, "title"),
        "lines": [line for line in (where(event), who_comes(event)) if line],
        "foot": bare(address(event)),
        "picture": _picture(films[0][0]) if films and kind != "slide" else None,
        "link": link(event, via),
    }


def of_booth(event: Event, booth: Booth, kind: str) -> dict[str, Any]:
    """What `images` is told of a company."""
    return {
        "kind": kind,
        "chip": when(event),
        "title": booth.name,
        "lines": [line for line in (language.pick(booth, "sentence"), _offer(booth)) if line],
        "foot": f"{language.pick(event, 'title')} · {bare(booths_web.address(event, booth))}",
        "picture": _picture_of(booth),
    }


def of_vacancy(vacancy: Vacancy, booth: Booth, kind: str) -> dict[str, Any]:
    """What `images` is told of a job."""
    by = ", ".join(part for part in (booth.name, booth.municipality) if part)
    more = [vacancies_web.places(vacancy.places), language.pick(vacancy, "start"), language.pick(booth, "shift")]
    return {
        "kind": kind,
        "chip": vacancies_web.pay(vacancy),
        "title": language.pick(vacancy, "title"),
        "lines": [by, " · ".join(part for part in more if part)],
        "foot": bare(vacancies_web.address(vacancy)),
        "picture": _picture_of(booth),
    }


def _offer(booth: Booth) -> str:
    total = vacancies.total(vacancies.of_booth(booth.id))
    parts = [booth.municipality]
    if total.ads:
        parts.append(vacancies_web.places(total.places))
    if total.pay:
        parts.append(vacancies_web.euros(*total.pay))
    return " · ".join(part for part in parts if part)


def _picture_of(booth: Booth) -> str | None:
    films = videos.seen_of_booth(booth.id)
    return _picture(films[0]) if films else None


def _picture(video: Video) -> str | None:
    """The path of a video's poster; None while there is none."""
    name = f"{video.poster}.jpg"
    return str(storage.place("videos", video.id, str(video.edition), name)) if videos.holds(video, name) else None


# -- papers --------------------------------------------------------------------------------------------------


def sheet(event: Event, kind: str, *, via: str | None = None) -> dict[str, Any]:
    """What `sheets` is told of an event; `kind` is poster or handout."""
    return {
        **of_event(event, kind, via=via),
        "language": language.current(),
        "head": str(_("How to join")),
        "steps": [
            str(_("Open the page with your phone's camera by this code.")),
            str(_("Watch and ask anything, without your name.")),
            str(_("Interested? Leave your number to the company.")),
        ],
        "hosts": hosts(event),
    }


# -- ready texts ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """One text to copy: `name` for scripts, `title` for the reader."""

    name: str
    title: str
    words: str


def texts(event: Event, via: str | None = None) -> list[Text]:
    """What can be sent to a newspaper, a school, social media and a library as it is."""
    told = {
        "title": language.pick(event, "title"),
        "when": f"{language.day(event.starts_at, year=True)} {language.hours(event.starts_at, event.ends_at)}",
        "who": who_comes(event),
        "hosts": hosts(event).replace(" · ", ", "),
        "names": ", ".join(booth.name for booth in booths.of_event(event.id)),
        "lead": language.pick(event, "lead"),
        "link": link(event, via),
    }
    return [
        Text("newspaper", str(_("For the newspaper")), _joined(_newspaper(told))),
        Text("school", str(_("For a school's message")), _joined(_school(told))),
        Text("social", str(_("For social media")), _joined(_social(told))),
    ]


def _newspaper(told: dict[str, str]) -> list[str]:
    return [
        str(_("%(title)s is held on %(when)s.", **told)),
        told["lead"],
        str(_("Taking part: %(names)s.", **told)) if told["names"] else "",
        str(_("Companies show what the work is like and answer questions live. No account and no app is needed.")),
        str(_("The page opens on any phone: %(link)s", **told)),
        str(_("Held by %(hosts)s.", **told)) if told["hosts"] else "",
    ]


def _school(told: dict[str, str]) -> list[str]:
    return [
        str(_("Hello! Summer job, first job, a place to train? %(title)s: %(when)s.", **told)),
        told["who"] + "." if told["who"] else "",
        str(_("A class can watch together. Questions can be asked without a name, pay included.")),
        str(_("Open the page and ask for a reminder: %(link)s", **told)),
    ]


def _social(told: dict[str, str]) -> list[str]:
    return [
        str(_("Work close to you: %(title)s, %(when)s.", **told)),
        told["who"] + "." if told["who"] else "",
        str(_("Watch, ask without your name, leave your number if you are interested.")),
        told["link"],
    ]


def _joined(parts: list[str]) -> str:
    return "\n\n".join(part for part in parts if part)


# -- where the materials are ---------------------------------------------------------------------------------


def materials(endpoint: str, **values: Any) -> dict[str, str]:
    """The addresses of the three share images behind an endpoint, by size."""
    return {size: url_for(endpoint, size=size, **values) for size in ("wide", "square", "story")}

"""Public edges of promotion: share images, papers, QR codes, the card for other sites, feeds, and what robots read."""

from __future__ import annotations

import io
from typing import Any

import segno
from flask import Blueprint, Flask, g, make_response, render_template, request, send_file, url_for
from flask_babel import gettext as _
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from werkzeug.wrappers import Response

from miitti.accounts import queries as accounts
from miitti.booths import queries as booths
from miitti.booths import web as booths_web
from miitti.booths.models import Booth
from miitti.events import queries as events
from miitti.events.models import Event
from miitti.events.web import address
from miitti.foundation import access, errors, language, limits, pages, prints, settings
from miitti.foundation.access import Role
from miitti.promotion import feeds, kits, states
from miitti.promotion.feeds import Entry
from miitti.teasers.states import partner
from miitti.vacancies import queries as vacancies
from miitti.vacancies import web as vacancies_web
from miitti.vacancies.models import Vacancy
from miitti.videos import queries as videos

blueprint = Blueprint("promotion", __name__)

IMAGES, SHEETS = "miitti.promotion.images", "miitti.promotion.sheets"


def plug(app: Flask) -> None:
    """Give each public page its picture for shares, and the lists of events and jobs their feeds."""
    pages.fill(app, "event.head", lambda **ctx: _picture(kits.materials("promotion.share", slug=ctx["event"].slug)))
    pages.fill(app, "booth.head", _booth_head)
    pages.fill(app, "vacancy.head", lambda **ctx: _picture(_shares_of_job(ctx["vacancy"])))
    pages.fill(app, "front.head", lambda **ctx: _feed("promotion.events", _("Miittis")))
    pages.fill(app, "jobs.head", lambda **ctx: _feed("promotion.jobs", _("Jobs")))


# -- what other sites and search engines read of a page ------------------------------------------------------


def _picture(shares: dict[str, str]) -> Markup:
    """The meta elements of a page's share image (ogp.me)."""
    return Markup(
        '<meta property="og:image" content="{}">\n<meta property="og:image:width" content="1200">\n'
        '<meta property="og:image:height" content="630">\n<meta name="twitter:card" content="summary_large_image">'
    ).format(pages.absolute(shares["wide"]) + f"&lang={language.current()}")


def _feed(endpoint: str, title: str) -> Markup:
    return Markup('<link rel="alternate" type="application/atom+xml" title="{}" href="{}">').format(
        title, url_for(endpoint)
    )


def _shares_of_job(vacancy: Vacancy) -> dict[str, str]:
    return kits.materials("promotion.share_job", vacancy_id=vacancy.id)


def _booth_head(**ctx: Any) -> Markup:
    event, booth = ctx["event"], ctx["booth"]
    head = _picture(kits.materials("promotion.share_booth", slug=event.slug, booth=booth.slug))
    films = [_video(event, booth, video) for video in videos.seen_of_booth(booth.id)]
    script = Markup('\n<script type="application/ld+json">{}</script>')
    return head + Markup("").join(script.format(htmlsafe_json_dumps(film)) for film in films)


def _video(event: Event, booth: Booth, video: Any) -> dict[str, Any]:
    """A video as schema.org VideoObject with the fields Google's video search requires."""
    picture = url_for("promotion.share_booth", slug=event.slug, booth=booth.slug)
    seconds = round(video.duration_s or 0)
    return {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": booth.name,
        "description": language.pick(booth, "sentence") or booth.name,
        "thumbnailUrl": [pages.absolute(picture)],
        "uploadDate": video.created_at.isoformat(),
        "duration": f"PT{seconds // 60}M{seconds % 60}S",
        "contentUrl": pages.absolute(url_for("videos.stream", video_id=video.id)),
        "url": booths_web.address(event, booth),
    }


# -- pictures and papers -------------------------------------------------------------------------------------


@blueprint.get("/miitti/<slug>/share.png")
@access.allow(Role.VISITOR)
def share(slug: str) -> Response:
    """The event's share image; `size` is wide, square or story."""
    event = events.seen(slug, access.me())
    return _drawn(IMAGES, kits.of_event(event, _size()), "png")


@blueprint.get("/miitti/<slug>/booths/<booth>/share.png")
@access.allow(Role.VISITOR)
def share_booth(slug: str, booth: str) -> Response:
    """A company's share image."""
    event = events.seen(slug, access.me())
    return _drawn(IMAGES, kits.of_booth(event, booths.by_slug(event.id, booth), _size()), "png")


@blueprint.get("/jobs/<int:vacancy_id>/share.png")
@access.allow(Role.VISITOR)
def share_job(vacancy_id: int) -> Response:
    """A job's share image."""
    vacancy, booth, _event = vacancies.shown(vacancy_id)
    return _drawn(IMAGES, kits.of_vacancy(vacancy, booth, _size()), "png")


@blueprint.get("/miitti/<slug>/slide.png")
@access.allow(Role.VISITOR)
def slide(slug: str) -> Response:
    """A picture for a screen in a library or a school, with a QR code."""
    event = events.seen(slug, access.me())
    return _drawn(IMAGES, kits.of_event(event, "slide", via=_via()), "png")


@blueprint.get("/miitti/<slug>/poster.pdf")
@access.allow(Role.VISITOR)
def poster(slug: str) -> Response:
    """The A4 poster; `via` puts a partner's counted link into its QR code."""
    event = events.seen(slug, access.me())
    return _drawn(SHEETS, kits.sheet(event, "poster", via=_via()), "pdf")


@blueprint.get("/miitti/<slug>/handout.pdf")
@access.allow(Role.VISITOR)
def handout(slug: str) -> Response:
    """Four small papers on one A4."""
    event = events.seen(slug, access.me())
    return _drawn(SHEETS, kits.sheet(event, "handout", via=_via()), "pdf")


@blueprint.get("/miitti/<slug>/qr.svg")
@access.allow(Role.VISITOR)
def qr(slug: str) -> Response:
    """The QR code of the event's page."""
    event = events.seen(slug, access.me())
    out = io.BytesIO()
    code = segno.make(kits.link(event, _via()), error="m", micro=False)
    code.save(out, kind="svg", border=4, dark="#14231f", light="#ffffff", scale=8)
    return _public(make_response(out.getvalue()), "image/svg+xml")


def _size() -> str:
    size = request.args.get("size", "wide")
    if size not in states.SHARES:
        raise errors.NotFound
    return size


def _via() -> str | None:
    return partner(request.args.get("via"))


def _drawn(module: str, what: dict[str, Any], ending: str) -> Response:
    limits.take(f"prints:{limits.address()}", burst=120, per_s=1)
    kind = {"png": "image/png", "pdf": "application/pdf"}[ending]
    path = prints.made(module, what, ending)
    return _public(send_file(path, mimetype=kind, conditional=True, etag=path.stem), kind)


def _public(answer: Response, kind: str) -> Response:
    """Others may show it on their own pages. The language may come from the reader, so no cache between keeps it."""
    answer.headers["Content-Type"] = kind
    answer.headers["Cache-Control"] = "private, max-age=600"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.vary.update(("Cookie", "Accept-Language"))
    return answer


# -- the card for other sites --------------------------------------------------------------------------------


@blueprint.get("/miitti/<slug>/card")
@access.allow(Role.VISITOR)
def card(slug: str) -> str:
    """The event as a small card that a municipality puts on its own pages in a frame; it opens in a new tab."""
    event = events.seen(slug, access.me())
    g.setdefault("policy", {})["frame-ancestors"] = "*"
    return render_template(
        "promotion/card.html",
        event=event,
        when=kits.when(event),
        who=kits.who_comes(event),
        link=kits.link(event, _via()) + ("&" if _via() else "?") + f"lang={language.current()}",
    )


# -- feeds and robots ----------------------------------------------------------------------------------------


@blueprint.get("/feeds/events.atom", endpoint="events")
@access.allow(Role.VISITOR)
def events_feed() -> Response:
    """Coming and live Miittis first, then the past ones."""
    found = [*events.live(), *events.upcoming(), *events.past()][:50]
    entries = [
        Entry(
            key=f"event/{event.id}",
            title=language.pick(event, "title"),
            url=address(event),
            summary=" ".join(part for part in (kits.when(event) + ".", language.pick(event, "lead")) if part),
            author=kits.hosts(event) or "Miitti",
            published=event.published_at or event.created_at,
            updated=max(event.changed_at, event.published_at or event.changed_at),
        )
        for event in found
    ]
    return _atom(_("Miittis"), "/", entries)


@blueprint.get("/feeds/jobs.atom", endpoint="jobs")
@access.allow(Role.VISITOR)
def jobs_feed() -> Response:
    """The newest ads of all companies, each with what it pays."""
    entries = [
        Entry(
            key=f"jobs/{vacancy.id}",
            title=f"{language.pick(vacancy, 'title')}, {booth.name}",
            url=vacancies_web.address(vacancy),
            summary=". ".join(
                part
                for part in (
                    vacancies_web.pay(vacancy),
                    booth.municipality,
                    language.pick(vacancy, "text") or language.pick(booth, "sentence"),
                )
                if part
            ),
            author=language.pick(accounts.organisation(booth.organisation_id), "name"),
            published=vacancy.posted_at,
            updated=vacancy.posted_at,
        )
        for vacancy, booth, _event in vacancies.open_now()[:100]
    ]
    return _atom(_("Jobs"), "/jobs", entries)


def _atom(title: str, page: str, entries: list[Entry]) -> Response:
    base = settings.current().base_url
    written = feeds.atom(
        title=title, url=base + request.path, page=base + page, language=language.current(), entries=entries
    )
    answer = make_response(written)
    answer.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.vary.update(("Cookie", "Accept-Language"))
    answer.add_etag()
    return answer.make_conditional(request)


@blueprint.get("/sitemap.xml")
@access.allow(Role.VISITOR)
def sitemap() -> Response:
    """The public pages, each in three languages; a draft is none."""
    base = settings.current().base_url
    urls = [f"{base}/", f"{base}/jobs"]
    for event in [*events.live(), *events.upcoming(), *events.past()]:
        urls += [address(event), f"{address(event)}/booths"]
        urls += [booths_web.address(event, booth) for booth in booths.of_event(event.id)]
    urls += [vacancies_web.address(vacancy) for vacancy, _booth, _event in vacancies.open_now()]
    answer = make_response(feeds.sitemap(urls, language.LANGUAGES))
    answer.headers["Content-Type"] = "application/xml; charset=utf-8"
    return answer


@blueprint.get("/robots.txt")
@access.allow(Role.VISITOR)
def robots() -> Response:
    """Everything public may be found; what belongs to one person may not."""
    closed = ("/desk", "/sign-in", "/leads/", "/reminders/", "/media/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {pages.absolute('/sitemap.xml')}"]
    answer = make_response("\n".join(lines) + "\n")
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    return answer

"""Atom feeds (RFC 4287) and the sitemap (sitemaps.org 0.9), written by an XML library so that no text breaks them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree as Tree

from miitti.foundation import clock

ATOM, SITEMAP, XHTML = (
    "http://www.w3.org/2005/Atom",
    "http://www.sitemaps.org/schemas/sitemap/0.9",
    "http://www.w3.org/1999/xhtml",
)
Tree.register_namespace("", ATOM)
Tree.register_namespace("xhtml", XHTML)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a feed. `key` names it for good inside the installation ("event/3")."""

    key: str
    title: str
    url: str
    summary: str
    author: str
    published: datetime
    updated: datetime


def atom(*, title: str, url: str, page: str, language: str, entries: Sequence[Entry]) -> bytes:
    """A feed at `url` about what `page` shows."""
    feed = Tree.Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})
    host = urlsplit(url).hostname or "localhost"
    _put(feed, "id", f"tag:{host},2026:{urlsplit(url).path}")
    _put(feed, "title", title)
    # an empty feed is as old as the format allows it to say
    _put(feed, "updated", clock.stamp(max((entry.updated for entry in entries), default=clock.now())))
    _put(feed, "link", rel="self", type="application/atom+xml", href=url)
    _put(feed, "link", rel="alternate", type="text/html", href=page)
    _put(_put(feed, "author"), "name", "Miitti")
    for entry in entries:
        made = _put(feed, "entry")
        _put(made, "id", f"tag:{host},2026:/{entry.key}")
        _put(made, "title", entry.title)
        _put(made, "link", rel="alternate", type="text/html", href=entry.url)
        _put(made, "published", clock.stamp(entry.published))
        _put(made, "updated", clock.stamp(entry.updated))
        _put(_put(made, "author"), "name", entry.author)
        _put(made, "summary", entry.summary)
    return _written(feed)


def _put(parent: Tree.Element, name: str, text: str | None = None, **attributes: str) -> Tree.Element:
    made = Tree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    if text is not None:
        # XML 1.0 has no place for control characters, whatever a database holds
        made.text = "".join(sign for sign in text if sign >= " " or sign in "\t\n")
    return made


def sitemap(urls: Iterable[str], languages: Sequence[str]) -> bytes:
    """A sitemap of pages that each exist in every language by `?lang=`."""
    root = Tree.Element("urlset", {"xmlns": SITEMAP})
    for url in urls:
        made = Tree.SubElement(root, "url")
        Tree.SubElement(made, "loc").text = url
        for code in languages:
            attributes = {"rel": "alternate", "hreflang": code, "href": f"{url}?lang={code}"}
            Tree.SubElement(made, f"{{{XHTML}}}link", attributes)
    return _written(root)


def _written(root: Tree.Element) -> bytes:
    written: bytes = Tree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"

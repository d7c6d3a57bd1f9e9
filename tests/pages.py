"""What every page fetched in any test must be: valid, titled, labelled, free of inline script and style."""

import html5lib

from miitti.foundation import language

VOID_OF_LABEL = {"hidden", "submit", "button", "reset", "image"}
XHTML = "{http://www.w3.org/1999/xhtml}"
DATA_BLOCKS = {"application/json", "application/ld+json"}


def check(text: str, *, where: str = "") -> None:
    """Assert that a whole page is as a page of ours must be."""
    problems = list(_problems(text))
    assert not problems, f"{where}: " + "; ".join(problems)


def _problems(text: str) -> list[str]:
    found: list[str] = []
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(text)
    # html5lib of today does not know these as errors of content, only as oddities of old SVG
    found += [f"line {position[0]}: {code} {data}" for position, code, data in parser.errors]
    root = tree
    lang = root.get("lang")
    if lang not in language.LANGUAGES:
        found.append(f"lang is {lang!r}")
    elements = list(root.iter())
    ids = [e.get("id") for e in elements if e.get("id")]
    found += [f"id {name} stands twice" for name in {i for i in ids if ids.count(i) > 1}]
    headings = [e for e in elements if e.tag == "h1"]
    titles = [e for e in elements if e.tag == "title"]
    if len(headings) != 1:
        found.append(f"{len(headings)} h1")
    elif not titles or _words(titles[0]) != f"{_words(headings[0])} – Miitti":
        found.append(f"title {_words(titles[0]) if titles else ''!r} is not of h1 {_words(headings[0])!r}")
    labelled = {e.get("for") for e in elements if e.tag == "label"}
    for parent in elements:
        for child in parent:
            if child.tag in ("input", "select", "textarea") and child.get("type") not in VOID_OF_LABEL:
                named = child.get("id") in labelled or parent.tag == "label" or child.get("aria-label")
                if not (named or child.get("aria-labelledby")):
                    found.append(f"field {child.get('name')} has no label")
    for e in elements:
        if not isinstance(e.tag, str):
            continue
        if e.tag == "script" and not e.get("src") and e.get("type") not in DATA_BLOCKS:
            found.append("inline script")
        if e.tag == "style" or e.get("style") is not None:
            found.append(f"inline style at {e.tag}")
        found += [f"inline handler {name}" for name in e.attrib if str(name).startswith("on")]
        if e.tag == "img" and e.get("alt") is None:
            found.append("img without alt")
        posts = e.tag == "form" and (e.get("method") or "get").lower() == "post"
        if posts and not any(i.get("name") == "csrf_token" for i in e.iter("input")):
            found.append(f"form to {e.get('action')} without csrf_token")
        for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
            found += [f"{name} names no id {i}" for i in (e.get(name) or "").split() if i not in ids]
    return found


def _words(element: object) -> str:
    return " ".join("".join(element.itertext()).split())  # type: ignore[attr-defined]

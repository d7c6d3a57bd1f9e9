"""Every pair of colours that carries text is readable: 4.5:1, and 3:1 for edges, on each ground.

The colours are read from tokens.css, which is the only place that names them; the pairs below are the promise
of docs/look.md. The formula is the one of WCAG 2.2 (relative luminance of sRGB).
"""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css").read_text(encoding="utf-8")

TEXT = [
    (text, ground)
    for ground in ("birch", "paper", "field")
    for text in ("ink", "quiet", "lake", "pine", "pine-deep", "rowan", "moss")
] + [
    ("on-pine", "pine"),
    ("on-pine", "pine-deep"),
    ("pine-deep", "pine-soft"),
    ("ink", "pine-soft"),
    ("on-sun", "sun"),
    ("on-sun", "sun-deep"),
    ("on-sun-soft", "sun-soft"),
    ("ink", "sun-soft"),
    ("pine", "sun-soft"),
    ("on-moss-soft", "moss-soft"),
    ("on-rowan-soft", "rowan-soft"),
    ("ink", "lake-soft"),
    ("on-live", "live"),
    ("on-deep", "deep"),
    ("on-deep", "tick"),
    ("quiet", "line"),
]
EDGES = [
    ("edge", "birch"),
    ("edge", "paper"),
    ("edge", "field"),
    ("rowan", "field"),
    ("focus", "birch"),
    ("focus", "paper"),
    ("moss", "line"),
]
ON_NIGHT = [("ink", "night"), ("quiet", "night"), ("ink", "night-paper"), ("quiet", "night-paper"), ("ink", "night-on")]


def colours(block: str) -> dict[str, str]:
    """The custom properties of a rule's body that are six-digit colours."""
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))


def body(pattern: str) -> str:
    """The body of the first rule whose head matches."""
    found = re.search(pattern + r"\s*\{([^}]*)\}", TOKENS)
    assert found, pattern
    return found.group(1)


LIGHT = colours(body(r"@layer tokens \{\s*:root"))
DARK = LIGHT | colours(body(r"@media \(prefers-color-scheme: dark\) \{\s*:root"))
SCHEMES = {"light": LIGHT, "dark": DARK}
NIGHT = {f"night in {name}": scheme | colours(body(r"\n  \.night,\n  \.player")) for name, scheme in SCHEMES.items()}
HERO = LIGHT | DARK | colours(body(r"\n  \.hero"))


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def too_faint(pairs: list[tuple[str, str]], colours: dict[str, str], least: float) -> list[str]:
    """The pairs under the limit, as words."""
    measured = [(text, ground, contrast(colours[text], colours[ground])) for text, ground in pairs]
    return [f"{text} on {ground}: {ratio:.2f}" for text, ground, ratio in measured if ratio < least]


@pytest.mark.parametrize("name", [*SCHEMES, *NIGHT])
def test_text_is_readable(name: str) -> None:
    palette = (SCHEMES | NIGHT)[name]
    pairs = TEXT + (ON_NIGHT if name.startswith("night") else [])
    assert too_faint(pairs, palette, 4.5) == []


def test_chips_on_the_hero_are_readable() -> None:
    assert too_faint([("on-sun-soft", "sun-soft"), ("on-sun", "sun")], HERO, 4.5) == []


@pytest.mark.parametrize("name", [*SCHEMES, *NIGHT])
def test_edges_can_be_seen(name: str) -> None:
    assert too_faint(EDGES, (SCHEMES | NIGHT)[name], 3) == []


def test_every_colour_pair_is_complete() -> None:
    """A ground that has its own text colour must come with it in the dark scheme as well."""
    dark = colours(body(r"@media \(prefers-color-scheme: dark\) \{\s*:root"))
    wanted = {f"on-{name}" for name in dark} & set(LIGHT)
    assert wanted - set(dark) <= {"on-live", "on-sun"}  # the same in both


@pytest.mark.parametrize("sheet", ["base", "layout", "parts", "forms", "show", "desk", "states"])
def test_colours_are_named_in_tokens_only(sheet: str) -> None:
    """Elsewhere only black, white and the drawn lake's own green may be written out."""
    text = (Path(__file__).resolve().parents[2] / "static" / "css" / f"{sheet}.css").read_text(encoding="utf-8")
    plain = {"#000", "#fff", "#0a2f2a"}
    written = set(re.findall(r":[^;{]*?(#[0-9a-fA-F]{3,8})\b", text))
    assert written <= plain

"""Share images and the library's screen: the evening lake of the event's own page, its words, and a poster.

Pure: plain values in, a PNG out. Drawn outside the web process (`foundation.prints`), twice as large as it is
shown and halved, which makes the edges of Pillow's shapes soft.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import segno
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from miitti.promotion import lettering
from miitti.promotion.lettering import BOLD, REGULAR, SEMIBOLD, Colour

SIZES = {"wide": (1200, 630), "square": (1080, 1080), "story": (1080, 1920), "slide": (1920, 1080)}
"""Pixels: links in messages and feeds, posts, stories on a phone, and a screen on a wall."""

HORIZONS: Mapping[str, Mapping[str, float]] = {
    "wide": {"level": 0.78, "sun": 0.9},
    "square": {"level": 0.74, "sun": 0.82},
    "story": {"level": 0.64, "sun": 0.72},
    "slide": {"level": 0.84, "sun": 0.52},
}
"""Where the far shore lies and the sun sets, in parts of the height and the width: beside the words."""

FINE = 2

# The colours of tokens.css and of the lake in macros.html.
DEEP, PINE, GLOW, SHORE = (10, 47, 42), (28, 99, 83), (201, 154, 72), (12, 58, 50)
FAR, NEAR, WATER = (15, 74, 62), (11, 58, 49), (10, 50, 43)
SUN, LOW_SUN, WHITE, SOFT, INK = (242, 177, 52), (255, 217, 130), (255, 255, 255), (214, 231, 223), (20, 35, 31)


def draw(what: Mapping[str, Any]) -> bytes:
    """Draw a picture. `what`: `kind` (a word of SIZES), `chip`, `title`, `lines` (list), `foot`, and, where there
    are such, `picture` (a path) and `link` (drawn as a QR code on the slide).
    """
    picture = scenery(SIZES[what["kind"]], **HORIZONS[what["kind"]])
    made = {"wide": _beside, "slide": _slide, "square": _above, "story": _above}[what["kind"]](picture, what)
    out = io.BytesIO()
    made.save(out, "PNG")
    return out.getvalue()


# -- the lake ------------------------------------------------------------------------------------------------


def scenery(size: tuple[int, int], *, level: float, sun: float) -> Image.Image:
    """The evening lake, filling a picture of that size; `level` and `sun` as in HORIZONS."""
    wide, high = size
    sky = Image.new("RGB", (1, high))
    for row in range(high):
        sky.putpixel((0, row), _sky(row / high * 0.72 / level))
    picture = sky.resize((wide * FINE, high * FINE), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(picture)
    big = (wide * FINE, high * FINE)
    radius = min(big) * 0.085
    x, y = big[0] * sun, big[1] * (level - 0.03)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=LOW_SUN)
    _hills(pen, big, level, 0.022, 3.1, FAR)
    _hills(pen, big, level + 0.045, 0.016, 1.2, NEAR)
    pen.rectangle((0, big[1] * (level + 0.1), *big), fill=WATER)
    for number, (shift, share) in enumerate(((-0.07, 0.16), (-0.05, 0.1), (-0.09, 0.19), (-0.02, 0.08))):
        wave = big[1] * (level + 0.115 + 0.02 * number)
        ends = (x + big[0] * shift, wave, x + big[0] * (shift + share), wave)
        pen.line(ends, fill=(176, 141, 75), width=max(3, big[1] // 240))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _sky(at: float) -> tuple[int, int, int]:
    stops: tuple[tuple[float, tuple[int, int, int]], ...] = ((0.0, DEEP), (0.6, PINE), (0.74, GLOW), (1.0, SHORE))
    for (low, a), (high, b) in pairwise(stops):
        if at <= high:
            share = (at - low) / (high - low)
            return (_mix(a[0], b[0], share), _mix(a[1], b[1], share), _mix(a[2], b[2], share))
    return SHORE


def _mix(a: int, b: int, share: float) -> int:
    return round(a + (b - a) * share)


def _hills(
    pen: ImageDraw.ImageDraw, size: tuple[int, int], level: float, rise: float, phase: float, colour: Colour
) -> None:
    wide, high = size
    tops = [
        (x, high * (level - rise * (math.sin(x / wide * 7 + phase) + 0.5 * math.sin(x / wide * 15 + 2 * phase))))
        for x in range(0, wide + 8, 8)
    ]
    pen.polygon([*tops, (wide, high), (0, high)], fill=colour)


# -- parts ---------------------------------------------------------------------------------------------------


def mark(picture: Image.Image, x: float, y: float, high: float) -> None:
    """The name mark, its left end at `x` and its letters' feet at `y + high`; drawn as in macros.html."""
    unit = high / 38 * FINE
    layer = Image.new("RGBA", (round(112 * unit), round(44 * unit)))
    pen = ImageDraw.Draw(layer)
    stroke = round(6.2 * unit)

    def line(*points: tuple[float, float]) -> None:
        at = [(px * unit, py * unit) for px, py in points]
        pen.line(at, fill=WHITE, width=stroke, joint="curve")
        for px, py in (at[0], at[-1]):
            pen.ellipse((px - stroke / 2, py - stroke / 2, px + stroke / 2, py + stroke / 2), fill=WHITE)

    def arch(left: float, right: float) -> list[tuple[float, float]]:
        middle, half = (left + right) / 2, (right - left) / 2
        turns = (math.pi * step / 12 for step in range(12, -1, -1))
        return [(middle + half * math.cos(turn), 20 - 6 * math.sin(turn)) for turn in turns]

    line((4, 34), *arch(4, 14), (14, 34))
    line(*arch(14, 25), (25, 34))
    for stem in (38, 52, 100):
        line((stem, 18), (stem, 34))
    for stem in (66, 83):
        line((stem, 8), (stem, 28), (stem + 2, 33), (stem + 6, 34))
        line((stem - 5, 18), (stem + 7, 18))
    for at, radius, colour in ((39.6, 4.8, SUN), (50.4, 4.8, SUN), (100, 4.2, WHITE)):
        pen.ellipse(
            ((at - radius) * unit, (7.4 - radius) * unit, (at + radius) * unit, (7.4 + radius) * unit), fill=colour
        )
    small = layer.resize((layer.width // FINE, layer.height // FINE), Image.Resampling.LANCZOS)
    picture.paste(small, (round(x), round(y)), small)


def _chip(picture: Image.Image, x: float, top: float, text: str, size: int, most: float) -> float:
    """A sun-coloured chip with a few words; gives where the next thing may begin."""
    if not lettering.drawable(text):
        return top
    pad = size * 0.75
    words = lettering.fit(text, SEMIBOLD, wide=most - 2 * pad, lines=1, sizes=(size,)).lines[0]
    high = size * 1.9
    box = (0, 0, lettering.width(words, size, SEMIBOLD) + 2 * pad, high)
    paste(picture, Image.new("RGB", (round(box[2]), round(high)), (253, 233, 189)), x, top, high / 2)
    pen = ImageDraw.Draw(picture)
    lettering.write(pen, (x + pad, top + size * 1.3), words, size, SEMIBOLD, (91, 61, 0))
    return top + high


def paste(picture: Image.Image, piece: Image.Image, x: float, y: float, radius: float, *, shadow: bool = False) -> None:
    """Put a piece with round corners into the picture, over a soft shadow when asked."""
    mask = Image.new("L", (piece.width * FINE, piece.height * FINE))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, mask.width - 1, mask.height - 1), radius * FINE, fill=255)
    mask = mask.resize(piece.size, Image.Resampling.LANCZOS)
    if shadow:
        dark = Image.new("L", picture.size)
        dark.paste(mask, (round(x), round(y) + 14))
        dark = ImageChops.multiply(dark.filter(ImageFilter.GaussianBlur(18)), Image.new("L", picture.size, 150))
        picture.paste((5, 20, 17), (0, 0, *picture.size), dark)
    picture.paste(piece, (round(x), round(y)), mask)


def photo(path: str | None, size: tuple[int, int]) -> Image.Image | None:
    """The company's picture cut to a size; None when there is none that can be read."""
    if not path:
        return None
    try:
        with Image.open(Path(path), formats=("JPEG", "WEBP")) as opened:
            return ImageOps.fit(opened.convert("RGB"), size, Image.Resampling.LANCZOS, centering=(0.5, 0.4))
    except (OSError, ValueError):
        return None


def _qr(link: str, side: int) -> Image.Image:
    """A QR code that still reads with a scratch (level M), on white with its quiet zone of four."""
    code = segno.make(link, error="m", micro=False)
    scale = max(1, side // code.symbol_size(border=4)[0])
    out = io.BytesIO()
    code.save(out, kind="png", scale=scale, border=4, dark="#14231f")
    with Image.open(out) as opened:
        return opened.convert("RGB").resize((side, side), Image.Resampling.NEAREST)


# -- the pictures --------------------------------------------------------------------------------------------


def _words(
    picture: Image.Image,
    what: Mapping[str, Any],
    *,
    x: float,
    top: float,
    wide: float,
    scale: float,
    largest: float,
    lines: int,
) -> float:
    """Chip, title and lines below each other, on a ground dark enough for them; gives where they end.

    A long title shrinks by itself; the small print does not shrink with it.
    """
    small = max(scale, 0.8 * largest)
    if picture.width > 4:
        tall = _tall(what, wide, scale, largest, lines)
        dim(picture, (x - 40, top - 30, x + wide + 20, top + tall + 30))
    pen = ImageDraw.Draw(picture)
    top = _chip(picture, x, top, what["chip"], round(25 * small), wide) + 22 * scale
    sizes = [round(size * scale) for size in (84, 76, 68, 60, 54, 48, 42, 36, 32)]
    top = lettering.fit(what["title"], BOLD, wide=wide, lines=lines, sizes=sizes).write(pen, x, top, WHITE)
    top += 16 * scale
    for number, line in enumerate(what["lines"]):
        first = number == 0
        told: Sequence[int] = [round(size * small) for size in ((36, 32, 28) if first else (28, 25))]
        block = lettering.fit(line, SEMIBOLD if first else REGULAR, wide=wide, lines=2, sizes=told)
        top = block.write(pen, x, top, WHITE if first else SOFT) + 8 * scale
    return top


def dim(picture: Image.Image, box: tuple[float, float, float, float]) -> None:
    """Darken the lake softly behind a box of words: white on its glow would be 2.4:1."""
    dark = Image.new("L", picture.size)
    ImageDraw.Draw(dark).rectangle(box, fill=190)
    picture.paste(DEEP, (0, 0, *picture.size), dark.filter(ImageFilter.GaussianBlur(50)))


def _tall(what: Mapping[str, Any], wide: float, scale: float, largest: float, lines: int) -> float:
    """How high the words will be."""
    return _words(Image.new("RGB", (4, 4)), what, x=0, top=0, wide=wide, scale=scale, largest=largest, lines=lines)


def _set(
    picture: Image.Image,
    what: Mapping[str, Any],
    box: tuple[float, float, float, float],
    *,
    largest: float,
    lines: int = 4,
    middle: bool = True,
) -> None:
    """Write the words into a box (left, top, width, height), as large as they fit, in its middle or at its top."""
    x, top, wide, room = box
    scale = largest
    while scale > largest / 3 and _tall(what, wide, scale, largest, lines) > room:
        scale *= 0.94
    if middle:
        top += max(0.0, room - _tall(what, wide, scale, largest, lines)) / 2
    _words(picture, what, x=x, top=top, wide=wide, scale=scale, largest=largest, lines=lines)


def _beside(picture: Image.Image, what: Mapping[str, Any]) -> Image.Image:
    """Words on the left, the photo on the right."""
    wide, high = picture.size
    mark(picture, 64, 44, 40)
    film = photo(what.get("picture"), (440, 440))
    most = wide - 128 - (440 + 48 if film else 0)
    if film is not None:
        paste(picture, film, wide - 64 - 440, (high - 440) / 2, 24, shadow=True)
    _set(picture, what, (64, 110, most, high - 110 - 80), largest=1.0)
    _foot(picture, what["foot"], 64, high - 34, wide * 0.7, 22)
    return picture


def _above(picture: Image.Image, what: Mapping[str, Any]) -> Image.Image:
    """The photo above, the words below: a post and a phone's whole screen."""
    wide, high = picture.size
    story = high > wide
    # a phone's own controls lie over the top and the bottom of a story
    edge, top = (72, 260) if story else (72, 60)
    mark(picture, edge, top, 58 if story else 48)
    top += 112 if story else 84
    film = photo(what.get("picture"), (wide - 2 * edge, 640 if story else 400))
    if film is not None:
        paste(picture, film, edge, top, 28, shadow=True)
        top += film.height + (64 if story else 36)
    elif story:
        top += 220
    else:
        top += 100
    foot = high - (260 if story else 44)
    largest, lines = (1.22, 5) if story else (0.94 if film else 1.2, 4 if film else 5)
    most = wide - 2 * edge
    _set(picture, what, (edge, top, most, foot - 60 - top), largest=largest, lines=lines, middle=False)
    _foot(picture, what["foot"], edge, foot, most, 34 if story else 28)
    return picture


def _slide(picture: Image.Image, what: Mapping[str, Any]) -> Image.Image:
    """A screen on a wall: read from metres away, opened with the phone."""
    wide, high = picture.size
    mark(picture, 110, 90, 70)
    side = 560
    paste(picture, _qr(what["link"], side), wide - 110 - side, (high - side) / 2, 28, shadow=True)
    most = wide - 220 - side - 90
    _set(picture, what, (110, 190, most, high - 190 - 140), largest=1.65)
    _foot(picture, what["foot"], 110, high - 76, wide * 0.6, 36)
    return picture


def _foot(picture: Image.Image, text: str, x: float, baseline: float, wide: float, size: int) -> None:
    if lettering.drawable(text):
        sizes = [round(size * part) for part in (1, 0.85, 0.7, 0.6)]
        block = lettering.fit(text, SEMIBOLD, wide=wide, lines=1, sizes=sizes)
        lettering.write(ImageDraw.Draw(picture), (x, baseline), block.lines[0], block.size, SEMIBOLD, WHITE)

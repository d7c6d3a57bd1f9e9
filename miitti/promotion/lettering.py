"""Letters on pictures: the program's own font at any weight, and texts that fit into their box whatever they are.

Names come from people: 300 characters without a space, emoji, scripts the font does not have. What the font can't
draw is left out, long words are broken, and what does not fit at the smallest size ends in an ellipsis.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from PIL import ImageDraw, ImageFont

_FOLDER = Path(__file__).resolve().parents[2] / "static/vendor/figtree"
FILES = (_FOLDER / "figtree-latin-wght-normal.woff2", _FOLDER / "figtree-latin-ext-wght-normal.woff2")
"""Western European letters first; the rest of the Latin ones come from the second."""

REGULAR, SEMIBOLD, BOLD = 440, 600, 720
LINE = 1.16
"""Height of a line in sizes of its letters."""

Colour = tuple[int, int, int] | tuple[int, int, int, int]


@cache
def font(size: int, weight: int, file: int = 0) -> ImageFont.FreeTypeFont:
    """The font of one file at a size in pixels and a weight of 300 to 900."""
    made = ImageFont.truetype(FILES[file], size)
    made.set_variation_by_axes([weight])
    return made


@cache
def _nothing(file: int) -> bytes:
    """How the file draws what it does not have."""
    return bytes(font(32, REGULAR, file).getmask("\uffff"))


@cache
def file_of(sign: str) -> int | None:
    """The first file that has this sign, or None."""
    if sign.isspace():
        return 0
    for file in range(len(FILES)):
        drawn = font(32, REGULAR, file).getmask(sign)
        if drawn.getbbox() is not None and bytes(drawn) != _nothing(file):
            return file
    return None


def drawable(text: str) -> str:
    """The text on one line with what no file of the font has left out."""
    return " ".join("".join(sign for sign in text if file_of(sign) is not None).split())


def runs(text: str) -> Iterator[tuple[int, str]]:
    """The text in pieces that one file of the font can draw: (file, piece)."""
    for file, signs in groupby(text, key=file_of):
        if file is not None:
            yield file, "".join(signs)


def width(text: str, size: int, weight: int) -> float:
    """How wide a line is, in pixels."""
    return sum(font(size, weight, file).getlength(run) for file, run in runs(text))


def write(pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, weight: int, colour: Colour) -> None:
    """Write one line with its baseline's left end at `at`."""
    x, y = at
    for file, run in runs(text):
        pen.text((x, y), run, font=font(size, weight, file), fill=colour, anchor="ls")
        x += font(size, weight, file).getlength(run)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that fit into a box."""

    lines: Sequence[str]
    size: int
    weight: int

    @property
    def height(self) -> int:
        """Pixels from the top of the first line to the bottom of the last."""
        return round(len(self.lines) * self.size * LINE)

    def write(self, pen: ImageDraw.ImageDraw, x: float, top: float, colour: Colour) -> float:
        """Write the lines below `top`; gives where the next thing may begin."""
        for number, line in enumerate(self.lines):
            write(pen, (x, top + self.size * (0.92 + number * LINE)), line, self.size, self.weight, colour)
        return top + self.height


def fit(text: str, weight: int, *, wide: float, lines: int, sizes: Sequence[int]) -> Block:
    """Break a text into at most so many lines of a width, at the first of `sizes` (largest first) where it fits.

    A size that would break a word inside is passed over while a smaller one need not.
    """
    words = drawable(text).split()
    for size in sizes:
        if all(width(word, size, weight) <= wide for word in words):
            broken = _broken(words, size, weight, wide)
            if len(broken) <= lines:
                return Block(broken, size, weight)
    broken = _broken(words, sizes[-1], weight, wide)
    if len(broken) > lines:
        broken = [*broken[: lines - 1], _cut(broken[lines - 1] + " …", sizes[-1], weight, wide)]
    return Block(broken, sizes[-1], weight)


def _broken(words: Sequence[str], size: int, weight: int, wide: float) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in words:
        joined = f"{line} {word}" if line else word
        if width(joined, size, weight) <= wide:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while width(line, size, weight) > wide:
            piece = _most(line, size, weight, wide)
            lines.append(piece + "-")
            line = line[len(piece) :]
    return [*lines, line] if line else lines


def _most(word: str, size: int, weight: int, wide: float) -> str:
    """As many signs of a word as fit with a hyphen after them, one at least."""
    low, high = 1, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(word[:middle] + "-", size, weight) <= wide else (low, middle - 1)
    return word[:low]


def _cut(line: str, size: int, weight: int, wide: float) -> str:
    """The line with an ellipsis at its end, short enough."""
    kept = line.removesuffix(" …").rstrip("-")
    while kept and width(kept + "…", size, weight) > wide:
        kept = kept[:-1].rstrip()
    return kept + "…"

"""Papers for walls and hands: an A4 poster, and four small ones of the same to cut apart. Real text, QR in vectors.

Pure: plain values in, a PDF out. Lines are broken by the same font at `DOT` pixels a millimetre, so what is measured
is what is printed.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import segno
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from fpdf import FPDF

from miitti.promotion import images, lettering
from miitti.promotion.lettering import BOLD, REGULAR, SEMIBOLD

PAGE = (210.0, 297.0)
"""A4 in millimetres (ISO 216); half of it each way is A6, the handout."""

DOT = 20
POINT = 72 / 25.4
TOP = 174.0
"""Millimetres of the picture above the paper's white part."""

INK, QUIET, WHITE, SOFT, LINE = (20, 35, 31), (74, 90, 84), (255, 255, 255), (214, 231, 223), (170, 165, 155)


def draw(what: Mapping[str, Any]) -> bytes:
    """Make the PDF. `what`: `kind` (poster, handout), `language`, `chip`, `title`, `lines`, `head`, `steps` (list),
    `foot`, `hosts`, `link`, and `picture` (a path) where there is one.
    """
    pdf = FPDF(format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.set_title(what["title"])
    pdf.set_lang(what["language"])
    with tempfile.TemporaryDirectory() as folder:
        for weight, file in product((REGULAR, SEMIBOLD, BOLD), range(len(lettering.FILES))):
            family = _family(weight, file)
            pdf.add_font(family, fname=_printable(weight, file, Path(folder) / f"{family}.ttf"))
        _fill(pdf, what)
        return bytes(pdf.output())


def _fill(pdf: FPDF, what: Mapping[str, Any]) -> None:
    pdf.add_page()
    sheet = _Sheet(pdf, what)
    if what["kind"] == "poster":
        sheet.put(0, 0, 1.0)
    else:
        for x, y in ((0, 0), (105, 0), (0, 148.5), (105, 148.5)):
            sheet.put(x, y, 0.5)
        pdf.set_draw_color(*LINE)
        pdf.set_line_width(0.2)
        pdf.set_dash_pattern(dash=2, gap=2)
        pdf.line(105, 0, 105, 297)
        pdf.line(0, 148.5, 210, 148.5)


def _family(weight: int, file: int) -> str:
    return f"Figtree{weight}-{file}"


def _printable(weight: int, file: int, target: Path) -> Path:
    """Write one weight of a font file as the plain TrueType that a PDF carries."""
    font = TTFont(lettering.FILES[file])
    instancer.instantiateVariableFont(font, {"wght": weight}, inplace=True)
    font.flavor = None
    font.save(target)
    return target


class _Sheet:
    """One poster's parts, put anywhere at any scale; measures inside are millimetres of the full A4."""

    def __init__(self, pdf: FPDF, what: Mapping[str, Any]) -> None:
        self.pdf, self.what = pdf, what
        self.x = self.y = 0.0
        self.scale = 1.0
        self.ground = self._ground()

    def put(self, x: float, y: float, scale: float) -> None:
        """Draw the poster with its left top corner there."""
        self.x, self.y, self.scale = x, y, scale
        self.pdf.image(self.ground, x, y, PAGE[0] * scale, TOP * scale)
        self._above()
        self._below()

    def _ground(self) -> io.BytesIO:
        """The lake with the mark and the company's picture, at 150 dots an inch."""
        dots = 150 / 25.4
        size = (round(PAGE[0] * dots), round(TOP * dots))
        ground = images.scenery(size, level=0.88, sun=0.86)
        film = images.photo(self.what.get("picture"), (round(178 * dots), round(50 * dots)))
        self.from_top = 92.0 if film else 50.0
        images.dim(ground, (0, self.from_top * dots, size[0] * 0.95, 166 * dots))
        images.mark(ground, 16 * dots, 14 * dots, 13 * dots)
        if film is not None:
            images.paste(ground, film, 16 * dots, 36 * dots, 5 * dots, shadow=True)
        made = io.BytesIO()
        ground.save(made, "JPEG", quality=88)
        return made

    def _above(self) -> None:
        top = self.from_top
        self._line(self.what["chip"], SEMIBOLD, (9, 8, 7), 16, top, 178, 1, (253, 233, 189))
        room, lines = TOP - 8 - top - 15, self.what["lines"]
        block = lettering.fit(self.what["title"], BOLD, wide=178 * DOT, lines=3, sizes=_dots(19, 17, 15, 13, 11, 9, 8))
        while block.height / DOT > room - 9 * min(2, len(lines)) and block.size > 6 * DOT:
            block = lettering.fit(self.what["title"], BOLD, wide=178 * DOT, lines=4, sizes=[block.size - DOT])
        top = self._block(block, 16, top + 13, WHITE) + 3
        for number, line in enumerate(lines[:2]):
            sizes = (7.5, 6.5, 6, 5.5)[number:]
            top = self._line(line, SEMIBOLD if number == 0 else REGULAR, sizes, 16, top, 178, 1, WHITE) + 1.5

    def _below(self) -> None:
        self._qr(16, TOP + 12, 78)
        foot = self.what["foot"]
        self._line(foot, SEMIBOLD, (5, 4.5, 4, 3.5, 3), 16, TOP + 93, 178, 2, INK)
        x, top = 106.0, TOP + 12
        top = self._line(self.what["head"], BOLD, (9, 8, 7), x, top, 90, 2, INK) + 3
        for number, step in enumerate(self.what["steps"], 1):
            self._line(f"{number}.", BOLD, (6.2,), x, top, 8, 1, (13, 74, 62))
            top = self._line(step, REGULAR, (6.2, 5.6, 5), x + 9, top, 80, 3, INK) + 2.5
        self._line(self.what["hosts"], REGULAR, (4.6, 4.2, 3.8), 16, TOP + 107, 178, 2, QUIET)

    def _line(
        self,
        text: str,
        weight: int,
        sizes: Sequence[float],
        x: float,
        top: float,
        wide: float,
        lines: int,
        colour: tuple[int, int, int],
    ) -> float:
        """Write a text below `top`; gives where the next thing may begin."""
        if not lettering.drawable(text):
            return top
        block = lettering.fit(text, weight, wide=wide * DOT, lines=lines, sizes=_dots(*sizes))
        return self._block(block, x, top, colour)

    def _block(self, block: lettering.Block, x: float, top: float, colour: tuple[int, int, int]) -> float:
        size = block.size / DOT
        self.pdf.set_text_color(*colour)
        for number, line in enumerate(block.lines):
            at, base = x, top + size * (0.92 + number * lettering.LINE)
            for file, run in lettering.runs(line):
                self.pdf.set_font(_family(block.weight, file), size=size * self.scale * POINT)
                self.pdf.text(self.x + at * self.scale, self.y + base * self.scale, run)
                at += lettering.width(run, block.size, block.weight) / DOT
        return top + block.height / DOT

    def _qr(self, x: float, y: float, side: float) -> None:
        """The QR code as squares, its quiet zone left white (ISO/IEC 18004: four modules)."""
        rows = [list(row) for row in segno.make(self.what["link"], error="m", micro=False).matrix_iter(border=2)]
        cell = side * self.scale / len(rows)
        self.pdf.set_fill_color(*INK)
        for row, cells in enumerate(rows):
            column = 0
            while column < len(cells):
                run = column
                while run < len(cells) and cells[run]:
                    run += 1
                if run > column:
                    at = (self.x + x * self.scale + column * cell, self.y + y * self.scale + row * cell)
                    self.pdf.rect(at[0], at[1], (run - column) * cell, cell * 1.01, style="F")
                column = max(run, column + 1)


def _dots(*sizes: float) -> list[int]:
    return [round(size * DOT) for size in sizes]

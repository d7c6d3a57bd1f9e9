"""Draws the still picture that stands while nothing else is on."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

SIZE = (1280, 720)
NIGHT, LIGHT, QUIET = (10, 47, 42), (245, 250, 246), (160, 205, 190)
"""The stage's night and the words on it."""


def draw(path: Path, title: str, lines: Sequence[str]) -> Path:
    """Write a PNG with a title and lines below it to `path`."""
    picture = Image.new("RGB", SIZE, NIGHT)
    pen = ImageDraw.Draw(picture)
    for step in range(0, SIZE[1], 4):
        share = step / SIZE[1]
        tone = tuple(round(dark + (bright - dark) * share) for dark, bright in zip(NIGHT, (20, 82, 70), strict=True))
        pen.rectangle((0, step, SIZE[0], step + 4), fill=tone)
    size = 76
    while size > 30 and ImageFont.load_default(size).getlength(title) > SIZE[0] - 160:
        size -= 4
    pen.text((SIZE[0] / 2, 300), title, font=ImageFont.load_default(size), fill=LIGHT, anchor="mm")
    for number, line in enumerate(lines):
        pen.text((SIZE[0] / 2, 410 + 52 * number), line, font=ImageFont.load_default(36), fill=QUIET, anchor="mm")
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{secrets.token_hex(4)}.png")
    picture.save(aside, "PNG")
    os.replace(aside, path)
    return path

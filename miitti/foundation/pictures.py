"""Pictures people send and pictures taken from videos: turned upright, made small, written anew without their secrets.

The picture is hostile until shown otherwise, so it is read in a process of its own with limits and no network
(`python -m miitti.foundation.pictures PICTURE BIG.jpg SMALL.webp [TINY.webp]`, or `--logo PICTURE LOGO.webp SIDE` for
one that may be seen through). What is written holds pixels only: no place, no camera, no thumbnail.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from miitti.foundation import confine

if TYPE_CHECKING:
    from PIL import Image

#: Pixels of the longer edge of the pictures made.
BIG = 1280
SMALL = 640
TINY = 400
#: Bytes the small one may have, so that a page with a poster stays light on a thin line.
SMALL_BYTES = 25_000
#: Formats read. Everything else, SVG above all, is refused.
FORMATS = ("JPEG", "MPO", "PNG", "WEBP")
#: Formats of logos read.
LOGO_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
#: Pixels of the largest picture read: a phone's 48 megapixels.
MAX_PIXELS = 50_000_000

LIMITS = confine.Limits(cpu=30, file=16 * confine.MIB, files=64, network=False)


class Unreadable(Exception):
    """No picture we take; the text is for the log."""


def remake(
    source: Path,
    big: Path | None,
    small: Path,
    tiny: Path | None = None,
    *,
    timeout: float = 40.0,
    hidden: tuple[Path, ...] = (),
) -> None:
    """Writes `source` as a JPEG to `big` (when given) and as a WebP to `small` and to `tiny`, all in one folder.

    Whatever else lies in the folders `hidden` is not seen meanwhile. Raises `Unreadable`.
    """
    view = confine.View((source,), (small.parent,), hidden)
    _apart([str(source), str(big or ""), str(small), *([str(tiny)] if tiny else [])], timeout, view)


def remake_logo(source: Path, made: Path, side: int, *, timeout: float = 20.0, hidden: tuple[Path, ...] = ()) -> None:
    """Writes `source` to `made` as a WebP of at most `side` pixels, see-through where it was. Raises `Unreadable`."""
    view = confine.View((source,), (made.parent,), hidden)
    _apart(["--logo", str(source), str(made), str(side)], timeout, view)


def _apart(arguments: list[str], timeout: float, view: confine.View) -> None:
    """This module's `main` in a process with limits; at most `timeout` seconds. Raises `Unreadable`."""
    argv = [sys.executable, "-m", "miitti.foundation.pictures", *arguments]
    child = subprocess.Popen(
        confine.command(LIMITS, argv, view),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=confine.ROOT,
        env=confine.environment(),
        start_new_session=True,
    )
    try:
        _, said = child.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Unreadable("it took too long") from None
    finally:
        if child.returncode is None:
            confine.kill_group(child.pid)
            child.communicate()
    if child.returncode != 0:
        raise Unreadable(said.decode("utf-8", "replace").strip()[-300:])


def make(source: Path, big: Path | None, small: Path, tiny: Path | None = None) -> None:
    """The making itself, in this process. Raises what Pillow raises."""
    picture = _upright(source, FORMATS, "RGB", BIG)
    picture.thumbnail((BIG, BIG))
    if big is not None:
        picture.save(big, "JPEG", quality=82, optimize=True, progressive=True)
    picture.thumbnail((SMALL, SMALL))
    _light(picture, small)
    if tiny is not None:
        picture.thumbnail((TINY, TINY))
        _light(picture, tiny)


def make_logo(source: Path, made: Path, side: int) -> None:
    """The making of a logo itself, in this process. Raises what Pillow raises."""
    picture = _upright(source, LOGO_FORMATS, "RGBA", side)
    picture.thumbnail((side, side))
    picture.save(made, "WEBP", quality=90, method=4)


def _upright(source: Path, formats: tuple[str, ...], mode: str, longest: int) -> Image.Image:
    """The pixels of a picture alone; a JPEG may come smaller, never under twice the `longest` edge wanted."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with Image.open(source, formats=formats) as opened:
        if opened.width * opened.height > MAX_PIXELS:
            raise ValueError(f"{opened.width}x{opened.height}")
        opened.draft("RGB", (longest * 2, longest * 2))
        picture = ImageOps.exif_transpose(opened).convert(mode)
    # what is not pixels stays behind
    picture.info.clear()
    return picture


def _light(picture: Image.Image, small: Path) -> None:
    for quality in (76, 64, 52, 40, 28, 16):
        picture.save(small, "WEBP", quality=quality, method=4)
        if small.stat().st_size <= SMALL_BYTES:
            break


def main(argv: list[str]) -> int:
    """Makes what is asked for; 1 when what came is no picture."""
    try:
        if argv[0] == "--logo":
            make_logo(Path(argv[1]), Path(argv[2]), int(argv[3]))
        else:
            make(Path(argv[0]), Path(argv[1]) if argv[1] else None, Path(argv[2]), Path(argv[3]) if argv[3:] else None)
    except Exception as error:  # whatever a hostile file provokes is the same refusal
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

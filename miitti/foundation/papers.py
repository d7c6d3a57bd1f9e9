"""Papers people hand in: what a file really is, whatever it is called, and pictures made harmless.

Kept in the media folder under `private/`, which no public address serves.
"""

import io
import os
import re
import zipfile
from enum import StrEnum
from pathlib import Path

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps, UnidentifiedImageError

from miitti.foundation import ids, storage
from miitti.foundation.errors import TooBig, UnsupportedType

MOST_BYTES = 10 * 1024 * 1024
"""Largest paper taken; also measured on the bytes that came, never on what a header says."""

MOST_PIXELS = 60_000_000
"""A phone's largest photographs have about 50 megapixels; more is a bomb (Pillow warns at 89 million)."""

LONGEST_SIDE = 2_400
"""Pixels of a re-encoded picture's longer side: an A4 page at 200 dots an inch stays readable."""

_LONGEST_NAME = 80


class Kind(StrEnum):
    """What is taken."""

    PDF = "pdf"
    DOCX = "docx"
    JPEG = "jpeg"
    PNG = "png"


PICTURES = (Kind.JPEG, Kind.PNG)
MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/jpeg",
}
"""How each is sent on; pictures leave as JPEG, whatever they came as."""

ENDINGS = {Kind.PDF: "pdf", Kind.DOCX: "docx", Kind.JPEG: "jpg", Kind.PNG: "jpg"}


def kind_of(content: bytes) -> Kind | None:
    """What the bytes are, by the bytes alone; None for anything that isn't taken."""
    if content.startswith(b"\xff\xd8\xff"):
        return Kind.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    # ISO 32000 wants %PDF- at the very beginning; readers accept it in the first 1024 bytes, we are no looser
    if b"%PDF-" in content[:1024] and content.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"%PDF-"):
        return Kind.PDF
    if content.startswith(b"PK\x03\x04"):
        return _word(content)
    return None


def _word(content: bytes) -> Kind | None:
    """DOCX is a zip with a Word document and a list of types in it (ECMA-376 part 2); one with macros isn't taken."""
    # how many entries the archive claims: a list of a million names is refused before it is read
    end = content.rfind(b"PK\x05\x06", -65_557)
    if end < 0 or int.from_bytes(content[end + 10 : end + 12], "little") > 2_000:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    if not {"[Content_Types].xml", "word/document.xml"} <= names:
        return None
    return None if any(name.lower().endswith(("vbaproject.bin", ".exe")) for name in names) else Kind.DOCX


def judged(content: bytes) -> Kind:
    """The kind of a paper that may be taken. Raises TooBig or UnsupportedType, in words for the one who sends it."""
    if len(content) > MOST_BYTES:
        raise TooBig(_l("The file is too large: at most 10 MB."), field="cv")
    kind = kind_of(content)
    if kind is None:
        raise UnsupportedType(
            _l("This file can't be read as a CV. Use a PDF, a Word file (.docx), or a photo of the paper (JPEG, PNG)."),
            field="cv",
        )
    return kind


def safe_name(given: str, kind: Kind) -> str:
    """A name to show for a paper: the giver's, cut to harmless signs, with the ending its content has."""
    stem = re.sub(r"[^\w\- ]+", "_", Path(given.replace("\\", "/")).stem, flags=re.UNICODE).strip(" _.")
    return f"{stem[:_LONGEST_NAME] or 'cv'}.{ENDINGS[kind]}"


def keep(content: bytes) -> str:
    """Write a paper to the disk, synced, and give the name it is kept under. Nobody else can read the file."""
    name = storage.new_name()
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return name


def read(name: str) -> bytes:
    """The bytes of a kept paper. Raises NotFound for a name we never made, FileNotFoundError when it is gone."""
    return _path(name).read_bytes()


def forget(name: str) -> None:
    """Remove a kept paper, its bytes overwritten first; nothing happens when it is gone already."""
    path = _path(name)
    try:
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(b"\0" * size)
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)


def make_harmless(name: str) -> bool:
    """Encode a kept picture anew, so that only its pixels are left: no hidden file, no place where it was taken.

    Says whether it worked; a picture that can't be read is no picture. Slow (a second): for the worker.
    """
    path = _path(name)
    try:
        with Image.open(path, formats=["JPEG", "PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return False
            picture.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            if upright.mode in ("RGBA", "LA", "P"):
                upright = upright.convert("RGBA")
                ground = Image.new("RGB", upright.size, "white")
                ground.paste(upright, mask=upright.getchannel("A"))
                upright = ground
            made = io.BytesIO()
            upright.convert("RGB").save(made, "JPEG", quality=85)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    beside = path.with_name(f"{path.name}.{ids.new()}.part")
    beside.write_bytes(made.getvalue())
    beside.chmod(0o600)
    beside.replace(path)
    return True


def _path(name: str) -> Path:
    return storage.place("private", name)

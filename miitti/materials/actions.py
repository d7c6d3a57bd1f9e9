"""Everything that changes a booth's materials. Each action is one transaction; files are made before it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from miitti.accounts import actions as accounts
from miitti.booths.models import Booth
from miitti.events.models import overlong
from miitti.foundation import clock, db, errors, pictures, storage
from miitti.materials import queries, states
from miitti.materials.models import Material
from miitti.materials.states import Kind

FOLDER = "materials"


def add_file(*, booth_id: int, title: str, content: bytes) -> None:
    """Lay out a photo or a PDF, told apart by what is in it, not by its name. Raises Invalid.

    A photo is drawn anew in a process apart: a small WebP of pixels alone. A paper is kept as it is and given
    out only as a download.
    """
    if not content:
        raise errors.Invalid(_l("Choose a file."), field="file")
    if len(content) > states.FILE_BYTES:
        raise errors.Invalid(_l("The file is too large. Send one of at most 1.5 MB."), field="file")
    paper = content.startswith(b"%PDF-")
    name = f"{storage.new_name()}.{'pdf' if paper else 'webp'}"
    _keep(content, name, draw=not paper)
    try:
        _add(booth_id=booth_id, kind=Kind.PAPER if paper else Kind.PHOTO, title=title, file=name)
    except errors.Problem:
        storage.remove_tree(FOLDER, name)
        raise


def add_link(*, booth_id: int, title: str, url: str) -> None:
    """Lay out a link to a website. Raises Invalid."""
    address = states.web_address(url)
    if address is None:
        raise errors.Invalid(_l("This is no address of a website. It looks like https://example.fi."), field="url")
    _add(booth_id=booth_id, kind=Kind.LINK, title=title, url=address)


@db.writing
def remove(*, material_id: int, booth_id: int) -> None:
    """Take a material away, its file too."""
    row = queries.in_booth(material_id, booth_id)
    _note(row, "remove_material")
    if row.file:
        name = row.file
        db.after_commit(lambda: storage.remove_tree(FOLDER, name))
    db.session().delete(row)


@db.writing
def _add(*, booth_id: int, kind: Kind, title: str, url: str = "", file: str = "") -> None:
    db.row(Booth, booth_id)
    if not title.strip():
        raise errors.Invalid(_l("Say in a few words what it is."), field="title")
    if len(queries.of_booth(booth_id)) >= states.MOST:
        raise errors.Refused(_l("There are twelve already. Take one away first."))
    row = Material(booth_id=booth_id, kind=kind, title=title, url=url, file=file, added_at=clock.now())
    long = overlong(row)
    if long:
        raise errors.TooLong(fields={name: [errors.TooLong.default] for name in long})
    db.session().add(row)
    db.session().flush()
    _note(row, "add_material")


def _keep(content: bytes, name: str, *, draw: bool) -> None:
    sent, made = storage.place(FOLDER, f"{name}.sent"), storage.place(FOLDER, f"{name}.part")
    sent.parent.mkdir(parents=True, exist_ok=True)
    try:
        sent.write_bytes(content)
        if draw:
            pictures.remake(sent, None, made)
        storage.publish(made if draw else sent, FOLDER, name)
    except pictures.Unreadable as error:
        said = _l("This is no PDF and no picture we can use. Send a PDF, or a PNG, JPEG or WebP picture.")
        raise errors.Invalid(said, field="file") from error
    finally:
        sent.unlink(missing_ok=True)
        made.unlink(missing_ok=True)


def _note(row: Material, verb: str) -> None:
    booth = db.row(Booth, row.booth_id)
    accounts.note(
        verb=verb,
        object_kind="booth",
        object_id=booth.id,
        organisation_id=booth.organisation_id,
        event_id=booth.event_id,
        after={"title": row.title},
    )

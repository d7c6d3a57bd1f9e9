"""Uploads by tus 1.0: a booth's people send a file, in pieces, over whatever line there is."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from werkzeug.http import http_date

from miitti.booths import queries as booths
from miitti.booths.models import Booth
from miitti.foundation import access, db, errors, tus
from miitti.foundation.access import Role, Who
from miitti.foundation.forms import clean_line
from miitti.videos import actions, arrivals, queries, states
from miitti.videos.models import Upload

blueprint = Blueprint("videos_uploads", __name__, url_prefix="/desk/uploads")

EDITORS = access.EDITORS
"""Roles that may work on some booth's videos; which one, the queries say."""


@blueprint.url_value_preprocessor
def lift_limit(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Only the bytes of an upload may exceed the size of an ordinary request; they go straight to the disk."""
    if endpoint == "videos_uploads.more":
        request.max_content_length = states.MAX_BYTES


@blueprint.route("", methods=["OPTIONS"], provide_automatic_options=False)
@blueprint.route("/<upload_id>", methods=["OPTIONS"], provide_automatic_options=False)
@access.allow(Role.VISITOR)
def options(upload_id: str = "") -> Response:
    """What this server can do."""
    answer = _tus(204)
    answer.headers["Tus-Version"] = tus.VERSION
    answer.headers["Tus-Extension"] = tus.EXTENSIONS
    answer.headers["Tus-Max-Size"] = str(states.MAX_BYTES)
    answer.headers["Tus-Checksum-Algorithm"] = ",".join(tus.ALGORITHMS)
    return answer


@blueprint.route("", methods=["POST"], provide_automatic_options=False)
@access.allow(*EDITORS)
def begin() -> Response:
    """Make room for a file: the address to send its bytes to."""
    _speaks_tus()
    who = access.me()
    if "Upload-Length" not in request.headers:
        raise tus.BadRequest(_("The size must be known at the start. Send the header Upload-Length."))
    length = tus.number(request.headers["Upload-Length"], "Upload-Length")
    given = tus.metadata(request.headers.get("Upload-Metadata", ""))
    if length > states.MAX_BYTES:
        raise errors.TooBig(arrivals.TOO_LARGE)
    replaces = given.get("replaces") or None
    if replaces:
        # The video says whose booth it is.
        booth = db.row(Booth, queries.for_editor(replaces, who).booth_id)
    else:
        booth = _booth(who, given.get("booth", ""), given.get("event", ""))
    assert who.person is not None
    name = clean_line(given.get("filename", ""))
    upload_id = arrivals.begin(booth_id=booth.id, person_id=who.person, filename=name, length=length, replaces=replaces)
    upload = queries.upload_for(upload_id, who)
    answer = _tus(201, upload)
    answer.headers["Location"] = url_for("videos_uploads.state", upload_id=upload_id)
    return answer


@blueprint.route("/<upload_id>", methods=["HEAD"], provide_automatic_options=False)
@access.allow(*EDITORS)
def state(upload_id: str) -> Response:
    """How many bytes are here."""
    _speaks_tus()
    upload = queries.upload_for(upload_id, access.me())
    answer = _tus(200, upload)
    answer.headers["Upload-Length"] = str(upload.length)
    answer.headers["Content-Length"] = "0"
    return answer


@blueprint.route("/<upload_id>", methods=["PATCH"], provide_automatic_options=False)
@access.allow(*EDITORS)
def more(upload_id: str) -> Response:
    """Take the next bytes. They are on the disk, and known to be, before the answer says so."""
    _speaks_tus()
    who = access.me()
    if request.mimetype != tus.CONTENT:
        raise errors.UnsupportedType
    # Without a length nobody knows whether the bytes that came are all of them.
    if request.content_length is None or "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        raise tus.LengthRequired
    offset = tus.number(request.headers.get("Upload-Offset"), "Upload-Offset")
    expected = tus.checksum(request.headers.get("Upload-Checksum"))
    queries.upload_for(upload_id, who)
    with tus.locked(actions.bytes_of(upload_id)) as hold:
        # Only under the lock is what the row says the last word.
        db.session().rollback()
        upload = db.row(Upload, upload_id)
        if offset != upload.offset:
            raise errors.Conflict(_("The upload stands at another place. Ask for its state and go on from there."))
        if offset + request.content_length > upload.length:
            raise errors.TooBig(_("More bytes came than were announced."))
        # A minutes-long request must not hold a read transaction, or the database's log could not be tidied.
        db.session().rollback()
        if upload.video_id is None:
            tus.write(
                hold,
                # as the server gives it: Werkzeug's wrapper copies every byte twice more
                request.environ["wsgi.input"],
                offset=offset,
                length=request.content_length,
                expected=expected,
                durable=lambda here: _record(upload_id, here),
            )
    return _tus(204, db.row(Upload, upload_id))


def _record(upload_id: str, offset: int) -> None:
    arrivals.append(upload_id=upload_id, offset=offset)


@blueprint.route("/<upload_id>", methods=["DELETE"], provide_automatic_options=False)
@access.allow(*EDITORS)
def abandon(upload_id: str) -> Response:
    """Forget an unfinished upload."""
    _speaks_tus()
    queries.upload_for(upload_id, access.me())
    with tus.locked(actions.bytes_of(upload_id)):
        arrivals.abandon(upload_id=upload_id)
    return _tus(204)


def _speaks_tus() -> None:
    if request.headers.get("Tus-Resumable") != tus.VERSION:
        raise tus.WrongVersion


def _tus(status: int, upload: Upload | None = None) -> Response:
    answer = Response(status=status)
    answer.headers["Tus-Resumable"] = tus.VERSION
    answer.headers["Cache-Control"] = "no-store"
    if upload is not None:
        answer.headers["Upload-Offset"] = str(upload.offset)
        if upload.video_id is not None:
            # A file that replaces a video answers to that video's id, the only one anybody needs.
            answer.headers["Miitti-Video"] = upload.replaces or upload.video_id
        else:
            answer.headers["Upload-Expires"] = http_date(upload.expires_at)
    return answer


@blueprint.after_request
def say_version(answer: Response) -> Response:
    """Every answer of an upload address names the protocol's version, errors too."""
    if request.path.startswith("/desk/uploads"):
        answer.headers["Tus-Resumable"] = tus.VERSION
        if answer.status_code == 412:
            answer.headers["Tus-Version"] = tus.VERSION
    return answer


def _booth(who: Who, slug: str, event: str) -> Booth:
    """The booth a file is meant for. Raises `errors.Invalid` naming the choices when that is not one booth."""
    mine = booths.of_who(who)
    fitting = [(b, e) for b, e in mine if b.slug == slug and event in ("", e.slug)]
    if len(fitting) == 1:
        return fitting[0][0]
    if not slug and len(mine) == 1:
        return mine[0][0]
    names = ", ".join(f"{e.slug}/{b.slug}" for b, e in (fitting or mine)[:20])
    if fitting:
        raise errors.Invalid(
            _("More than one of your booths is called %(slug)s: %(names)s. Name the event too.", slug=slug, names=names)
        )
    raise errors.Invalid(_("None of your booths is called so. Yours are: %(names)s.", names=names or "–"))

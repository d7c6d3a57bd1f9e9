"""Gzip for text on its way out: a teaser's HTML, sheets and modules shrink to about a third.

Static files are compressed once and kept; a page is compressed as it is sent. Video and pictures are compressed
already. A reverse proxy may do the same instead: what is encoded here says so.
"""

import gzip
from collections import OrderedDict

from flask import Response, request

KINDS = frozenset(
    {
        "text/html",
        "text/css",
        "text/plain",
        "text/calendar",
        "text/javascript",
        "application/javascript",
        "application/json",
        "application/atom+xml",
        "image/svg+xml",
    }
)
LEAST = 700
"""Bytes below which a header costs as much as is saved."""
KEPT = 200
"""How many compressed static files are remembered."""

_static: OrderedDict[str, bytes] = OrderedDict()


def compressed(response: Response) -> Response:
    """The response, gzipped when the client takes it and it is worth it."""
    if (
        response.status_code != 200
        or response.mimetype not in KINDS
        or "Content-Encoding" in response.headers
        or "Content-Range" in response.headers
    ):
        return response
    response.vary.add("Accept-Encoding")
    if request.method != "GET" or request.accept_encodings["gzip"] <= 0:
        return response
    tag = response.headers.get("ETag")
    if response.direct_passthrough:
        if tag is None or request.endpoint != "static":
            return response
        body = _of_static(f"{request.path} {tag}", response)
    elif response.is_streamed or len(response.get_data()) < LEAST:
        return response
    else:
        body = gzip.compress(response.get_data(), 5, mtime=0)
    response.set_data(body)
    response.headers["Content-Encoding"] = "gzip"
    if tag is not None and not tag.startswith("W/"):
        # the same content in other bytes: RFC 9110, section 8.8.1, wants the tag weak
        response.headers["ETag"] = f"W/{tag}"
    return response


def _of_static(key: str, response: Response) -> bytes:
    response.direct_passthrough = False
    file = response.response
    body = _static.pop(key, None)
    if body is None:
        body = gzip.compress(b"".join(response.iter_encoded()), 9, mtime=0)
    if hasattr(file, "close"):
        file.close()  # our bytes take its place, so nobody else would
    _static[key] = body
    while len(_static) > KEPT:
        _static.popitem(last=False)
    return body

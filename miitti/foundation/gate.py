"""What stands before both Flask and the socket server: the host check, and what a handshake may ask for.

Flask's TRUSTED_HOSTS never sees an Engine.IO handshake, so the check is WSGI middleware around both.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

Environ = dict[str, Any]
Start = Callable[..., Any]
App = Callable[[Environ, Start], Iterable[bytes]]

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

UNKNOWN_HOST = """<!doctype html>
<html lang="fi"><head><meta charset="utf-8"><title>Tuntematon osoite</title></head><body>
<h1>Tuntematon osoite</h1>
<p>Tämä palvelu ei vastaa tällä nimellä. Tarkista osoite ja yritä uudelleen.</p>
<p lang="sv">Tjänsten svarar inte på det här namnet. Kontrollera adressen och försök igen.</p>
<p lang="en">This service does not answer to that name. Check the address and try again.</p>
</body></html>
""".encode()


def loopback(host: str) -> bool:
    """Whether a host name (without port) means this machine itself."""
    return host.strip("[]").lower() in {"localhost", "127.0.0.1", "::1"}


def origins(base_url: str) -> list[str]:
    """The origins a handshake may come from: the public one, on loopback all its spellings."""
    parts = urlsplit(base_url)
    if not loopback(parts.hostname or ""):
        return [base_url]
    port = f":{parts.port}" if parts.port else ""
    return [f"{parts.scheme}://{host}{port}" for host in LOOPBACK]


def hosts(base_url: str) -> frozenset[str]:
    """The host names (without port) we answer to."""
    name = (urlsplit(base_url).hostname or "").lower()
    return frozenset(host.strip("[]") for host in LOOPBACK) if loopback(name) else frozenset({name})


class Gate:
    """WSGI middleware: unknown hosts get 400, handshakes lose their compression offer.

    eventlet accepts permessage-deflate whenever a browser offers it, at 1.38 times the CPU and 205 instead of
    82 KiB per client (measured with 1 000 clients), so the offer is taken away. Both servers decode chunked
    bodies themselves; saying so lets Werkzeug read a body that has no length.
    """

    def __init__(self, inner: App, known: frozenset[str]) -> None:
        self.inner = inner
        self.known = known

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer one request."""
        if not self._knows(environ.get("HTTP_HOST", "")):
            start_response(
                "400 Bad Request",
                [
                    ("Content-Type", "text/html; charset=utf-8"),
                    ("Content-Length", str(len(UNKNOWN_HOST))),
                    ("Cache-Control", "no-store"),
                    ("Content-Security-Policy", "default-src 'none'"),
                    ("Connection", "close"),
                ],
            )
            return [UNKNOWN_HOST]
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
            environ["wsgi.input_terminated"] = True
        return self.inner(environ, start_response)

    def _knows(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            return False
        return name is not None and name.lower() in self.known

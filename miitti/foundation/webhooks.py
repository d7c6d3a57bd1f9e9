"""Webhooks by Standard Webhooks 1.0: signed, sent to public addresses only, never led elsewhere.

The name is resolved once, every address it has is judged, and the connection goes to the judged address itself: so
a name can't answer a public address to the judge and a private one to the connection (DNS rebinding).
"""

import base64
import binascii
import hashlib
import hmac
import http.client
import ipaddress
import secrets
import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from miitti.foundation import settings

TIMEOUT = 10.0
"""Seconds one step may take. The standard suggests 15 to 30; a receiver does its work after it has answered."""

MOST_ANSWER = 4_096
"""Bytes of an answer that are read; nothing of it is kept but the status."""

PREFIX = "whsec_"
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Unreached(Exception):
    """The receiver was not reached or did not say 2xx; the text holds codes only. `status` is 0 without an answer."""

    def __init__(self, why: str, status: int = 0) -> None:
        super().__init__(why)
        self.status = status


class Forbidden(Unreached):
    """The address is none we may speak to."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook goes, once its name was resolved and judged."""

    scheme: str
    host: str
    port: int
    path: str
    address: str


def new_secret() -> str:
    """A fresh signing secret: 32 random bytes behind `whsec_`."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64 HMAC-SHA256 of id.timestamp.body>`. Raises ValueError for a secret that is none."""
    if not secret.startswith(PREFIX):
        raise ValueError("a signing secret begins with whsec_")
    try:
        key = base64.b64decode(secret[len(PREFIX) :], validate=True)
    except binascii.Error:
        raise ValueError("the signing secret is not base64") from None
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secrets_now: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of the standard; while a secret is being changed there are two signatures."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(secret, message_id, timestamp, body) for secret in secrets_now),
    }


def may_reach(address: str, allowed: Iterable[str] = ()) -> bool:
    """Whether a resolved IP address may be spoken to: a public unicast one, or in a network that is allowed.

    Refused are private, loopback, link-local (cloud metadata), shared (RFC 6598), multicast, reserved and unspecified
    ones, also when wrapped in IPv6 (mapped, 6to4, Teredo, NAT64).
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if any(ip in ipaddress.ip_network(network) for network in allowed):
        return True
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return may_reach(str(inner))
        if ip.is_site_local:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def judged(url: str, addresses: Sequence[str], allowed: Iterable[str] = ()) -> Target:
    """Decide where a webhook may go, given what its name resolves to. Connects to nothing.

    Raises Forbidden for another scheme than https (plain http only inside allowed networks), for sign-in data in the
    address, and when any of the addresses may not be reached.
    """
    allowed = tuple(allowed)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Forbidden("not an address") from None
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.password:
        raise Forbidden("not an address")
    if not addresses:
        raise Unreached("the name is not known")
    if not all(may_reach(address, allowed) for address in addresses):
        raise Forbidden("not a public address")
    if parts.scheme == "http" and any(may_reach(address) or not allowed for address in addresses):
        raise Forbidden("only https is sent to")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), path, addresses[0])


def looks_usable(url: str) -> bool:
    """Whether the text has the shape of an https address, before anything is resolved."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        return False
    return usable and len(url) <= 500 and url.isprintable() and " " not in url


def resolved(url: str) -> list[str]:
    """The addresses the name in a URL has now; empty when it has none."""
    try:
        parts = urlsplit(url)
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, ValueError, UnicodeError):
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def post(url: str, body: bytes, sent_headers: dict[str, str]) -> int:
    """Send, and give the status when it is 2xx. Raises Unreached otherwise: a redirect counts as a failure."""
    allowed = settings.current().webhook_networks
    target = judged(url, resolved(url), allowed)
    connection = _connection(target)
    default = {"https": 443, "http": 80}[target.scheme]
    name = f"[{target.host}]" if ":" in target.host else target.host
    host = name if target.port == default else f"{name}:{target.port}"
    try:
        connection.request(
            "POST",
            target.path,
            body=body,
            headers={"Host": host, "Content-Type": "application/json", "User-Agent": "Miitti", **sent_headers},
        )
        answer = connection.getresponse()
        answer.read(MOST_ANSWER)
        status = answer.status
    except (OSError, http.client.HTTPException) as error:
        raise Unreached(f"no conversation: {type(error).__name__}") from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise Unreached(f"the receiver answered {status}", status)
    return status


class _Pinned(http.client.HTTPSConnection):
    """TLS to one address, with the certificate checked against the name."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT, context=ssl.create_default_context())
        self._target = target

    def connect(self) -> None:
        """Connect to the judged address instead of asking the name service again."""
        plain = socket.create_connection((self._target.address, self._target.port), TIMEOUT)
        context: Any = ssl.create_default_context()
        self.sock = context.wrap_socket(plain, server_hostname=self._target.host)


def _connection(target: Target) -> http.client.HTTPConnection:
    if target.scheme == "https":
        return _Pinned(target)
    return http.client.HTTPConnection(target.address, target.port, timeout=TIMEOUT)

"""Signed links that open one thing for a while without an account.

A token is `<payload>.<signature>`: what it opens and until when, in the clear, and an HMAC-SHA256 with a key
derived per kind, so that a link of one kind never opens another kind's door.
"""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

from miitti.foundation import clock, settings
from miitti.foundation.errors import NotFound

_LONGEST = 2_000


def made(kind: str, about: Any, *, days: float) -> str:
    """A token that opens `about` (anything JSON can hold) for so many days."""
    until = int((clock.now() + timedelta(days=days)).timestamp())
    payload = _packed(json.dumps([until, about], separators=(",", ":")).encode())
    return f"{payload}.{_signature(kind, payload)}"


def opened(kind: str, token: str) -> Any:
    """What the token opens. Raises NotFound when it is forged, of another kind, or out of date."""
    payload, _dot, signature = token.partition(".")
    if len(token) > _LONGEST or not hmac.compare_digest(_signature(kind, payload).encode(), signature.encode()):
        raise NotFound
    until, about = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if until < clock.now().timestamp():
        raise NotFound
    return about


def _signature(kind: str, payload: str) -> str:
    key = hmac.new(settings.current().secret_key.encode(), f"link {kind}".encode(), hashlib.sha256).digest()
    return _packed(hmac.new(key, payload.encode(), hashlib.sha256).digest())


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

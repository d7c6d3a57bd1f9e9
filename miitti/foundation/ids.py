"""Opaque identifiers and secrets."""

import hashlib
import secrets


def new(prefix: str = "") -> str:
    """A fresh URL-safe identifier with 96 random bits; safe to show, impossible to guess in practice."""
    return prefix + secrets.token_urlsafe(12)


def secret() -> str:
    """A fresh URL-safe secret with 256 random bits, for links that stand in for a password."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """SHA-256 of a secret in hex: what is stored of it, so a stolen database opens no door."""
    return hashlib.sha256(token.encode()).hexdigest()

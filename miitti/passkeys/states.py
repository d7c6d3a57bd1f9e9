"""Figures of the passkeys room."""

CHALLENGE_MINUTES = 5
"""How long a challenge can be answered; a person may have to look for her phone."""

MOST = 10
"""Passkeys one person may have."""

CREDENTIAL_LENGTH = 1400
"""Longest credential id in characters of base64url: WebAuthn Level 3 allows 1 023 bytes."""

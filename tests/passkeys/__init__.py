"""Tests of the passkeys room."""

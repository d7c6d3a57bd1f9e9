"""Signing in by a passkey: a key pair that stays in one's own device, opened there by finger, face or PIN."""

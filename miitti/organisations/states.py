"""Figures of the organisations room."""

LOGO_SIDE = 400
"""Longest side of a stored logo in pixels; shown at 160 at most, so sharp on a phone."""

LOGO_BYTES = 1_500_000
"""Largest picture taken for a logo; below the limit of an ordinary request."""

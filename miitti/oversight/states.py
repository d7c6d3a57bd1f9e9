"""Figures of the oversight room."""

AUDIT_PAGE = 100
"""Entries of the audit on one page."""

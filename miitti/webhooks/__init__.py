"""Leads told to a company's own system: signed, logged, sent again by hand."""

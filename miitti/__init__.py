"""Miitti: a self-hosted virtual recruitment event platform."""

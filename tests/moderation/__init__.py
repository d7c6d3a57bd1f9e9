"""Tests of the moderation room."""

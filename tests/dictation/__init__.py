"""Tests of the dictation room."""

"""Tests of the screens room."""

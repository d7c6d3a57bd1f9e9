"""Tests of the presence room."""

"""Tests of the questions room, and what they share."""

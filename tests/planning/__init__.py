"""Tests of making an event on the desk."""

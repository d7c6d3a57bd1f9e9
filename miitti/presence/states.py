"""Pure rules of the presence room."""

from datetime import timedelta

MOST_HEADS = 300
"""The largest group that one browser may say it watches with: a school's hall."""

UNHEARD = timedelta(hours=1)
"""How long a group counts whose browser has no script, so that nobody hears when it leaves."""

PLACE = "stage"
"""Where groups watch."""

KEPT = timedelta(minutes=5)
"""A browser that comes back within this time is on the same visit, its group with it."""

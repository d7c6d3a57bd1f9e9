"""Screens others look at: the presenter's view, the projector of the hall and the overlay of a broadcast."""

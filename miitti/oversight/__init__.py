"""What hosts answer for: who did what in an event, and what is kept of one person."""

"""Who is there: heartbeats of people at a stage or a booth, counted and never named."""

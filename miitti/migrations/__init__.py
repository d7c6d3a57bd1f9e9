"""Numbered steps from an empty database to the newest schema; run by `miitti migrate` and at every start."""

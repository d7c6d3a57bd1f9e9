"""Whether the booths of an event are ready: the board, a letter to those who are not, a host's approval."""

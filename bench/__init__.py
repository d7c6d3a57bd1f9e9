"""Benchmarks: each prints its peer, the ratio and the spread. Server CPU per unit of work, never wall time."""

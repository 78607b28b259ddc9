"""Benchmarks: each prints a ratio to a peer in the same run, after comparing results."""

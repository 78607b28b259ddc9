"""Simulation: a run over a past period through a ledger in memory, and what came of it.

Imports go one way: `columns` `history` `simulation` ← `overlaps` ← `summing` ← `simulate`.
"""

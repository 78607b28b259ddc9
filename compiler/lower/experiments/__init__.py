"""Experiments: holdout and split as the plan has them, and arms that get nothing.

Imports go one way: `clauses` ← `serving`.
"""

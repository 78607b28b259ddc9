"""Clauses of campaigns that have a meaning of their own: the active period, and reversals."""

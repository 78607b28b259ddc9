"""Sums over decisions: of one plan by step, outcome and instant, and of all by customer.

Imports go one way: `moves` ← `exposures` ← `totals`.
"""

"""Wallets over time: their state at the turn of a decision.

Imports go one way: `as_of` alone.
"""

"""Reversals: events that take back what a campaign granted.

Imports go one way: `events` ← `reversers`.
"""

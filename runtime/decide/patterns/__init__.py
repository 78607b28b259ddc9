"""Triggers that wait: for several events of customers or of one, or for a moment after one.

Imports go one way: `cancelled` `counting` `moves` ← `firings` `groups` `timers`.
"""

"""What a trigger waits for: groups of customers, and patterns of one customer's events.

Imports go one way: `groups` ← `firings`.
"""

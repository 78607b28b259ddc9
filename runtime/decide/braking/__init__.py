"""Events that may pause a campaign.

Imports go one way: `events` ← `watchers`.
"""

"""The review of one campaign: what came of it, phase by phase, out of ledger and outbox.

Imports go one way: `model` ← `happened` `phases` `usage` ← `review`.
"""

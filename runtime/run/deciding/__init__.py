"""Deciding in a run: rows of the warehouse become decisions, and these go to the ledger in batches.

Imports go one way: `bundles` ← `rows` ← `portions`; `counting` `portions` ← `deciding`.
"""

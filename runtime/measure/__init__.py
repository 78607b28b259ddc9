"""From exposures in the ledger and events in the warehouse to what campaigns brought about.

Imports go one way: `results` ← `exposures` `figures` ← `judging` ← `measure`.
"""

"""A run: candidates from the warehouse, decided in order, kept in the ledger.

Imports go one way: `addresses` `candidates` `claim_rows` `entered` `permission` `report`
`vanished` `wallet_firings` ← `items` `timed_work` ← `run`.
"""

"""A run: candidates from the warehouse, decided in order, kept in the ledger.

Imports go one way: `addresses` `candidates` `claim_rows` `code_stocks` `entered` `paused`
`permission` `report` `stranded` `vanished` `wallets` ← `work` ← `items` `nothing` `stretches`
`timed_work` ← `deciding` ← `run`.
"""

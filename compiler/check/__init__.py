"""The checks: names, types and whatever else must hold of a tree before it is lowered.

Imports go one way: `festivals` `fixes` `symbols` ← `context` ← `certain` `denials` `ledger_use`
`literals` `moves` `scope` `silence` `wallets` ← `divisors` `operations` ← `histories` ←
`expressions`.
"""

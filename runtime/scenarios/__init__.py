"""Scenarios played on a virtual clock: the reference's rules and a real ledger, in memory.

Imports go one way: `came` `coverage` `world` ← `comparing` `sending` `writing` ← `staging` ←
`playing` ← `explaining` ← `recording` `testing`.
"""

"""Scenarios played on a virtual clock: the reference's rules and a real ledger, in memory.

Imports go one way: `came` `coverage` `staging` `world` ← `comparing` `sending` `writing` ←
`playing` ← `explaining` ← `recording` `testing`.
"""

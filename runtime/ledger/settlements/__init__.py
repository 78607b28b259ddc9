"""Later changes of grants: claims, redemptions, expiries, reversals, rewinds.

Imports go one way: `overdue` `rewinding` `settling` ← `amending` `claiming` `expiring`
`redeeming` ← `claim_events`.
"""

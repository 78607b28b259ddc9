"""What becomes of grants later: claims, redemptions, ends, reversals.

Imports go one way: `overdue` `rewinding` `settling` ← `amending` `claiming` `expiring`
`redeeming` ← `claim_events`.
"""

"""The decision: what a plan means for one customer at one instant.

Imports go one way: `active` `decisions` `drawing` `expiry` `keys` ← `charges` `claims`
`past_grants` ← `facts` ← `lines` `patterns` `received` `recipients` ← `claimers`
`deciding` `grant_gate` `journeys` `tasks` ← `braking` `reference` `reversing` `wallets`.
"""

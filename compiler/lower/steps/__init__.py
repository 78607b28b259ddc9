"""The steps of a campaign: what each waits for, gives and says, before it is lowered.

Imports go one way: `deadlines` `later` `renamed` `source` ← `journeys` `tasks` ←
`sources`.
"""

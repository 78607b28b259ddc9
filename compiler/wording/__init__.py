"""The clauses of a plan in plain words, as phrases of every language.

`campaigns.clauses` says a campaign, one sentence a clause, in the order of the brief. Fields,
audiences and the like go by their labels, as far as the project has them. A new form of the plan
does not type-check until it has its words: each kind of node is matched to the end.

Imports go one way: `operators` `values` ← `clauses` `names` ← `conditions` ← `caps` `measures`
`rewards` `schedules` ← `triggers` ← `steps` ← `campaigns` ←
`public`.
"""

"""The lowering: from the clauses of a tree to the parts of a plan.

Imports go one way: `amounts` `declarations` `patterns` `recipients` ← `benefits` `choices`
`clauses` `timers` ← `measuring` `rewards` ← `budgets` `triggers` ← `experiments`
`pools` `steps` ← `charges` `policies` `rivals` ← `campaigns`.
"""

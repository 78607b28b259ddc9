"""The compiler: from trees, settings and a catalog to a validated plan, and from a plan to SQL.

Imports go one way: `codes` `collector` ← `files` `plan` ← `dialects` `project` ← `consequences`
`operators` `rewards` ← `cancelled` `invariants` `proofs` `sql` `wording` ← `behaviour` `check`
`diff` `lifecycle` `measures` ← `brakes` `messages` ← `deployed` `lower` `scenarios` ← `compile` ←
`kept_plans` ← `edited` `versions` `watched`.
"""

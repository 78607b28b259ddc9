"""The parts of SQL that several dialects share: terms, numbers, clocks, names.

Imports go one way: `names` `nesting` `parameters` `quoting` `terms` `zones` ← `dialect` `ranges` ←
`clocks` `literals` `plain` ← `moments` ← `context` ← `days` `numbers` `overlaps`.
"""

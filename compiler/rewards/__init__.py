"""The table of rewards: `table` has a row a kind of reward line, a module a kind has its columns.

Imports go one way: `payouts` ← `kind` `money` ← `benefit` `cash` `choice` `wallet` ←
`sql_column` `table` ← `lines`.
"""

"""The table of meaning: `table` has a row an operator, the other modules are its columns.

Imports go one way: `folding` `sql_hashes` ← `python_meaning` `sql_meaning` ← `codegen`
`rounding` `sql_bounds` `sql_rounding` `sql_time` ← `sqlite_functions` ← `table` ← `build`
`sql_column`.
"""

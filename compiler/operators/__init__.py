"""The table of meaning: `table` has a row an operator, the other modules are its columns.

Imports go one way: `python_meaning` `sql_meaning` ← `codegen` `sql_bounds` `sqlite_functions` ←
`table` ← `build` `sql_column`.
"""

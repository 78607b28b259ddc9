"""The warehouse of a DuckDB file.

Imports go one way: `memory` `spill` `types` ← `client`.
"""

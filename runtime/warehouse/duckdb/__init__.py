"""The warehouse of a DuckDB file.

Imports go one way: `memory` `types` ← `client`.
"""

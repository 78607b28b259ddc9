"""The warehouse on a PostgreSQL server.

Imports go one way: `sessions` `types` ← `client`.
"""

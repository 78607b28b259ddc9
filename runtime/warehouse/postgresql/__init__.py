"""The warehouse on a PostgreSQL server.

Imports go one way: `opening` `types` ← `client`.
"""

"""The warehouse on Spark.

Imports go one way: `sessions` `types` ← `client`.
"""

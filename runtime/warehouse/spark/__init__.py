"""The warehouse on Spark.

Imports go one way: `opening` `types` ← `client`.
"""

"""The measures of all campaigns as one SQL statement over the customers who were exposed.

Imports go one way: `asks` `exposed` ← `counted` ← `staged` ← `query`.
"""

"""The audit: the chain of entries, and whether everything adds up.

Imports go one way: `amcheck` `auditing` ← `verifying`.
"""

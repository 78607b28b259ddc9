"""The audit: re-read the chain, and check that everything adds up.

Imports go one way: `amcheck` `auditing` ← `rebuilding` `verifying`.
"""

"""Proofs from the catalog's ranges: what a condition can be.

Imports go one way: `ranges` ← `intervals` `value_sets` ← `outcomes`.
"""

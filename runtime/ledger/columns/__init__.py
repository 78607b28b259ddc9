"""Batches decided by columns: what is alike in many decisions is worked out once.

Imports go one way: `inserting` `plain` ← `templates` ← `batch` ← `deciding`.
"""

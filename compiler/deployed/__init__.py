"""A plan that was deployed: its document, read back, and whether the settings go with it.

Imports go one way: `misfits` `reading` ← `schema`.
"""

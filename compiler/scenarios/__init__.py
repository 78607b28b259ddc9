"""Scenarios: from the tree to values, checked against the plan of their campaign.

Imports go one way: `model` `needs` `outcomes` ← `reader` ← `values` ← `given` ←
`expectations` ← `reading`.
"""

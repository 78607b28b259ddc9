"""Draws in the ledger: what was declared before, published after, and drawn again.

Imports go one way: `entries` `odds` `revealed` ← `redrawing`.
"""

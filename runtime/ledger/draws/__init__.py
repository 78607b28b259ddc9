"""Draws in the ledger: declared before, published after, and drawn again.

Imports go one way: `entries` `odds` `revealed` ← `redrawing`.
"""

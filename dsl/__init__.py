"""The language: from the text of a campaign file to its tree, and back.

Imports go one way: `diagnostics` ← `codes` `tree` ← `parsing` ← `formatting`.
"""

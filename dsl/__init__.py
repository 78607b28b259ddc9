"""The language: from the text of a campaign file to its tree, and back.

Imports go one way: `user_cache` `words` `years` ← `diagnostics` ← `codes` `tree` ← `decoding` ←
`parsing` ← `formatting`.
"""

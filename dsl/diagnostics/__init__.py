"""Diagnostics: a code, its values and a place in a source.

Imports go one way: `source` ← `diagnostic` ← `fixes` `nearest`.
"""

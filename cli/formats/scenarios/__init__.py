"""Results of scenarios, one format a file.

Imports go one way: `lines` ← `json` `junit` `text`.
"""

"""Results of scenarios, one format a file.

Imports go one way: `coverage` `lines` ← `json` `junit` `text`.
"""

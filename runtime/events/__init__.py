"""The event path: lines of JSON in, decisions out, batch by batch.

Imports go one way: `compiled` ← `concerns` `indices` ← `cache` `tasked` ← `waiting` ← `engine`
← `ahead` `lacking` `lines` `owners` `part` ← `past` `requests` `stream` ← `due` `reading` ←
`worker` ← `session` ← `workers`.
"""

"""The event path: lines of JSON in, decisions out, batch by batch.

Imports go one way: `compiled` ← `concerns` ← `tasked` ← `waiting` ← `engine` ← `ahead` `lines`
`owners` ← `past` `requests` `stream` ← `due` ← `worker` ← `session` ← `workers`.
"""

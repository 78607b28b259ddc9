"""The event path: lines in, decisions out, one event at a time.

Imports go one way: `compiled` ← `engine` ← `lines` `owners` `past` ← `stream` `worker` ← `session`.
"""

"""The channels: one file each, and the wire beneath them.

Imports go one way: `file` `sending` `wire` ← `broker` `mail` `webhook` ← `kafka` `nats`.
"""

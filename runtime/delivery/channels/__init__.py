"""The channels: one file each, and the wire beneath them.

Imports go one way: `file` `sending` `wire` ← `kafka` `mail` `nats` `webhook`.
"""

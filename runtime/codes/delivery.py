"""E750–E759, and E184 and W152 of campaigner.toml: messages and their delivery, in words."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

CHANNEL_UNKNOWN = Code("E750")
CHANNEL_UNWRITABLE = Code("E751")
CHANNEL_DISK_FULL = Code("E752")
CHANNEL_NEEDS = Code("E753")
CHANNEL_UNUSABLE = Code("E754")
CHANNEL_IN_USE = Code("E757")
CHANNEL_FAILING = Code("W750")
DEAD_LETTERS = Code("W751")
SENDER_BROKE = Code("W752")

"""E744–E749, E767, E806–E808, E848: events that come as lines, or from a broker."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

EVENT_LINE = Code("E744")
EVENT_AHEAD = Code("E767")

STANDARD_INPUT = Phrase("events.standard_input")
NOT_UTF8 = Phrase("events.not_utf8")
NOT_JSON = Phrase("events.not_json")
NOT_AN_OBJECT = Phrase("events.not_an_object")
TOO_LONG = Phrase("events.too_long")
MISSING = Phrase("events.missing")
TWICE = Phrase("events.twice")
UNKNOWN_ENTRY = Phrase("events.unknown_entry")
UNKNOWN_EVENT = Phrase("events.unknown_event")
UNKNOWN_FIELD = Phrase("events.unknown_field")
NOTHING = Phrase("events.nothing")
UNREADABLE = Phrase("events.unreadable")
OUTSIDE = Phrase("events.outside")
BEYOND_CALENDAR = Phrase("events.beyond_calendar")
LONG_KEY = Phrase("events.long_key")
KEY_OF_ANOTHER = Phrase("events.key_of_another")
A_KEY = Phrase("events.a_key")
A_NAME = Phrase("events.a_name")
AN_INSTANT = Phrase("events.an_instant")

SOURCE_AWAY = Code("E806")
LETTERS_UNWRITTEN = Code("E807")
SOURCE_NEEDS = Code("E808")

TOGETHER = Code("E848")
OF_GROUPS = Phrase("workers.of_groups")
OF_CATCHING_UP = Phrase("workers.of_catching_up")
OF_WALLETS = Phrase("workers.of_wallets")
OF_OTHERS = Phrase("workers.of_others")
OF_ENDS = Phrase("workers.of_ends")
OF_POINTS = Phrase("workers.of_points")

"""E7xx: the words of each mistake of this area."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

# --- E700–E719, E766: instants, the warehouse, the run -------------------------------------------

NOT_WHOLE = Phrase("running.not_whole")
DECLARED_HERE = Phrase("running.declared_here")

INSTANT_UNREADABLE = Code("E700")
INSTANT_BEYOND = Code("E746")
PERIOD_BACKWARDS = Code("E701")
INSTANT_AHEAD = Code("E766")
WAREHOUSE_MISSING = Code("E702")
WAREHOUSE_NOT_DUCKDB = Code("E703")
WAREHOUSE_LOCKED = Code("E704")
WAREHOUSE_UNSUPPORTED = Code("E705")
WAREHOUSE_UNREADABLE = Code("E706")
TABLE_MISSING = Code("E707")
COLUMN_MISSING = Code("E708")
VALUE_UNREADABLE = Code("E709")
COLUMN_TYPE = Code("E710")
KEY_MISSING = Code("E711")
KEY_TWICE = Code("E712")
VALUE_MISSING = Code("E713")
WAREHOUSE_FAILED = Code("E714")
KEY_LONG = Code("E748")
VALUE_OUTSIDE = Code("E329")
PAST_OVERLAPS = Code("E345")
ROW_LEFT_OUT = Code("W704")
ROWS_LEFT_OUT = Code("W705")
TOO_MANY_LEFT_OUT = Code("E747")
NO_KEY = Phrase("running.no_key")
SAME_KEY = Phrase("running.same_key")
LONG_KEY = Phrase("running.long_key")
EMPTY = Phrase("running.empty")
OTHER_TYPE = Phrase("running.other_type")
OUTSIDE = Phrase("running.outside")
OVERLAPPING = Phrase("running.overlapping")
OF_BAD_PAST = Phrase("running.of_bad_past")

ZONE_TWICE = Code("E715")
CUSTOMER_UNKNOWN = Code("E716")
ZONE_UNSAID = Code("W701")
NOBODYS_EVENTS = Code("W702")
DAY_PROVISIONAL = Code("W703")
SEED_REVEALED = Code("W754")

"""E930 to E939: a simulation that cannot be made, or that says less than it seems to."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code

PERIOD_TO_COME = Code("E930")
NO_DATA = Code("E931")
NO_ROWS = Code("E934")
WITHOUT_HISTORY = Code("W930")
SEED_MADE_UP = Code("W931")
HISTORY_IN_PART = Code("W932")
HISTORY_NONE = Code("W934")
SEED_UNUSED = Code("W933")

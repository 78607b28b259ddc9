"""E717–E719, E741–E749: warehouses over a network; W706, W707: what `check --warehouse` finds."""

from __future__ import annotations

from ...dsl.diagnostics.diagnostic import Code, Phrase

WAREHOUSE_FORBIDDEN = Code("E717")
WAREHOUSE_DRIVER = Code("E718")
WAREHOUSE_SERVER = Code("E719")
WAREHOUSE_PASSWORD = Code("E741")
WAREHOUSE_ADDRESS = Code("E742")
WAREHOUSE_LOST = Code("E743")
WAREHOUSE_OPTION = Code("E745")

KNOWN_OPTIONS = Phrase("warehouses.known_options")

WORD_MISSING = Code("W706")
NONE_IS_EQUAL = Phrase("warehouses.none_is_equal")
NONE_CONTAINS = Phrase("warehouses.none_contains")
NONE_STARTS = Phrase("warehouses.none_starts")
RANGE_BROKEN = Code("W707")
